package sluice.virtual.personality;

/**
 * When commands complete, as the personality says. Times are readings of the drive's clock. Used in
 * the drive's turns.
 *
 * <p>Data goes through one pipe, in the order of the commands: a command's data is through when the
 * pipe is free again, and the command completes its latency later.
 */
public final class Timing {
  private static final double NANOS_PER_SECOND = 1e9;

  private final Personality personality;
  private final Pauses pauses;
  private final long origin;
  private final double nanosPerByte;
  private final double nanosPerByteAfter;

  /** When the pipe has moved all data that was given to it, in nanoseconds after the origin. */
  private double pipeFree;

  /** Bytes in the write cache. */
  private double cached;

  public Timing(Personality personality, long now) {
    this.personality = personality;
    this.pauses = new Pauses(personality, now);
    this.nanosPerByte =
        personality.bandwidth() == 0 ? 0 : NANOS_PER_SECOND / personality.bandwidth();
    this.nanosPerByteAfter = personality.after() == 0 ? 0 : NANOS_PER_SECOND / personality.after();
    this.origin = now;
  }

  /** Whether the drive makes a pause now: nothing completes. */
  public boolean isPaused(long now) {
    return pauses.isPaused(now);
  }

  /** When a command that is executed now completes. */
  public long due(long now, long bytes, boolean isWrite) {
    if (bytes == 0) {
      return now + personality.latency();
    }
    double start = Math.max((double) (now - origin), pipeFree);
    double nanos = bytes * nanosPerByte;
    if (isWrite && personality.cliff() > 0) {
      nanos = writeNanos(start, bytes);
    }
    pipeFree = start + nanos;
    return origin + (long) pipeFree + personality.latency();
  }

  private double writeNanos(double start, long bytes) {
    // While the pipe was idle the drive has moved its cache to the slower cells.
    double idle = start - pipeFree;
    cached = Math.max(0, cached - idle / nanosPerByteAfter);
    double fast = Math.min((double) bytes, personality.cliff() - cached);
    cached += fast;
    return fast * nanosPerByte + (bytes - fast) * nanosPerByteAfter;
  }
}
