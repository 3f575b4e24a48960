package sluice.qemu.conformance;

import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.Registers;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.PciFunction;

/**
 * A function whose drive is made odd: each admin command can be changed after the driver has given
 * it and before the drive sees it, so that the drive refuses it or answers something else. As it
 * is, it changes nothing.
 */
class OddFunction extends WatchedFunction {
  private static final int UNKNOWN_OPCODE = 0x7f;

  private final int stride;
  private long asq;
  private int adminEntries;
  private int adminTail;

  OddFunction(PciFunction inner) {
    super(inner);
    stride = Cap.dstrd(inner.bar(0).read64(Registers.CAP));
  }

  /** An admin command that the driver gives. */
  void admin(long entry) {}

  /** Lets the drive refuse a command: Invalid Command Opcode. */
  static void refuse(long entry) {
    opcode(entry, UNKNOWN_OPCODE);
  }

  /**
   * Answers a command that reads a page in the drive's place: the page it names may be filled now,
   * and the command succeeds.
   *
   * @return the page's address in this process
   */
  final long answer(long entry) {
    long page = addressOf(SubmissionEntry.prp1(entry));
    opcode(entry, AdminOpcode.GET_FEATURES);
    SubmissionEntry.prps(entry, 0, 0);
    SubmissionEntry.cdw(
        entry, 10, Feature.getCdw10(Feature.NUMBER_OF_QUEUES, Feature.SELECT_CURRENT));
    return page;
  }

  @Override
  boolean passes(long offset, int value) {
    switch ((int) offset) {
      case Registers.AQA -> adminEntries = (value & 0xfff) + 1;
      case Registers.ASQ -> asq = Integer.toUnsignedLong(value);
      case Registers.ASQ + 4 -> {
        asq |= (long) value << 32;
        adminTail = 0;
      }
      default -> {
        if (offset == Registers.submissionDoorbell(0, stride)) {
          showAdminCommands(value);
        }
      }
    }
    return true;
  }

  private void showAdminCommands(int newTail) {
    long ring = addressOf(asq);
    while (adminTail != newTail) {
      admin(ring + (long) adminTail * SubmissionEntry.BYTES);
      adminTail = (adminTail + 1) % adminEntries;
    }
  }

  private static void opcode(long entry, int opcode) {
    OffHeap.putInt(entry, (OffHeap.getInt(entry) & ~0xff) | opcode);
  }
}
