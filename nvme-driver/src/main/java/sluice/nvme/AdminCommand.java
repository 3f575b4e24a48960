package sluice.nvme;

import sluice.nvme.spec.AdminOpcode;
import sluice.queues.SubmissionEntry;

/** An admin command before it is given an identifier and its data's place. */
final class AdminCommand {
  private final int opcode;
  private final int[] cdw10To15 = new int[6];
  private int nsid;
  private long prp1;
  private long prp2;

  AdminCommand(int opcode) {
    this.opcode = opcode;
  }

  AdminCommand nsid(int nsid) {
    this.nsid = nsid;
    return this;
  }

  AdminCommand prps(long first, long second) {
    prp1 = first;
    prp2 = second;
    return this;
  }

  /** Sets command dword 10 to 15. */
  AdminCommand cdw(int number, int value) {
    cdw10To15[number - 10] = value;
    return this;
  }

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
