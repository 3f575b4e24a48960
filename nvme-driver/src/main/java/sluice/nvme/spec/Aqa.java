package sluice.nvme.spec;

/**
 * Admin Queue Attributes, the register AQA (NVMe 1.4, section 3.1.8). Sizes are 0-based.
 *
 * <pre>
 *  31    28 27            16 15    12 11             0
 * |  rsvd  |      ACQS      |  rsvd  |      ASQS      |
 * </pre>
 */
public final class Aqa {
  private Aqa() {}

  /**
   * @param submissionEntries entries of the admin submission queue, 2 to 4096
   * @param completionEntries entries of the admin completion queue, 2 to 4096
   */
  public static int of(int submissionEntries, int completionEntries) {
    return Bits.set(Bits.set(0, 0, 12, submissionEntries - 1), 16, 12, completionEntries - 1);
  }

  /** Admin submission queue size, 0-based. */
  public static int asqs(int aqa) {
    return Bits.get(aqa, 0, 12);
  }

  /** Admin completion queue size, 0-based. */
  public static int acqs(int aqa) {
    return Bits.get(aqa, 16, 12);
  }
}
