package sluice.virtual.command;

import java.lang.foreign.MemorySegment;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.ControllerList;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.FirmwareSlotLog;
import sluice.nvme.spec.IdentifyCns;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.IdentifyNamespace;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.NamespaceDescriptors;
import sluice.nvme.spec.NamespaceList;
import sluice.nvme.spec.SmartLog;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.virtual.pci.PrpWalker;
import sluice.virtual.pci.VirtualDrive;

/** Executes admin commands (NVMe 1.4, section 5). Used in the drive's turns. */
public final class AdminCommands {
  /** Instead of a status: the command completes later. */
  static final int PENDING = -1;

  private static final int OK = 0;
  private static final int BROADCAST = 0xffffffff;
  private static final int HOST_BEHAVIOR_BYTES = 512;

  private final VirtualDrive drive;
  private final CommandLoop loop;
  private final MemorySegment page = IdentifyPages.page();
  private final PrpWalker walker;
  private int result;
  private boolean needsFlush;

  AdminCommands(VirtualDrive drive, CommandLoop loop) {
    this.drive = drive;
    this.loop = loop;
    this.walker = new PrpWalker(drive.iommu(), IdentifyPages.PAGE);
  }

  void pageSize(int size) {
    walker.pageSize(size);
  }

  /** Dword 0 of the completion of the command executed last. */
  int result() {
    return result;
  }

  /** Whether the command executed last completes only after a flush of all that was written. */
  boolean needsFlush() {
    return needsFlush;
  }

  /**
   * Stands for a command that is not executed.
   *
   * @return the status, as given
   */
  int refuse(int status) {
    result = 0;
    needsFlush = false;
    return status;
  }

  /**
   * @param entry address of the submission entry
   * @return the status, or {@link #PENDING}
   */
  int execute(long entry) {
    result = 0;
    needsFlush = false;
    if (SubmissionEntry.psdt(entry) != 0 || SubmissionEntry.fuse(entry) != 0) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    return switch (SubmissionEntry.opcode(entry)) {
      case AdminOpcode.DELETE_IO_SUBMISSION_QUEUE -> deleteSubmissionQueue(entry);
      case AdminOpcode.CREATE_IO_SUBMISSION_QUEUE -> createSubmissionQueue(entry);
      case AdminOpcode.GET_LOG_PAGE -> getLogPage(entry);
      case AdminOpcode.DELETE_IO_COMPLETION_QUEUE ->
          drive.queues().deleteCompletion(SubmissionEntry.cdw(entry, 10) & 0xffff);
      case AdminOpcode.CREATE_IO_COMPLETION_QUEUE -> createCompletionQueue(entry);
      case AdminOpcode.IDENTIFY -> identify(entry);
      case AdminOpcode.ABORT -> abort(entry);
      case AdminOpcode.SET_FEATURES -> setFeatures(entry);
      case AdminOpcode.GET_FEATURES -> getFeatures(entry);
      case AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST ->
          drive.events().request(SubmissionEntry.commandId(entry));
      case AdminOpcode.DOORBELL_BUFFER_CONFIG -> doorbellBufferConfig(entry);
      default -> StatusCode.INVALID_OPCODE.statusDnr();
    };
  }

  private int createCompletionQueue(long entry) {
    return drive
        .queues()
        .createCompletion(
            SubmissionEntry.cdw(entry, 10),
            SubmissionEntry.cdw(entry, 11),
            SubmissionEntry.prp1(entry),
            drive.features().grantedQueues(),
            drive.pageSize(),
            drive.ioCompletionEntryShift());
  }

  private int createSubmissionQueue(long entry) {
    return drive
        .queues()
        .createSubmission(
            SubmissionEntry.cdw(entry, 10),
            SubmissionEntry.cdw(entry, 11),
            SubmissionEntry.prp1(entry),
            drive.features().grantedQueues(),
            drive.pageSize(),
            drive.ioSubmissionEntryShift());
  }

  private int deleteSubmissionQueue(long entry) {
    int id = SubmissionEntry.cdw(entry, 10) & 0xffff;
    int status = drive.queues().checkDeleteSubmission(id);
    if (status == OK) {
      loop.abandon(id);
      drive.queues().deleteSubmission(id);
    }
    return status;
  }

  private int doorbellBufferConfig(long entry) {
    if (!drive.settings().shadowDoorbells()) {
      return StatusCode.INVALID_OPCODE.statusDnr();
    }
    return drive
        .queues()
        .useShadow(SubmissionEntry.prp1(entry), SubmissionEntry.prp2(entry), drive.pageSize());
  }

  private int identify(long entry) {
    int cdw10 = SubmissionEntry.cdw(entry, 10);
    int nsid = SubmissionEntry.nsid(entry);
    IdentifyPages pages = drive.identifyPages();
    switch (IdentifyCns.cns(cdw10)) {
      case IdentifyCns.NAMESPACE -> {
        if (drive.namespace(nsid) == null) {
          return StatusCode.INVALID_NAMESPACE_OR_FORMAT.statusDnr();
        }
        pages.namespace(new IdentifyNamespace(page), drive.namespace(nsid));
      }
      case IdentifyCns.CONTROLLER -> pages.controller(new IdentifyController(page));
      case IdentifyCns.ACTIVE_NAMESPACES -> {
        if (nsid == BROADCAST || nsid == BROADCAST - 1) {
          return StatusCode.INVALID_NAMESPACE_OR_FORMAT.statusDnr();
        }
        pages.activeNamespaces(new NamespaceList(page), nsid);
      }
      case IdentifyCns.NAMESPACE_DESCRIPTORS -> {
        if (drive.namespace(nsid) == null) {
          return StatusCode.INVALID_NAMESPACE_OR_FORMAT.statusDnr();
        }
        pages.descriptors(new NamespaceDescriptors(page), drive.namespace(nsid));
      }
      case IdentifyCns.ATTACHED_CONTROLLERS -> {
        if (drive.namespace(nsid) == null) {
          return StatusCode.INVALID_NAMESPACE_OR_FORMAT.statusDnr();
        }
        pages.controllers(new ControllerList(page), IdentifyCns.cntid(cdw10));
      }
      case IdentifyCns.CONTROLLERS ->
          pages.controllers(new ControllerList(page), IdentifyCns.cntid(cdw10));
      case IdentifyCns.COMMAND_SET_CONTROLLER -> {
        if (IdentifyCns.csi(SubmissionEntry.cdw(entry, 11)) != IdentifyCns.CSI_NVM) {
          return StatusCode.INVALID_FIELD.statusDnr();
        }
        // Of NVMe 2.0, whose hosts ask for it whatever the drive's version: no limits to tell.
        page.fill((byte) 0);
      }
      default -> {
        return StatusCode.INVALID_FIELD.statusDnr();
      }
    }
    return send(entry, page.address(), IdentifyPages.PAGE);
  }

  private int getLogPage(long entry) {
    int cdw10 = SubmissionEntry.cdw(entry, 10);
    int lid = LogPage.lid(cdw10);
    int nsid = SubmissionEntry.nsid(entry);
    long bytes = LogPage.bytes(cdw10, SubmissionEntry.cdw(entry, 11));
    long offset = LogPage.offset(SubmissionEntry.cdw(entry, 12), SubmissionEntry.cdw(entry, 13));
    if (bytes > drive.settings().maxTransfer()) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    page.fill((byte) 0);
    int size;
    switch (lid) {
      case LogPage.ERROR_INFORMATION -> {
        drive.errorLog().copyTo(page.address());
        size = ErrorLog.ENTRIES * 64;
      }
      case LogPage.SMART -> {
        if (nsid != 0 && nsid != BROADCAST) {
          return StatusCode.INVALID_FIELD.statusDnr();
        }
        drive.fillSmartLog(new SmartLog(page));
        size = SmartLog.BYTES;
      }
      case LogPage.FIRMWARE_SLOT -> {
        FirmwareSlotLog log = new FirmwareSlotLog(page);
        log.afi(1);
        log.frs(1, IdentifyPages.FIRMWARE);
        size = FirmwareSlotLog.BYTES;
      }
      default -> {
        return StatusCode.INVALID_LOG_PAGE.statusDnr();
      }
    }
    if (offset < 0 || offset >= size || (offset & 3) != 0) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    int status = send(entry, page.address() + offset, Math.min(bytes, size - offset));
    if (status == OK && !LogPage.retainAsyncEvent(cdw10)) {
      drive.events().logPageRead(lid);
    }
    return status;
  }

  private int abort(long entry) {
    int cdw10 = SubmissionEntry.cdw(entry, 10);
    int sqId = cdw10 & 0xffff;
    if (drive.queues().submission(sqId) == null) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    result = loop.abort(sqId, cdw10 >>> 16) ? 0 : 1;
    return OK;
  }

  private int getFeatures(long entry) {
    int cdw10 = SubmissionEntry.cdw(entry, 10);
    Features features = drive.features();
    int status = features.get(cdw10, SubmissionEntry.cdw(entry, 11), SubmissionEntry.nsid(entry));
    result = features.result();
    if (status != OK || Feature.select(cdw10) == Feature.SELECT_CAPABILITIES) {
      return status;
    }
    boolean current = Feature.select(cdw10) == Feature.SELECT_CURRENT;
    return switch (Feature.fid(cdw10)) {
      case Feature.TIMESTAMP -> {
        OffHeap.putLong(page.address(), current ? features.timestamp() : 0);
        yield send(entry, page.address(), Long.BYTES);
      }
      case Feature.HOST_BEHAVIOR_SUPPORT -> {
        page.fill((byte) 0);
        OffHeap.putByte(page.address(), (byte) (current && features.advancedRetry() ? 1 : 0));
        yield send(entry, page.address(), HOST_BEHAVIOR_BYTES);
      }
      default -> OK;
    };
  }

  private int setFeatures(long entry) {
    int cdw10 = SubmissionEntry.cdw(entry, 10);
    Features features = drive.features();
    boolean hadCache = features.writeCacheEnabled();
    int status =
        features.set(
            cdw10,
            SubmissionEntry.cdw(entry, 11),
            SubmissionEntry.nsid(entry),
            drive.queues().ioQueuesExist());
    result = features.result();
    if (status != OK) {
      return status;
    }
    switch (Feature.fid(cdw10)) {
      case Feature.TIMESTAMP -> {
        status = receive(entry, page.address(), Long.BYTES);
        if (status == OK) {
          features.timestamp(OffHeap.getLong(page.address()));
        }
      }
      case Feature.HOST_BEHAVIOR_SUPPORT -> {
        status = receive(entry, page.address(), HOST_BEHAVIOR_BYTES);
        if (status == OK) {
          int acre = OffHeap.getByte(page.address());
          if ((acre & ~1) != 0) {
            return StatusCode.INVALID_FIELD.statusDnr();
          }
          features.advancedRetry(acre == 1);
        }
      }
      // Without a cache nothing may be in it.
      case Feature.VOLATILE_WRITE_CACHE -> needsFlush = hadCache && !features.writeCacheEnabled();
      case Feature.TEMPERATURE_THRESHOLD -> drive.temperature().thresholdsChanged();
      case Feature.ASYNCHRONOUS_EVENT_CONFIGURATION -> {
        drive.temperature().thresholdsChanged();
        drive.reliability().configurationChanged();
      }
      default -> {}
    }
    return status;
  }

  /** Sends drive memory to the command's data. */
  private int send(long entry, long from, long length) {
    int status =
        walker.walkTarget(SubmissionEntry.prp1(entry), SubmissionEntry.prp2(entry), length);
    return status == OK ? walker.copyIn(from) : status;
  }

  private int receive(long entry, long to, long length) {
    int status =
        walker.walkSource(SubmissionEntry.prp1(entry), SubmissionEntry.prp2(entry), length);
    if (status == OK) {
      walker.copyOut(to);
    }
    return status;
  }
}
