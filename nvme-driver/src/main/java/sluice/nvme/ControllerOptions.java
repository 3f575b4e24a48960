package sluice.nvme;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import sluice.nvme.spec.IoCommand;
import sluice.support.agent.IdleStrategy;

/**
 * How a controller is run.
 *
 * @param adminTimeout how long an admin command that is waited for may take before the controller
 *     is reset; one that only watches the drive is never late
 * @param ioTimeout how long an I/O command may take before it is aborted, and then again before the
 *     controller is reset
 * @param maxTransferBytes the largest command where the drive itself has no limit, and the limit
 *     where the drive's is larger; a multiple of 4096, at most 32 MiB
 * @param shadowDoorbells whether to use them when the drive offers them
 * @param idle makes what a thread does while it waits for an admin command or a register
 * @param completions how threads that wait for the drive learn that it is done; a drive that has no
 *     interrupts is polled all the same
 * @param nanoClock the clock of all deadlines
 * @param onEvent told of each asynchronous event (its dword 0, see {@link
 *     sluice.nvme.spec.AsyncEvent}), on the thread that polls the controller
 * @param onNotice told in one line of what the drive does not have or does wrong and what comes of
 *     it, where that is no error: a namespace that is left out, a reset, a shutdown that was not
 *     finished; on any thread that uses the controller
 */
public record ControllerOptions(
    Duration adminTimeout,
    Duration ioTimeout,
    int maxTransferBytes,
    boolean shadowDoorbells,
    Supplier<IdleStrategy> idle,
    CompletionMode completions,
    LongSupplier nanoClock,
    IntConsumer onEvent,
    Consumer<String> onNotice) {

  /** A drive that stands still for half a minute is no drive that has failed. */
  private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(60);

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
   * Admin commands within 60 s, I/O within 30 s, transfers up to 1 MiB, shadow doorbells, polled.
   */
  public static ControllerOptions defaults() {
    return new ControllerOptions(
        ADMIN_TIMEOUT,
        Duration.ofSeconds(30),
        1 << 20,
        true,
        IdleStrategy::backingOff,
        CompletionMode.POLLED,
        System::nanoTime,
        event -> {},
        notice -> {});
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
        onEvent,
        onNotice);
  }

  /** Gives admin commands as much time at least: a drive that stands still does so for both. */
  public ControllerOptions withIoTimeout(Duration timeout) {
    return new ControllerOptions(
        timeout.compareTo(adminTimeout) > 0 ? timeout : adminTimeout,
        timeout,
        maxTransferBytes,
        shadowDoorbells,
        idle,
        completions,
        nanoClock,
        onEvent,
        onNotice);
  }

  public ControllerOptions withMaxTransferBytes(int bytes) {
    return new ControllerOptions(
        adminTimeout,
        ioTimeout,
        bytes,
        shadowDoorbells,
        idle,
        completions,
        nanoClock,
        onEvent,
        onNotice);
  }

  public ControllerOptions withShadowDoorbells(boolean wanted) {
    return new ControllerOptions(
        adminTimeout,
        ioTimeout,
        maxTransferBytes,
        wanted,
        idle,
        completions,
        nanoClock,
        onEvent,
        onNotice);
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
        onEvent,
        onNotice);
  }

  public ControllerOptions withCompletions(CompletionMode mode) {
    return new ControllerOptions(
        adminTimeout,
        ioTimeout,
        maxTransferBytes,
        shadowDoorbells,
        idle,
        mode,
        nanoClock,
        onEvent,
        onNotice);
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
        onEvent,
        onNotice);
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
        listener,
        onNotice);
  }

  public ControllerOptions withOnNotice(Consumer<String> listener) {
    return new ControllerOptions(
        adminTimeout,
        ioTimeout,
        maxTransferBytes,
        shadowDoorbells,
        idle,
        completions,
        nanoClock,
        onEvent,
        listener);
  }
}
