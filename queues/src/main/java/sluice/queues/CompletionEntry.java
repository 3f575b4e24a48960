package sluice.queues;

import sluice.support.memory.OffHeap;

/**
 * The layout of a completion queue entry (NVM Express 1.4, section 4.6), as accessors on its
 * address.
 *
 * <pre>
 *        31                17 16 15                    0
 *  0x00 |           command specific (DW0)              |
 *  0x04 |                   (DW1)                       |
 *  0x08 | submission queue id   | submission queue head |
 *  0x0c |     status        | P |  command identifier   |
 * </pre>
 *
 * The status here is the field's 15 bits without the phase tag: 0 is success.
 */
public final class CompletionEntry {
  /** Bytes in an entry. */
  public static final int BYTES = 16;

  private static final int DW1 = 0x04;
  private static final int DW2 = 0x08;
  private static final int DW3 = 0x0c;
  private static final int PHASE = 1 << 16;

  private CompletionEntry() {}

  /**
   * Whether the entry's phase tag is the given one. Acquire: what the device wrote before it set
   * the tag, the rest of this entry and the command's data, is read after.
   *
   * @param phase 0 or 1
   */
  public static boolean hasPhaseAcquire(long entry, int phase) {
    return ((OffHeap.getIntAcquire(entry + DW3) >>> 16) & 1) == phase;
  }

  /** Dword 0, which a command gives its own meaning. */
  public static int result(long entry) {
    return OffHeap.getInt(entry);
  }

  public static int submissionQueueHead(long entry) {
    return OffHeap.getInt(entry + DW2) & 0xffff;
  }

  public static int submissionQueueId(long entry) {
    return OffHeap.getInt(entry + DW2) >>> 16;
  }

  public static int commandId(long entry) {
    return OffHeap.getInt(entry + DW3) & 0xffff;
  }

  public static int status(long entry) {
    return OffHeap.getInt(entry + DW3) >>> 17;
  }

  /**
   * Writes a whole entry, as a device does: the phase tag last, with release, so that who sees the
   * tag sees the rest.
   *
   * @param status 15 bits
   * @param phase 0 or 1
   */
  public static void writeRelease(
      long entry, int result, int sqHead, int sqId, int commandId, int status, int phase) {
    OffHeap.putInt(entry, result);
    OffHeap.putInt(entry + DW1, 0);
    OffHeap.putInt(entry + DW2, (sqId << 16) | sqHead);
    OffHeap.putIntRelease(entry + DW3, (status << 17) | (phase == 0 ? 0 : PHASE) | commandId);
  }
}
