package sluice.nvme;

import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.SmartLog;
import sluice.queues.SubmissionEntry;
import sluice.vfio.DmaMemory;

/** An admin command before it is given an identifier and its data's place. */
public final class AdminCommand {
  /** As much as one command reads at the most. */
  static final int PAGE_BYTES = 4096;

  private static final int GLOBAL_NSID = 0xffffffff;

  private final int opcode;
  private final int[] cdw10To15 = new int[6];
  private int nsid;
  private DmaMemory data;
  private int dataBytes;
  private long prp1;
  private long prp2;

  public AdminCommand(int opcode) {
    this.opcode = opcode;
  }

  /** Reads the start of a log page. */
  static AdminCommand getLogPage(int lid, int bytes) {
    return new AdminCommand(AdminOpcode.GET_LOG_PAGE)
        .nsid(GLOBAL_NSID)
        .cdw(10, LogPage.cdw10(lid, bytes, false))
        .cdw(11, LogPage.cdw11(bytes));
  }

  /** Reads the SMART log into a page of the caller's. */
  static AdminCommand smartLog(DmaMemory page) {
    return getLogPage(LogPage.SMART, SmartLog.BYTES).data(page, SmartLog.BYTES);
  }

  /** Reads a log page only so that the event that named it can come again. */
  static AdminCommand acknowledgement(int lid, DmaMemory page) {
    return getLogPage(lid, SmartLog.BYTES).data(page, SmartLog.BYTES);
  }

  /** Asks the controller to abort a command. It may complete all the same, or not at all. */
  static AdminCommand abort(int queueId, int commandId) {
    return new AdminCommand(AdminOpcode.ABORT).cdw(10, (commandId << 16) | queueId);
  }

  AdminCommand nsid(int nsid) {
    this.nsid = nsid;
    return this;
  }

  /** Its data is at the start of a page of the caller's. */
  AdminCommand data(DmaMemory page, int bytes) {
    data = page;
    dataBytes = bytes;
    return this;
  }

  /** For a command of PCI Express alone, that names places in memory. */
  public AdminCommand prps(long first, long second) {
    prp1 = first;
    prp2 = second;
    return this;
  }

  /** Sets command dword 10 to 15. */
  public AdminCommand cdw(int number, int value) {
    cdw10To15[number - 10] = value;
    return this;
  }

  /** The start of which its data is; null for a command that moves none, or tells it itself. */
  DmaMemory data() {
    return data;
  }

  /** Bytes of data. */
  int dataBytes() {
    return dataBytes;
  }

  /** Fills an entry, but for where its data is. */
  void write(long entry, int commandId) {
    SubmissionEntry.begin(entry, opcode, commandId, nsid);
    SubmissionEntry.prps(entry, prp1, prp2);
    for (int i = 0; i < cdw10To15.length; i++) {
      SubmissionEntry.cdw(entry, 10 + i, cdw10To15[i]);
    }
  }

  @Override
  public String toString() {
    return AdminOpcode.name(opcode);
  }
}
