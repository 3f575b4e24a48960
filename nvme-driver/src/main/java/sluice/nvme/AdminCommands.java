package sluice.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.ErrorLogEntry;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.FirmwareSlotLog;
import sluice.nvme.spec.IdentifyCns;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.IdentifyNamespace;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.NamespaceDescriptors;
import sluice.nvme.spec.NamespaceList;
import sluice.nvme.spec.SmartLog;
import sluice.vfio.DmaMemory;

/**
 * The admin commands (NVM Express 1.4, section 5), each waited for. From any thread; they wait for
 * each other and for the drive.
 *
 * <p>All of them throw {@link CommandFailedException} when the drive refuses, and {@link
 * CommandTimeoutException} when it does not answer; the controller has been reset then.
 */
public final class AdminCommands {
  /** More than any drive is known to have; a list that goes on may have no end. */
  private static final int MOST_NAMESPACES = 16 * NamespaceList.ENTRIES;

  private final ControllerContext controller;

  /** Where the drive puts what is read; used under the controller's lock. */
  private final DmaMemory page;

  AdminCommands(ControllerContext controller) {
    this.controller = controller;
    this.page = controller.transport().dma().allocate(AdminCommand.PAGE_BYTES);
  }

  /** Runs a command that reads up to a page, and copies what it read. */
  private MemorySegment read(AdminCommand command, int bytes) {
    return controller.underLock(() -> {
      controller.requireRunning();
      page.segment().fill((byte) 0);
      int _ = controller.execute(command.data(page, bytes));
      return copy(page, bytes);
    });
  }

  /** What the drive wrote to the start of a page, as it is now. */
  static MemorySegment copy(DmaMemory page, int bytes) {
    MemorySegment copy = Arena.ofAuto().allocate(bytes, Long.BYTES);
    return copy.copyFrom(page.segment().asSlice(0, bytes));
  }

  private MemorySegment identify(int cns, int nsid) {
    return read(
        new AdminCommand(AdminOpcode.IDENTIFY).nsid(nsid).cdw(10, cns), AdminCommand.PAGE_BYTES);
  }

  /** Reads the Identify Controller page. */
  public IdentifyController identifyController() {
    return new IdentifyController(identify(IdentifyCns.CONTROLLER, 0));
  }

  /** Reads the Identify Namespace page of an active namespace. */
  public IdentifyNamespace identifyNamespace(int nsid) {
    return new IdentifyNamespace(identify(IdentifyCns.NAMESPACE, nsid));
  }

  /** Reads how else a namespace is identified, and which command set it takes. */
  NamespaceDescriptors namespaceDescriptors(int nsid) {
    return new NamespaceDescriptors(identify(IdentifyCns.NAMESPACE_DESCRIPTORS, nsid));
  }

  /**
   * Reads the identifiers of all active namespaces, ascending.
   *
   * @throws OddAnswerException if the drive's list does not ascend, or has no end
   */
  public List<Integer> activeNamespaces() {
    List<Integer> found = new ArrayList<>();
    int last = 0;
    while (true) {
      NamespaceList list = new NamespaceList(identify(IdentifyCns.ACTIVE_NAMESPACES, last));
      int count = list.count();
      for (int i = 0; i < count; i++) {
        int nsid = list.nsid(i);
        if (Integer.compareUnsigned(nsid, last) <= 0) {
          throw new OddAnswerException(
              "%s lists namespace %s behind namespace %s"
                  .formatted(
                      controller.address(),
                      Integer.toUnsignedString(nsid),
                      Integer.toUnsignedString(last)));
        }
        found.add(nsid);
        last = nsid;
      }
      if (count < NamespaceList.ENTRIES) {
        return found;
      }
      if (found.size() >= MOST_NAMESPACES) {
        throw new OddAnswerException(
            controller.address() + " lists " + found.size() + " namespaces, and more");
      }
    }
  }

  private MemorySegment log(int lid, int bytes) {
    return read(AdminCommand.getLogPage(lid, bytes), bytes);
  }

  /** Reads the SMART / health log: temperature, wear, spare, errors. */
  public SmartLog smartLog() {
    return new SmartLog(log(LogPage.SMART, SmartLog.BYTES));
  }

  /**
   * Reads the newest entries of the error log.
   *
   * @param limit how many at the most; the drive may hold fewer, and a page holds 64
   * @return the entries that are in use, newest first
   */
  public List<ErrorLogEntry> errorLog(int limit) {
    int held =
        Math.min(controller.identify().elpe() + 1, AdminCommand.PAGE_BYTES / ErrorLogEntry.BYTES);
    int count = Math.min(limit, held);
    if (count <= 0) {
      return List.of();
    }
    MemorySegment entries = log(LogPage.ERROR_INFORMATION, count * ErrorLogEntry.BYTES);
    List<ErrorLogEntry> used = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long offset = (long) i * ErrorLogEntry.BYTES;
      ErrorLogEntry entry = new ErrorLogEntry(entries.asSlice(offset, ErrorLogEntry.BYTES));
      if (entry.errorCount() != 0) {
        used.add(entry);
      }
    }
    return used;
  }

  /** Reads which firmware is in which slot. */
  public FirmwareSlotLog firmwareSlots() {
    return new FirmwareSlotLog(log(LogPage.FIRMWARE_SLOT, FirmwareSlotLog.BYTES));
  }

  /**
   * Reads a feature's value, for features whose value is a dword.
   *
   * @param fid see {@link Feature}
   * @param select {@link Feature#SELECT_CURRENT} or another of its kind
   */
  public int getFeature(int fid, int select) {
    return controller.execute(
        new AdminCommand(AdminOpcode.GET_FEATURES).cdw(10, Feature.getCdw10(fid, select)));
  }

  /**
   * Sets a feature's value until the next reset, for features whose value is a dword and belongs to
   * the whole controller.
   *
   * @return dword 0 of the completion, to which some features give a meaning
   */
  public int setFeature(int fid, int value) {
    return controller.execute(
        new AdminCommand(AdminOpcode.SET_FEATURES)
            .cdw(10, Feature.setCdw10(fid, false))
            .cdw(11, value));
  }
}
