package sluice.queues;

import java.lang.invoke.VarHandle;
import sluice.support.memory.OffHeap;

/**
 * The layout of a submission queue entry (NVM Express 1.4, section 4.2), as accessors on its
 * address.
 *
 * <pre>
 *        31                       16 15  14 13  10 9   8 7          0
 *  0x00 |    command identifier     | PSDT |  res  | FUSE |  opcode   |
 *  0x04 |                   namespace identifier                      |
 *  0x08 |                          CDW2                               |
 *  0x0c |                          CDW3                               |
 *  0x10 |                 metadata pointer (64 bits)                  |
 *  0x18 |                       PRP1 (64 bits)                        |
 *  0x20 |                       PRP2 (64 bits)                        |
 *  0x28 |                   CDW10 … CDW15 at 0x28 … 0x3c              |
 * </pre>
 */
public final class SubmissionEntry {
  /** Bytes in an entry. */
  public static final int BYTES = 64;

  /** FUSE of a command on its own. */
  public static final int FUSE_NONE = 0;

  /** FUSE of the first of two fused commands. */
  public static final int FUSE_FIRST = 1;

  /** FUSE of the second of two fused commands. */
  public static final int FUSE_SECOND = 2;

  private static final int NSID = 0x04;
  private static final int CDW2 = 0x08;
  private static final int CDW3 = 0x0c;
  private static final int MPTR = 0x10;
  private static final int PRP1 = 0x18;
  private static final int PRP2 = 0x20;
  private static final int CDW10 = 0x28;

  private SubmissionEntry() {}

  /**
   * Begins an entry: sets opcode, command identifier and namespace, and zeroes all the rest (no
   * fused operation, data by PRPs).
   *
   * @param opcode 0 to 255
   * @param commandId 0 to 65535
   */
  public static void begin(long entry, int opcode, int commandId, int nsid) {
    head(entry, opcode, commandId, nsid);
    OffHeap.putLong(entry + CDW2, 0);
    OffHeap.putLong(entry + MPTR, 0);
    OffHeap.putLong(entry + PRP1, 0);
    OffHeap.putLong(entry + PRP2, 0);
    OffHeap.putLong(entry + CDW10, 0);
    OffHeap.putLong(entry + CDW10 + 8, 0);
    OffHeap.putLong(entry + CDW10 + 16, 0);
  }

  /**
   * Fills an entry that moves blocks, but for its {@link #prps}: each word once, in the pieces in
   * which who takes it over reads them.
   *
   * @param opcode 0 to 255
   * @param commandId 0 to 65535
   * @param cdw10And11 the first block
   */
  public static void transfer(
      long entry, int opcode, int commandId, int nsid, long cdw10And11, int cdw12) {
    head(entry, opcode, commandId, nsid);
    OffHeap.putLong(entry + CDW2, 0);
    OffHeap.putLong(entry + MPTR, 0);
    OffHeap.putLong(entry + CDW10, cdw10And11);
    OffHeap.putLong(entry + CDW10 + 8, Integer.toUnsignedLong(cdw12));
    OffHeap.putLong(entry + CDW10 + 16, 0);
  }

  private static void head(long entry, int opcode, int commandId, int nsid) {
    int first = (commandId << 16) | opcode;
    OffHeap.putLong(entry, ((long) nsid << 32) | Integer.toUnsignedLong(first));
  }

  /**
   * Copies an entry out of memory that somebody else may change meanwhile: each of its words is
   * read once, and what is decided on the copy stays true. Both places are aligned to 8 bytes.
   */
  public static void copy(long from, long to) {
    // Where hosts store single dwords these are loaded as such: a load that takes several stores of
    // the same processor together waits until they have reached the cache, which costs more than
    // all the rest of the copy.
    OffHeap.putInt(to, OffHeap.getInt(from));
    OffHeap.putInt(to + NSID, OffHeap.getInt(from + NSID));
    OffHeap.putLong(to + 0x08, OffHeap.getLong(from + 0x08));
    OffHeap.putLong(to + 0x10, OffHeap.getLong(from + 0x10));
    OffHeap.putLong(to + 0x18, OffHeap.getLong(from + 0x18));
    OffHeap.putLong(to + 0x20, OffHeap.getLong(from + 0x20));
    OffHeap.putLong(to + 0x28, OffHeap.getLong(from + 0x28));
    OffHeap.putInt(to + 0x30, OffHeap.getInt(from + 0x30));
    OffHeap.putInt(to + 0x34, OffHeap.getInt(from + 0x34));
    OffHeap.putLong(to + 0x38, OffHeap.getLong(from + 0x38));
    // No load from above may be done, or done again, below: what is used is what was copied.
    VarHandle.loadLoadFence();
  }

  public static int opcode(long entry) {
    return OffHeap.getInt(entry) & 0xff;
  }

  /** Bits 9:8: one of {@code FUSE_}; 3 is reserved. */
  public static int fuse(long entry) {
    return (OffHeap.getInt(entry) >>> 8) & 3;
  }

  /** Bits 15:14, PRP or SGL for data transfer; 0 for PRPs. */
  public static int psdt(long entry) {
    return (OffHeap.getInt(entry) >>> 14) & 3;
  }

  public static int commandId(long entry) {
    return OffHeap.getInt(entry) >>> 16;
  }

  public static void commandId(long entry, int commandId) {
    OffHeap.putInt(entry, (OffHeap.getInt(entry) & 0xffff) | (commandId << 16));
  }

  public static int nsid(long entry) {
    return OffHeap.getInt(entry + NSID);
  }

  public static int cdw2(long entry) {
    return OffHeap.getInt(entry + CDW2);
  }

  public static int cdw3(long entry) {
    return OffHeap.getInt(entry + CDW3);
  }

  /** The metadata pointer. */
  public static long mptr(long entry) {
    return OffHeap.getLong(entry + MPTR);
  }

  public static long prp1(long entry) {
    return OffHeap.getLong(entry + PRP1);
  }

  public static long prp2(long entry) {
    return OffHeap.getLong(entry + PRP2);
  }

  public static void prps(long entry, long prp1, long prp2) {
    OffHeap.putLong(entry + PRP1, prp1);
    OffHeap.putLong(entry + PRP2, prp2);
  }

  /** Reads command dword 10 to 15. */
  public static int cdw(long entry, int number) {
    assert number >= 10 && number <= 15 : number;
    return OffHeap.getInt(entry + CDW10 + (number - 10) * 4L);
  }

  /** Sets command dword 10 to 15. */
  public static void cdw(long entry, int number, int value) {
    assert number >= 10 && number <= 15 : number;
    OffHeap.putInt(entry + CDW10 + (number - 10) * 4L, value);
  }

  /** Reads dwords 10 and 11 as one value, low half first: the starting LBA of I/O commands. */
  public static long cdw10And11(long entry) {
    return OffHeap.getLong(entry + CDW10);
  }

  /** Sets dwords 10 and 11 as one value, low half first. */
  public static void cdw10And11(long entry, long value) {
    OffHeap.putLong(entry + CDW10, value);
  }
}
