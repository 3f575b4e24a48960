package sluice.recorder.write;

import java.util.List;
import java.util.function.Supplier;

/**
 * What the open entry of the catalogue is told of a recording while it runs. Used by the writer's
 * thread.
 */
interface Notes {
  /**
   * The index is being written, and a Flush will follow: what there is now will be durable then.
   */
  void aim(Supplier<WriterResult> now);

  /** What was aimed at is durable. */
  void reached();

  /** Whether it is on the drive for good which pieces of the index are left out. */
  boolean isNoted(List<Integer> leftOut);

  /**
   * Notes as soon as it can which pieces of the index are left out. What it noted before of how
   * much there is stays so.
   *
   * @param entries that the index has room for
   * @return whether a Flush is needed for it to go on
   */
  boolean note(List<Integer> leftOut, long entries);

  /** Whether it can note no more. */
  boolean isOff();

  /** The status of the write that failed for good. */
  int failure();

  /** A Flush was requested. */
  void flushRequested();

  /** The Flush has completed. */
  void flushed();

  /** Writes a note that is to be written; returns 1 if it has begun to. */
  int doWork();

  /** Its write has completed. */
  void completed(int status);

  /** Whether nothing of it is under way. What has not begun will not. */
  boolean isSettled();

  /** The newest generation that may be on the drive. */
  int generation();
}
