package sluice.support.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import sluice.support.memory.OffHeap;

/** The kernel's clocks (clock_gettime(2)), read without a system call and without allocation. */
public final class Clocks {
  /** Bytes of a {@code struct timespec}: seconds and nanoseconds, 8 bytes each. */
  public static final int TIMESPEC_BYTES = 16;

  private static final int CLOCK_REALTIME = 0;
  private static final int NANOSECONDS = 8;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private static final MethodHandle CLOCK_GETTIME =
      Downcall.plain("clock_gettime", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));

  private Clocks() {}

  /**
   * The time of day in nanoseconds since 1970-01-01T00:00:00Z.
   *
   * @param timespec address of {@link #TIMESPEC_BYTES} bytes that nobody else uses meanwhile
   */
  public static long realTime(long timespec) {
    try {
      // It cannot fail for this clock and memory that is there.
      int _ = (int) CLOCK_GETTIME.invokeExact(CLOCK_REALTIME, timespec);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    return OffHeap.getLong(timespec) * NANOS_PER_SECOND + OffHeap.getLong(timespec + NANOSECONDS);
  }
}
