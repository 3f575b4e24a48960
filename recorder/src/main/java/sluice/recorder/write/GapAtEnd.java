package sluice.recorder.write;

/** What of a stream's end is not kept, counted until the index is told of it as one gap. */
final class GapAtEnd {
  private long bytes;
  private long timeNanos;
  private boolean isEstimated;

  /**
   * Adds what is not kept.
   *
   * @param when the first of it came, of a clock of the wall
   * @param isEstimate whether nobody knows its size exactly
   */
  void add(long more, long when, boolean isEstimate) {
    if (more > 0) {
      isEstimated |= isEstimate;
      if (bytes == 0) {
        timeNanos = when;
      }
      bytes += more;
    }
  }

  long bytes() {
    return bytes;
  }

  long timeNanos() {
    return timeNanos;
  }

  boolean isEstimated() {
    return isEstimated;
  }

  /** It was told. */
  void clear() {
    bytes = 0;
    isEstimated = false;
  }
}
