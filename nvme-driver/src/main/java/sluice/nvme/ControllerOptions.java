package sluice.nvme;

import java.time.Duration;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import sluice.nvme.agent.IdleStrategy;
import sluice.nvme.spec.IoCommand;

/**
 * How a controller is run.
 *
 * @param adminTimeout how long an admin command may take
 * @param ioTimeout how long an I/O command may take before it is aborted, and the controller reset
 * @param maxTransferBytes the largest command where the drive itself has no limit, and the limit
 *     where the drive's is larger; a multiple of 4096, at most 32 MiB
 * @param shadowDoorbells whether to use them when the drive offers them
 * @param idle makes what a thread does while it waits for an admin command or a register
 * @param completions how threads that wait for the drive learn that it is done; a drive that has no
 *     interrupts is polled all the same
 * @param nanoClock the clock of all deadlines
 * @param onEvent told of each asynchronous event (its dword 0, see {@link
 *     sluice.nvme.spec.AsyncEvent}), on the thread that polls the controller
 */
public record ControllerOptions(
    Duration adminTimeout,
    Duration ioTimeout,
    int maxTransferBytes,
    boolean shadowDoorbells,
    Supplier<IdleStrategy> idle,
    CompletionMode completions,
    LongSupplier nanoClock,
    IntConsumer onEvent) {

  /** What a command can name of the smallest blocks there are. */
  private static final int MAX_TRANSFER_BYTES = IoCommand.MAX_BLOCKS * 512;

  public ControllerOptions {
    if (adminTimeout.isNegative() || adminTimeout.isZero()) {
      throw new IllegalArgumentException("an admin timeout is more than 0, not " + adminTimeout);
    }
    if (ioTimeout.isNegative() || ioTimeout.isZero()) {
      throw new IllegalArgumentException("an I/O timeout is more than 0, not " + ioTimeout);
    }
    if (maxTransferBytes < 4096
        || maxTransferBytes > MAX_TRANSFER_BYTES
        || maxTransferBytes % 4096 != 0) {
      throw new IllegalArgumentException(
          "a largest transfer is a multiple of 4096 up to %d, not %d"
              .formatted(MAX_TRANSFER_BYTES, maxTransferBytes));
    }
  }

  /**
   * Admin commands within 10 s, I/O within 30 s, transfers up to 1 MiB, shadow doorbells, polled.
   */
  public static ControllerOptions defaults() {
    return new ControllerOptions(
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        1 << 20,
        true,
        IdleStrategy::backingOff,
        CompletionMode.POLLED,
        System::nanoTime,
        event -> {});
  }

  public ControllerOptions withAdminTimeout(Duration timeout) {
    return new ControllerOptions(
        timeout,
        ioTimeout,
        maxTransferBytes,
        shadowDoorbells,
        idle,
        completions,
        nanoClock,
        onEvent);
  }

  public ControllerOptions withIoTimeout(Duration timeout) {
    return new ControllerOptions(
        adminTimeout,
        timeout,
        maxTransferBytes,
        shadowDoorbells,
        idle,
        completions,
        nanoClock,
        onEvent);
  }

  public ControllerOptions withMaxTransferBytes(int bytes) {
    return new ControllerOptions(
        adminTimeout, ioTimeout, bytes, shadowDoorbells, idle, completions, nanoClock, onEvent);
  }

  public ControllerOptions withShadowDoorbells(boolean wanted) {
    return new ControllerOptions(
        adminTimeout, ioTimeout, maxTransferBytes, wanted, idle, completions, nanoClock, onEvent);
  }

  public ControllerOptions withIdle(Supplier<IdleStrategy> strategy) {
    return new ControllerOptions(
        adminTimeout,
        ioTimeout,
        maxTransferBytes,
        shadowDoorbells,
        strategy,
        completions,
        nanoClock,
        onEvent);
  }

  public ControllerOptions withCompletions(CompletionMode mode) {
    return new ControllerOptions(
        adminTimeout, ioTimeout, maxTransferBytes, shadowDoorbells, idle, mode, nanoClock, onEvent);
  }

  public ControllerOptions withNanoClock(LongSupplier clock) {
    return new ControllerOptions(
        adminTimeout,
        ioTimeout,
        maxTransferBytes,
        shadowDoorbells,
        idle,
        completions,
        clock,
        onEvent);
  }

  public ControllerOptions withOnEvent(IntConsumer listener) {
    return new ControllerOptions(
        adminTimeout,
        ioTimeout,
        maxTransferBytes,
        shadowDoorbells,
        idle,
        completions,
        nanoClock,
        listener);
  }
}
