package sluice.nvme;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import sluice.nvme.agent.IdleStrategy;
import sluice.vfio.PciFunction;

/**
 * Waits for a device, with a deadline. Between two looks the function has its turn, so that a
 * virtual drive that shares this thread moves on.
 */
final class Waiting {
  private final PciFunction function;
  private final LongSupplier clock;
  private final Supplier<IdleStrategy> idle;

  Waiting(PciFunction function, ControllerOptions options) {
    this.function = function;
    this.clock = options.nanoClock();
    this.idle = options.idle();
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
        throw new NvmeException(function.address() + " is gone");
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
