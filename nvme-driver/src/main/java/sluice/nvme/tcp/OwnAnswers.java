package sluice.nvme.tcp;

import sluice.queues.CompletionEntry;
import sluice.support.memory.OffHeap;

/** What came of the transport's own commands. Used by the connection's owner. */
final class OwnAnswers {
  private static final int DW1 = 4;

  private boolean hasAnswer;
  private int status;
  private long result;

  /** A call goes out. */
  void begin() {
    hasAnswer = false;
  }

  /**
   * A response.
   *
   * @param isCall whether to the call; what a Keep Alive answers does not matter
   */
  void take(boolean isCall, long entry) {
    if (isCall) {
      hasAnswer = true;
      status = CompletionEntry.status(entry);
      result =
          Integer.toUnsignedLong(OffHeap.getInt(entry))
              | (long) OffHeap.getInt(entry + DW1) << Integer.SIZE;
    }
  }

  /** Success, and no response. */
  void succeed(boolean isCall) {
    if (isCall) {
      hasAnswer = true;
      status = 0;
      result = 0;
    }
  }

  /** Whether the call has been answered. */
  boolean hasAnswer() {
    return hasAnswer;
  }

  /** The call's status. */
  int status() {
    return status;
  }

  /** Dwords 0 and 1 of the call's completion. */
  long result() {
    return result;
  }
}
