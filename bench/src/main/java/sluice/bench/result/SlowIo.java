package sluice.bench.result;

/**
 * One of a job's slowest I/Os.
 *
 * @param nanos its latency, from submission to completion
 * @param others how many other I/Os of the job were out when it was seen to be done
 * @param stalledNanos for how long of its latency this machine did not look, or did not run a drive
 *     in software: as much of it may not be the drive's
 */
public record SlowIo(Io io, long nanos, int others, long stalledNanos) {

  /** Whether half of its latency or more may be this machine's. */
  public boolean isLateByStall() {
    return stalledNanos > 0 && stalledNanos >= nanos - stalledNanos;
  }
}
