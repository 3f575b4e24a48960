package sluice.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.DatasetManagementRange;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.IdentifyCns;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.IdentifyNamespace;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.NamespaceList;
import sluice.nvme.spec.Registers;
import sluice.nvme.spec.StatusCode;
import sluice.nvme.spec.Version;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;

/**
 * The far side of a {@link CapsuleTransport}: properties and commands, as little of them as the
 * driver needs. It is handed a command and its data, and knows of no memory else.
 */
final class CapsuleDrive {
  static final int BLOCK = 512;
  static final int BLOCKS = 2048;

  /** Instead of a status: the command is kept. */
  static final int NO_ANSWER = -1;

  private final MemorySegment media = Arena.ofAuto().allocate((long) BLOCK * BLOCKS, 4096);
  private int cc;
  private int shst;
  private int result;
  private boolean holds;
  private String deallocated = "";

  /** From now on I/O commands are kept without an answer, or not. */
  void hold(boolean wanted) {
    holds = wanted;
  }

  /** The range of the last Dataset Management. */
  String deallocated() {
    return deallocated;
  }

  boolean isEnabled() {
    return Cc.en(cc);
  }

  long read(int property) {
    return switch (property) {
      case Registers.CAP -> Cap.css(Cap.mqes(Cap.to(0, 2), 63), Cap.CSS_NVM);
      case Registers.VS -> Version.V1_4;
      case Registers.CC -> cc;
      case Registers.CSTS -> Csts.shst(Csts.rdy(0, Cc.en(cc)), shst);
      default -> throw new AssertionError("property " + property + " is not of every transport");
    };
  }

  void write(int property, int value) {
    assert property == Registers.CC : property;
    cc = value;
    shst = Cc.shn(value) == 0 ? Csts.SHST_NORMAL : Csts.SHST_COMPLETE;
  }

  /** Dword 0 of the last answer. */
  int result() {
    return result;
  }

  /**
   * Does what a command says.
   *
   * @param data where its data is, or is wanted; 0 for none
   * @return its status, or {@link #NO_ANSWER}
   */
  int execute(boolean isAdmin, long entry, long data, long bytes) {
    result = 0;
    return isAdmin ? admin(entry, data, bytes) : io(entry, data, bytes);
  }

  private int admin(long entry, long data, long bytes) {
    int cdw10 = SubmissionEntry.cdw(entry, 10);
    switch (SubmissionEntry.opcode(entry)) {
      case AdminOpcode.IDENTIFY -> identify(IdentifyCns.cns(cdw10), OffHeap.segment(data, bytes));
      case AdminOpcode.SET_FEATURES -> {
        if (Feature.fid(cdw10) == Feature.NUMBER_OF_QUEUES) {
          result = Feature.numberOfQueues(4, 4);
        }
      }
      case AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST -> {
        return NO_ANSWER;
      }
      default -> {
        return StatusCode.INVALID_OPCODE.status();
      }
    }
    return 0;
  }

  private static void identify(int cns, MemorySegment page) {
    page.fill((byte) 0);
    switch (cns) {
      case IdentifyCns.CONTROLLER -> {
        IdentifyController identify = new IdentifyController(page);
        identify.mdts(1);
        identify.nn(1);
      }
      case IdentifyCns.ACTIVE_NAMESPACES -> new NamespaceList(page).nsid(0, 1);
      case IdentifyCns.NAMESPACE -> {
        IdentifyNamespace identify = new IdentifyNamespace(page);
        identify.nsze(BLOCKS);
        identify.lbafLbads(0, 9);
      }
      default -> throw new AssertionError("identify " + cns);
    }
  }

  private int io(long entry, long data, long bytes) {
    if (holds) {
      return NO_ANSWER;
    }
    long at = media.address() + SubmissionEntry.cdw10And11(entry) * BLOCK;
    long length = (long) IoCommand.blocks(SubmissionEntry.cdw(entry, 12)) * BLOCK;
    switch (SubmissionEntry.opcode(entry)) {
      case IoOpcode.FLUSH -> {
        assert bytes == 0 : "a flush has no data";
      }
      case IoOpcode.WRITE -> {
        assert bytes == length : bytes + " bytes for " + length;
        OffHeap.copy(data, at, bytes);
      }
      case IoOpcode.READ -> {
        assert bytes == length : bytes + " bytes for " + length;
        OffHeap.copy(at, data, bytes);
      }
      case IoOpcode.DATASET_MANAGEMENT ->
          deallocated =
              DatasetManagementRange.length(data) + " from " + DatasetManagementRange.slba(data);
      default -> {
        return StatusCode.INVALID_OPCODE.status();
      }
    }
    return 0;
  }
}
