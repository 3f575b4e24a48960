package sluice.nvme;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import sluice.vfio.PciFunction;

/**
 * A controller's way through resets: from disabled to set up, or to failed for good. A controller
 * that does not come up is tried again a few times: it may be in the middle of what made the reset
 * necessary.
 *
 * <p>Each reset begins a generation. What was told to the controller in an earlier one it has
 * forgotten, and the memory that it was told of may be freed; after a reset that failed only if it
 * cannot reach memory any more.
 *
 * <p>The controller's lock guards whatever changes; questions may be asked from any thread.
 */
final class Recovery {
  private static final int ATTEMPTS = 3;
  private static final int REFUSED = Integer.MIN_VALUE;
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final PciFunction function;
  private final ControllerRegisters registers;
  private final Waiting waiting;
  private final Notices notices;
  private final Runnable bringUp;
  private final AtomicInteger generation = new AtomicInteger();
  private volatile int usable;
  private volatile boolean refusesQueues;
  private volatile NvmeException failure;

  /** Whether a controller that has failed may still reach memory. */
  private volatile boolean reachesMemory;

  /** False while the controller is brought up, for the first time or after a reset. */
  private boolean up;

  /**
   * @param bringUp enables the disabled controller and sets it up
   */
  Recovery(
      PciFunction function,
      ControllerRegisters registers,
      Waiting waiting,
      Notices notices,
      Runnable bringUp) {
    this.function = function;
    this.registers = registers;
    this.waiting = waiting;
    this.notices = notices;
    this.bringUp = bringUp;
  }

  /** As {@link #generation}, until queues are refused: then one that no queue has seen. */
  int usableGeneration() {
    return usable;
  }

  /** From now on no queue is used any more. */
  void refuseQueues() {
    refusesQueues = true;
    usable = REFUSED;
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

  /** To be called when the controller has been brought up for the first time. */
  void begin() {
    up = true;
  }

  /** Whether the controller is up; if not, a late command is for who brings it up to deal with. */
  boolean isUp() {
    return up;
  }

  /** The controller is about to be shut down: no late command is worth a reset any more. */
  void end() {
    up = false;
  }

  /**
   * Resets the controller and brings it up again.
   *
   * @throws NvmeException if that does not work: the controller has failed then
   */
  void restart() {
    up = false;
    try {
      for (int attempt = 1; !tryRestart(attempt); attempt++) {
        // A function that is gone ends the wait, and the attempts, with an exception.
        boolean _ = waiting.until(() -> false, PAUSE);
      }
      up = true;
    } catch (RuntimeException e) {
      // Whatever it was told to do it may still be doing: what it cannot reach it cannot harm.
      reachesMemory = !function.config().disableBusMaster();
      failure = e instanceof NvmeException known ? known : new NvmeException(e.getMessage(), e);
      throw failure;
    } finally {
      int now = generation.incrementAndGet();
      usable = refusesQueues ? REFUSED : now;
      if (refusesQueues) {
        usable = REFUSED;
      }
    }
  }

  /** Returns false if it has failed and is worth another attempt. */
  private boolean tryRestart(int attempt) {
    try {
      // Whoever else may have reset the function has turned this off.
      function.config().enableBusMaster();
      disable();
      bringUp.run();
      return true;
    } catch (NvmeException e) {
      if (attempt == ATTEMPTS || !function.isPresent()) {
        throw e;
      }
      notices.add("does not come back from its reset, which is tried again: " + e.getMessage());
      return false;
    }
  }

  /** A command that is late may still write to memory: only a reset ends it for sure. */
  void restartAfter(NvmeException cause) {
    if (!up) {
      return;
    }
    notices.add("is reset: " + cause.getMessage());
    try {
      restart();
    } catch (NvmeException e) {
      cause.addSuppressed(e);
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
