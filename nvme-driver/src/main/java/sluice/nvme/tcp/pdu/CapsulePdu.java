package sluice.nvme.tcp.pdu;

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

  private CapsulePdu() {}
}
