package sluice.nvme;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import sluice.support.agent.IdleStrategy;
import sluice.vfio.Interrupt;
import sluice.vfio.PciFunction;

/**
 * Waits for a device, with a deadline. Between two looks the function has its turn, so that a
 * virtual drive that shares this thread moves on.
 */
final class Waiting {
  /** So that deadlines are seen, and a device that forgot its interrupt costs time, not all. */
  static final long LONGEST_SLEEP_NANOS = 20_000_000;

  private final PciFunction function;
  private final LongSupplier clock;
  private final Supplier<IdleStrategy> idle;

  Waiting(PciFunction function, ControllerOptions options) {
    this(function, options, options.idle());
  }

  /** With another way to spend the time between two looks than the options say. */
  Waiting(PciFunction function, ControllerOptions options, Supplier<IdleStrategy> idle) {
    this.function = function;
    this.clock = options.nanoClock();
    this.idle = idle;
  }

  /**
   * Sleeps until an interrupt between two looks.
   *
   * @param interrupt null when there is none
   */
  static Waiting forInterrupt(
      PciFunction function, ControllerOptions options, Interrupt interrupt) {
    if (interrupt == null) {
      return new Waiting(function, options);
    }
    return new Waiting(
        function,
        options,
        () ->
            work -> {
              if (work == 0) {
                boolean _ = interrupt.await(LONGEST_SLEEP_NANOS);
              }
            });
  }

  /**
   * Waits until a condition holds.
   *
   * @return false if it does not at the deadline
   * @throws NvmeException if the function is gone
   */
  boolean until(BooleanSupplier condition, Duration timeout) {
    IdleStrategy strategy = idle.get();
    long start = clock.getAsLong();
    while (true) {
      int work = function.poll();
      if (condition.getAsBoolean()) {
        return true;
      }
      if (!function.isPresent()) {
        throw new NvmeException(function.address() + " " + function.absence());
      }
      if (clock.getAsLong() - start > timeout.toNanos()) {
        // If it was this process that was held up, the device may have done its part by now.
        int _ = function.poll();
        return condition.getAsBoolean();
      }
      strategy.idle(work);
    }
  }
}
