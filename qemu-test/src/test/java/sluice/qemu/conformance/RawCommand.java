package sluice.qemu.conformance;

import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;

/** A command as its dwords, whatever they say. */
final class RawCommand {
  private final int opcode;
  private final int[] cdw10To15 = new int[6];
  private int flags;
  private int nsid;
  private long prp1;
  private long prp2;

  RawCommand(int opcode) {
    this.opcode = opcode;
  }

  /** Bits 15:8 of dword 0: FUSE in bits 1:0, PSDT in bits 7:6. */
  RawCommand flags(int value) {
    flags = value;
    return this;
  }

  RawCommand nsid(int value) {
    nsid = value;
    return this;
  }

  RawCommand prps(long first, long second) {
    prp1 = first;
    prp2 = second;
    return this;
  }

  /** Sets command dword 10 to 15. */
  RawCommand cdw(int number, int value) {
    cdw10To15[number - 10] = value;
    return this;
  }

  /** A starting LBA and a number of blocks, as the commands that read and write have them. */
  RawCommand blocks(long lba, int count) {
    return cdw(10, (int) lba).cdw(11, (int) (lba >>> 32)).cdw(12, count - 1);
  }

  void write(long entry, int commandId) {
    SubmissionEntry.begin(entry, opcode, commandId, nsid);
    OffHeap.putInt(entry, OffHeap.getInt(entry) | flags << 8);
    SubmissionEntry.prps(entry, prp1, prp2);
    for (int i = 0; i < cdw10To15.length; i++) {
      SubmissionEntry.cdw(entry, 10 + i, cdw10To15[i]);
    }
  }
}
