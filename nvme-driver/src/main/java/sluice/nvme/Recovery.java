package sluice.nvme;

import java.util.concurrent.atomic.AtomicInteger;
import sluice.vfio.PciFunction;

/**
 * A controller's way through resets: from disabled to set up, or to failed for good.
 *
 * <p>Each reset begins a generation. What was told to the controller in an earlier one it has
 * forgotten, and the memory that it was told of may be freed; after a reset that failed only if it
 * cannot reach memory any more.
 *
 * <p>The controller's lock guards whatever changes; questions may be asked from any thread.
 */
final class Recovery {
  private final PciFunction function;
  private final ControllerRegisters registers;
  private final Runnable bringUp;
  private final AtomicInteger generation = new AtomicInteger();
  private volatile NvmeException failure;

  /** Whether a controller that has failed may still reach memory. */
  private volatile boolean reachesMemory;

  /** False while the controller is brought up, for the first time or after a reset. */
  private boolean up;

  /**
   * @param bringUp enables the disabled controller and sets it up
   */
  Recovery(PciFunction function, ControllerRegisters registers, Runnable bringUp) {
    this.function = function;
    this.registers = registers;
    this.bringUp = bringUp;
  }

  /** Counts resets. Queues compare it with what they saw when they were created. */
  int generation() {
    return generation.get();
  }

  /** What the controller has failed of; null if it runs. */
  NvmeException failure() {
    return failure;
  }

  /** Whether the controller reaches no memory any more that it was told of in a generation. */
  boolean hasForgotten(int seenGeneration) {
    return !function.isPresent() || (generation.get() != seenGeneration && !reachesMemory);
  }

  /** The controller was brought up for the first time. */
  void isUp() {
    up = true;
  }

  /**
   * Resets the controller and brings it up again.
   *
   * @throws NvmeException if that does not work: the controller has failed then
   */
  void restart() {
    up = false;
    // Whoever else may have reset the function has turned this off.
    function.config().enableBusMaster();
    try {
      disable();
      bringUp.run();
      up = true;
    } catch (RuntimeException e) {
      // Whatever it was told to do it may still be doing: what it cannot reach it cannot harm.
      reachesMemory = !function.config().disableBusMaster();
      failure = e instanceof NvmeException known ? known : new NvmeException(e.getMessage(), e);
      throw failure;
    } finally {
      generation.incrementAndGet();
    }
  }

  /** A command that is late may still write to memory: only a reset ends it for sure. */
  void restartAfter(CommandTimeoutException timeout) {
    if (!up) {
      return;
    }
    try {
      restart();
    } catch (NvmeException e) {
      timeout.addSuppressed(e);
    }
  }

  /**
   * Disables the controller; one that does not stop is reset from outside, if its function knows
   * how.
   */
  void disable() {
    try {
      registers.disable();
    } catch (NvmeException e) {
      resetFunction(e);
    }
  }

  private void resetFunction(NvmeException cause) {
    if (!function.isPresent()) {
      throw cause;
    }
    try {
      function.reset();
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
      throw cause;
    }
    function.config().enableBusMaster();
    registers.disable();
  }
}
