package sluice.nvme;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import sluice.support.agent.IdleStrategy;

/**
 * Waits for a device, with a deadline. Between two looks the transport has its turn, so that a
 * virtual drive that shares this thread moves on.
 */
final class Waiting {
  /** So that deadlines are seen, and a device that forgot its interrupt costs time, not all. */
  static final long LONGEST_SLEEP_NANOS = 20_000_000;

  private final ControllerTransport transport;
  private final LongSupplier clock;
  private final Supplier<IdleStrategy> idle;

  Waiting(ControllerTransport transport, ControllerOptions options) {
    this(transport, options, options.idle());
  }

  /** With another way to spend the time between two looks than the options say. */
  Waiting(ControllerTransport transport, ControllerOptions options, Supplier<IdleStrategy> idle) {
    this.transport = transport;
    this.clock = options.nanoClock();
    this.idle = idle;
  }

  /** Sleeps until a queue may have a completion between two looks, if that is possible. */
  static Waiting forQueue(
      ControllerTransport transport, ControllerOptions options, QueueTransport queue) {
    if (!queue.canWait()) {
      return new Waiting(transport, options);
    }
    return new Waiting(
        transport,
        options,
        () ->
            work -> {
              if (work == 0) {
                boolean _ = queue.await(LONGEST_SLEEP_NANOS);
              }
            });
  }

  /**
   * Waits until a condition holds.
   *
   * @return false if it does not at the deadline
   * @throws NvmeException if the controller is gone
   */
  boolean until(BooleanSupplier condition, Duration timeout) {
    IdleStrategy strategy = idle.get();
    long start = clock.getAsLong();
    while (true) {
      int work = transport.poll();
      if (condition.getAsBoolean()) {
        return true;
      }
      if (!transport.isPresent()) {
        throw new NvmeException(transport.address() + " " + transport.absence());
      }
      if (clock.getAsLong() - start > timeout.toNanos()) {
        // If it was this process that was held up, the device may have done its part by now.
        int _ = transport.poll();
        return condition.getAsBoolean();
      }
      strategy.idle(work);
    }
  }
}
