package sluice.recorder;

/**
 * How a recording stands, at about one instant.
 *
 * @param writtenBytes stream bytes whose writes have completed, gaps included
 * @param durableBytes stream bytes that will be found whatever happens now
 * @param recordedBytes written bytes without gaps
 * @param committedBytes bytes that the producer has put into the ring so far
 * @param gaps how many there are in what was written
 * @param lostBytes bytes lost so far, also those whose gap is not written yet
 * @param ringBytes the ring's size
 * @param ringFillBytes bytes of it that hold data, slots counted as a whole
 * @param highWaterBytes the most that it ever held
 * @param inFlight writes under way
 * @param pauses times that are over when no write completed for longer than the threshold
 * @param longestPauseNanos the longest of them
 * @param pausedNanos all of them together
 * @param currentPauseNanos for how long none has completed now, though some are under way
 * @param longestWriteNanos the slowest write
 * @param lastAddress the drive address after the last byte written
 * @param retries requests that the drive failed and that were tried again
 * @param flushes Flushes that have completed
 * @param longestFlushNanos the slowest of them
 */
public record RecorderStatus(
    long writtenBytes,
    long durableBytes,
    long recordedBytes,
    long committedBytes,
    long gaps,
    long lostBytes,
    long ringBytes,
    long ringFillBytes,
    long highWaterBytes,
    long inFlight,
    long pauses,
    long longestPauseNanos,
    long pausedNanos,
    long currentPauseNanos,
    long longestWriteNanos,
    long lastAddress,
    long retries,
    long flushes,
    long longestFlushNanos) {

  /** For how long the ring takes a stream of this rate if the drive pauses now, in nanoseconds. */
  public long headroomNanos(double bytesPerSecond) {
    return (long) ((ringBytes - ringFillBytes) / bytesPerSecond * 1e9);
  }
}
