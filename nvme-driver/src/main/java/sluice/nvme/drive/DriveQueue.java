package sluice.nvme.drive;

import sluice.nvme.CompletionHandler;
import sluice.nvme.IoQueue;
import sluice.support.agent.IdleStrategy;
import sluice.vfio.DmaMemory;

/**
 * A queue to a drive: requests go out, completions come back, nothing waits. Requests may complete
 * in any order, and what is outstanding at once may happen in any order. Used by one thread.
 *
 * <p>Addresses are bytes from the start of the drive; they and lengths are whole blocks. The memory
 * of a request belongs to the drive until its completion is reported. A request method returns
 * false when there is no room: poll, and try again. None of them allocates.
 */
public interface DriveQueue extends AutoCloseable {
  /** {@link #pollNow}: nothing goes on before {@link #poll} has waited. */
  int MUST_WAIT = IoQueue.MUST_WAIT;

  int depth();

  /** Requests that have not been reported yet. */
  int outstanding();

  boolean read(long address, int length, DmaMemory memory, long offset, long tag);

  /**
   * @param durable whether its completion shall say that it is durable (Force Unit Access);
   *     otherwise a later {@link #flush} does
   */
  boolean write(long address, int length, DmaMemory memory, long offset, boolean durable, long tag);

  /** Makes durable what was reported as written before this is requested. */
  boolean flush(long tag);

  /** Tells the drive of all requests since the last ring or poll. */
  void ring();

  /**
   * Rings, and reports what has completed.
   *
   * @return how many requests were reported
   * @throws sluice.nvme.NvmeException if the drive is gone or has failed
   */
  int poll(CompletionHandler handler);

  /**
   * As {@link #poll}, but waits for nothing: a drive that is to be reset, or was, is left to that
   * method, which another thread may call that becomes the queue's owner for so long.
   *
   * @return also {@link #MUST_WAIT}
   */
  default int pollNow(CompletionHandler handler) {
    return poll(handler);
  }

  /**
   * What an agent that polls this queue does between two turns.
   *
   * @param otherwise what it does when the drive has nothing better
   */
  default IdleStrategy idle(IdleStrategy otherwise) {
    return otherwise;
  }

  @Override
  void close();
}
