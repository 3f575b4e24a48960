package sluice.support.time;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.support.linux.Clocks;

/**
 * The system's time of day to the nanosecond, as CLOCK_REALTIME tells it: when that clock is set,
 * this one steps with it, forwards or backwards. Allocates nothing. One instance per thread.
 */
public final class SystemNanoClock implements NanoClock {
  private final MemorySegment timespec = Arena.ofAuto().allocate(Clocks.TIMESPEC_BYTES, Long.BYTES);
  private final long address = timespec.address();

  @Override
  public long nanos() {
    return Clocks.realTime(address);
  }
}
