package sluice.nvme.spec;

/**
 * Command dwords of Create and Delete I/O Submission and Completion Queue (NVMe 1.4, sections 5.3
 * to 5.6).
 *
 * <pre>
 *                    31            16 15          3  2  1   0
 * CDW10             | QSIZE, 0-based |         QID           |
 * CDW11 of a CQ     | IV             |    rsvd     | |IEN|PC|
 * CDW11 of an SQ    | CQID           |    rsvd     |QPRIO|PC|
 * </pre>
 */
public final class QueueCommand {
  /** CDW11: the queue is physically contiguous. */
  public static final int PHYSICALLY_CONTIGUOUS = 1 << 0;

  /** CDW11 of a completion queue: interrupts enabled. */
  public static final int INTERRUPTS_ENABLED = 1 << 1;

  /** CDW11 of a submission queue: medium priority, where priorities are weighted at all. */
  public static final int QPRIO_MEDIUM = 2 << 1;

  private QueueCommand() {}

  /**
   * @param entries 2 to 65536
   */
  public static int cdw10(int qid, int entries) {
    return Bits.set(Bits.set(0, 0, 16, qid), 16, 16, entries - 1);
  }

  public static int qid(int cdw10) {
    return Bits.get(cdw10, 0, 16);
  }

  /** Entries in the queue, from 1 on; 1 is not a valid size. */
  public static int entries(int cdw10) {
    return Bits.get(cdw10, 16, 16) + 1;
  }

  public static int completionCdw11(boolean interrupts, int vector) {
    int flags = PHYSICALLY_CONTIGUOUS | (interrupts ? INTERRUPTS_ENABLED : 0);
    return Bits.set(flags, 16, 16, vector);
  }

  public static int submissionCdw11(int cqid) {
    return Bits.set(PHYSICALLY_CONTIGUOUS, 16, 16, cqid);
  }

  /** CQID of a submission queue. */
  public static int cqid(int cdw11) {
    return Bits.get(cdw11, 16, 16);
  }

  /** IV of a completion queue: its interrupt vector. */
  public static int vector(int cdw11) {
    return Bits.get(cdw11, 16, 16);
  }
}
