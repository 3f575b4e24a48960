package sluice.bench.load;

import sluice.bench.job.RateProcess;

/**
 * When the I/Os of a paced job are due. The times follow from the rate alone, not from how fast the
 * drive is: who falls behind is late, and catches up.
 */
public final class Pace {
  private static final long SECOND = 1_000_000_000;

  private final long perSecond;
  private final boolean countsBytes;
  private final boolean poisson;
  private final RandomNumbers random;
  private long due;
  private long rest;
  private long issuedBytes;
  private long issuedIos;

  private Pace(long perSecond, boolean countsBytes, RateProcess process, long seed) {
    if (perSecond < 1) {
      throw new IllegalArgumentException("a pace needs a rate: " + perSecond);
    }
    this.perSecond = perSecond;
    this.countsBytes = countsBytes;
    this.poisson = process == RateProcess.POISSON;
    this.random = new RandomNumbers(seed);
  }

  /** So many bytes per second, 1 or more. */
  public static Pace ofBytes(long perSecond, RateProcess process, long seed) {
    return new Pace(perSecond, true, process, seed);
  }

  /** So many I/Os per second, 1 or more. */
  public static Pace ofIos(long perSecond, RateProcess process, long seed) {
    return new Pace(perSecond, false, process, seed);
  }

  /** The first I/O is due now. */
  public void start(long nanos) {
    due = nanos;
    rest = 0;
  }

  /** When the next I/O is due, in nanoseconds of the clock that {@link #start} was told. */
  public long due() {
    return due;
  }

  /**
   * What is due by now and not out, in bytes: whole I/Os.
   *
   * @param length of an I/O, where none was issued yet
   */
  public long waitingBytes(long nanos, int length) {
    long late = nanos - due;
    if (late < 0) {
      return 0;
    }
    long each = issuedIos == 0 ? length : Math.max(1, issuedBytes / issuedIos);
    double more = (double) late * perSecond / SECOND;
    return (1 + (long) (countsBytes ? more / each : more)) * each;
  }

  /** The I/O that was due is out; the next one's time is settled by how much it was. */
  public void issued(int bytes) {
    issuedBytes += bytes;
    issuedIos++;
    long amount = countsBytes ? bytes : 1;
    if (poisson) {
      double mean = (double) amount * SECOND / perSecond;
      due += (long) (-Math.log(1 - random.nextDouble()) * mean);
    } else {
      // What a division leaves over is not lost: after a second, exactly the rate is out.
      long nanos = amount * SECOND + rest;
      due += nanos / perSecond;
      rest = nanos % perSecond;
    }
  }
}
