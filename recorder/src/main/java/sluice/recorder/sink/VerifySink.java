package sluice.recorder.sink;

import sluice.recorder.Sink;
import sluice.recorder.StreamException;
import sluice.recorder.stream.Pattern;

/**
 * Compares a played stream with the generator's pattern, gaps and all: after a gap the pattern goes
 * on where it would be. Used by one thread, figures may be read by any afterwards.
 */
public final class VerifySink implements Sink {
  private final Pattern pattern;
  private long offset;
  private long verified;
  private long missing;
  private long mismatch = -1;

  /**
   * @param pattern what is expected
   * @param streamOffset where in it the first byte belongs
   */
  public VerifySink(Pattern pattern, long streamOffset) {
    this.pattern = pattern;
    this.offset = streamOffset;
  }

  @Override
  public long write(long address, long length) {
    if (mismatch < 0) {
      mismatch = pattern.verify(address, length, offset);
      verified += mismatch < 0 ? length : mismatch - offset;
    }
    offset += length;
    return length;
  }

  @Override
  public void gap(long bytes) {
    offset += bytes;
    missing += bytes;
  }

  /** Bytes that were right, up to the first that was not. */
  public long verifiedBytes() {
    return verified;
  }

  /** Bytes in gaps. */
  public long missingBytes() {
    return missing;
  }

  /** The stream offset of the first byte that was wrong; -1 if none was. */
  public long mismatch() {
    return mismatch;
  }

  /**
   * Gives the verdict.
   *
   * @throws StreamException if a byte was wrong
   */
  @Override
  public void finish() {
    if (mismatch >= 0) {
      throw new StreamException("the stream is not the pattern: it differs at byte " + mismatch);
    }
  }

  @Override
  public void close() {}
}
