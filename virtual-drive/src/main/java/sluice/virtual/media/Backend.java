package sluice.virtual.media;

/**
 * Where a virtual drive keeps its bytes. Used in the drive's turns alone; offsets and lengths are
 * whole logical blocks within {@link #size}, memory is named by its address.
 *
 * <p>Writes are in a cache until a flush: {@link #requestFlush} asks, {@link #flushed} tells, so
 * that a turn never waits for a disk. A failure is a {@link sluice.support.linux.LinuxException}; a
 * range that is not within is an {@link IndexOutOfBoundsException}.
 */
public interface Backend extends AutoCloseable {
  /** Bytes. */
  long size();

  /**
   * The second wall behind the checks of a command: no access beyond the bytes that are there.
   *
   * @throws IndexOutOfBoundsException if part of the range is
   */
  static void checkRange(long offset, long length, long size) {
    if ((offset | length) < 0 || offset > size - length) {
      throw new IndexOutOfBoundsException(
          length + " bytes at " + offset + " are not within the " + size);
    }
  }

  /** Reads bytes to memory. What was never written, or was zeroed, reads as zeros. */
  void read(long offset, long address, long length);

  /** Writes bytes from memory. */
  void write(long offset, long address, long length);

  /** Makes bytes read as zeros, and gives their space back if that can be. */
  void zero(long offset, long length);

  /**
   * Gives the space of bytes back, which read as zeros then; does nothing where that is not to be
   * had cheaply, for it is advice.
   */
  default void deallocate(long offset, long length) {
    zero(offset, length);
  }

  /**
   * Asks that what was written before to a range becomes durable; more may become so.
   *
   * @return a ticket, no smaller than those given before
   */
  long requestFlush(long offset, long length);

  /** The ticket up to which flushes have completed. */
  long flushed();

  /**
   * Why a flush failed: what was written before it may not be durable. Once there is a failure it
   * stays: a later flush that succeeds does not bring back what the failed one lost.
   *
   * @return null if none has failed
   */
  RuntimeException flushFailure();

  /** Makes durable what was written, and gives the bytes' place back. */
  @Override
  void close();
}
