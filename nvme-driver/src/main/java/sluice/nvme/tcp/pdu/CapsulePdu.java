package sluice.nvme.tcp.pdu;

import sluice.support.memory.OffHeap;

/**
 * A command or a response: CapsuleCmd and CapsuleResp (sections 3.6.2.6 and 3.6.2.7).
 *
 * <pre>
 *  CapsuleCmd    0 | common header | 8 | submission queue entry, 64 bytes | 72 | data in the capsule
 *  CapsuleResp   0 | common header | 8 | completion queue entry, 16 bytes | 24
 * </pre>
 */
public final class CapsulePdu {
  /** Bytes of a command's header. */
  public static final int COMMAND_BYTES = 72;

  /** Bytes of a response, which is all header. */
  public static final int RESPONSE_BYTES = 24;

  /** Where the entry is. */
  public static final int ENTRY = 8;

  private static final int HEAD = 8;
  private static final int IDENTIFIER = 12;

  private CapsulePdu() {}

  /**
   * Writes a response, behind the common header.
   *
   * @param result dwords 0 and 1
   * @param head how far the submission queue has been taken, SQHD
   * @param status as {@link sluice.queues.CompletionEntry#status}
   */
  public static void response(long pdu, long result, int head, int commandId, int status) {
    OffHeap.putLong(pdu + ENTRY, result);
    OffHeap.putInt(pdu + ENTRY + HEAD, head & 0xffff);
    OffHeap.putInt(pdu + ENTRY + IDENTIFIER, (commandId & 0xffff) | status << 17);
  }
}
