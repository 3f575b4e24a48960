package sluice.virtual.media;

/**
 * What a drive's engine asks of the place of its bytes: done at once, or later. Used in the drive's
 * turns alone; offsets and lengths are whole logical blocks within {@link #size}, memory is named
 * by its address.
 *
 * <p>A call answers {@link #DONE}, an NVMe status with which it failed, or {@link #LATER}: then
 * {@link #poll} tells the end of it, once, with the tag that it was given. Memory that was named is
 * the media's until then. That is why a host's memory, which may be gone in the next turn, is named
 * in {@link #readNow} and {@link #writeNow} alone, which keep nothing.
 *
 * <p>What is under way at the same time is done in any order; who cares waits.
 */
public interface Media extends AutoCloseable {
  /** It is done. */
  int DONE = 0;

  /** It will be told of by {@link #poll}. */
  int LATER = -1;

  /** Is told what has ended. */
  @FunctionalInterface
  interface Completions {
    /**
     * @param tag as it was given
     * @param status {@link #DONE}, or an NVMe status
     */
    void completed(int tag, int status);
  }

  /** Bytes. */
  long size();

  /**
   * Reads bytes to memory that is not kept.
   *
   * @return {@link #DONE}, a status, or {@link #LATER} if that cannot be had at once: nothing is
   *     under way then, and memory may have some of the bytes
   */
  int readNow(long offset, long address, long length);

  /**
   * Writes bytes from memory that is not kept.
   *
   * @return as {@link #readNow}
   */
  int writeNow(long offset, long address, long length);

  /** Reads bytes to memory. What was never written, or was zeroed, reads as zeros. */
  int read(long offset, long address, long length, int tag);

  /** Writes bytes from memory. */
  int write(long offset, long address, long length, int tag);

  /** Makes bytes read as zeros, and gives their space back if that can be. */
  int zero(long offset, long length, int tag);

  /**
   * Gives the space of bytes back, which read as zeros then; does nothing where that is not to be
   * had cheaply, for it is advice.
   */
  int deallocate(long offset, long length, int tag);

  /**
   * Makes durable what was written to a range, and has ended; more may become so. After a failure
   * all fail: what that one lost does not come back.
   */
  int flush(long offset, long length, int tag);

  /**
   * Tells what has ended since the last call.
   *
   * @return how much
   */
  int poll(Completions completions);

  /**
   * Ends what is under way, makes durable what was written, and gives the bytes' place back.
   *
   * @throws IllegalStateException if what was written may not be durable
   */
  @Override
  void close();
}
