package sluice.recorder.source;

/**
 * When a stream ends that would go on: whichever comes first.
 *
 * @param bytes after so many; {@link Long#MAX_VALUE} for no limit
 * @param datagrams after so many; {@link Long#MAX_VALUE} for no limit
 * @param idleNanos when nothing has come for so long after something had; {@link Long#MAX_VALUE}
 *     for no limit
 */
record Limits(long bytes, long datagrams, long idleNanos) {
  static final Limits NONE = new Limits(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);

  Limits {
    if (bytes <= 0 || datagrams <= 0 || idleNanos <= 0) {
      throw new IllegalArgumentException("a stream's limit must be more than 0");
    }
  }
}
