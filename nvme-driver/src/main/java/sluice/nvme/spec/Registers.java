package sluice.nvme.spec;

/**
 * The controller's registers: offsets in BAR 0 (NVMe 1.4, section 3.1).
 *
 * <pre>
 *   00h CAP    | capabilities, 64 bits, read-only     {@link Cap}
 *   08h VS     | version                              {@link Version}
 *   0Ch INTMS  | interrupt mask set
 *   10h INTMC  | interrupt mask clear
 *   14h CC     | controller configuration             {@link Cc}
 *   1Ch CSTS   | controller status                    {@link Csts}
 *   20h NSSR   | NVM subsystem reset, if CAP.NSSRS
 *   24h AQA    | admin queue sizes                    {@link Aqa}
 *   28h ASQ    | admin submission queue's address, 64 bits
 *   30h ACQ    | admin completion queue's address, 64 bits
 * 1000h        | doorbells: of queue y the submission tail at 1000h + 2y × (4 &lt;&lt; DSTRD),
 *              | the completion head at 1000h + (2y + 1) × (4 &lt;&lt; DSTRD)
 * </pre>
 */
public final class Registers {
  public static final int CAP = 0x00;
  public static final int VS = 0x08;
  public static final int INTMS = 0x0c;
  public static final int INTMC = 0x10;
  public static final int CC = 0x14;
  public static final int CSTS = 0x1c;
  public static final int NSSR = 0x20;
  public static final int AQA = 0x24;
  public static final int ASQ = 0x28;
  public static final int ACQ = 0x30;
  public static final int CMBLOC = 0x38;
  public static final int CMBSZ = 0x3c;

  /** The first doorbell: the admin submission queue's tail. */
  public static final int DOORBELLS = 0x1000;

  private Registers() {}

  /** Offset of a submission queue's tail doorbell (section 3.1.23). */
  public static long submissionDoorbell(int queue, int dstrd) {
    return DOORBELLS + (2L * queue) * (4L << dstrd);
  }

  /** Offset of a completion queue's head doorbell (section 3.1.24). */
  public static long completionDoorbell(int queue, int dstrd) {
    return DOORBELLS + (2L * queue + 1) * (4L << dstrd);
  }

  /** Bytes from the BAR's start that hold all doorbells of queues 0 to {@code lastQueue}. */
  public static long bytesForQueues(int lastQueue, int dstrd) {
    return completionDoorbell(lastQueue, dstrd) + Integer.BYTES;
  }
}
