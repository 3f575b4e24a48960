package sluice.nvme.spec;

/**
 * Command dwords of Read, Write, Compare, Write Zeroes and Verify (NVMe 1.4, sections 6.6 to 6.16).
 *
 * <pre>
 *        31  30  29    26  25  24         16 15             0
 * CDW10 |             starting LBA, lower half               |
 * CDW11 |             starting LBA, upper half               |
 * CDW12 |LR |FUA| PRINFO |DEAC|    rsvd     |  NLB, 0-based   |
 * CDW13 |             rsvd                  |       DSM       |
 * </pre>
 */
public final class IoCommand {
  /** CDW12: limited retry. */
  public static final int LIMITED_RETRY = 1 << 31;

  /** CDW12: force unit access; the data is on non-volatile media at completion. */
  public static final int FUA = 1 << 30;

  /** CDW12 of Write Zeroes: deallocate the blocks if that reads as zeros. */
  public static final int DEALLOCATE = 1 << 25;

  /** The most logical blocks in a command. */
  public static final int MAX_BLOCKS = 1 << 16;

  private IoCommand() {}

  /** CDW12 for a number of logical blocks from 1 to {@link #MAX_BLOCKS}. */
  public static int cdw12(int blocks, int flags) {
    assert blocks > 0 && blocks <= MAX_BLOCKS : blocks;
    return blocks - 1 | flags;
  }

  /** How many logical blocks CDW12 means, from 1. */
  public static int blocks(int cdw12) {
    return (cdw12 & 0xffff) + 1;
  }

  /** PRINFO: protection information, 4 bits. */
  public static int prinfo(int cdw12) {
    return Bits.get(cdw12, 26, 4);
  }
}
