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

/** Executes admin commands (NVMe 1.4, section 5). Used in the drive's turns. */
final class AdminCommands {
  /** Instead of a status: the command completes later. */
  static final int PENDING = -1;

  /** Instead of a status: its data is on the way, with which it completes. */
  static final int MOVING = -2;

  private static final int OK = 0;
  private static final int BROADCAST = 0xffffffff;
  private static final int HOST_BEHAVIOR_BYTES = 512;

  private final Controller controller;
  private final Subsystem subsystem;
  private final ControllerQueues queues;
  private final Features features;
  private final IdentifyPages identifyPages;
  private final MemorySegment page = IdentifyPages.page();

  /** Slots of deletions of submission queues that wait, one a queue at the most. */
  private final int[] deletions;

  private int deletionCount;
  private int slot;
  private HostQueue queue;
  private HostData data;
  private int result;
  private boolean needsFlush;

  AdminCommands(Controller controller) {
    this.controller = controller;
    this.subsystem = controller.subsystem();
    this.queues = controller.queues();
    this.features = controller.features();
    this.identifyPages = new IdentifyPages(controller);
    this.deletions = new int[subsystem.settings().ioQueues()];
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
   * @param in the command's slot, the next one, which it becomes if its data is not here
   * @param from the queue that it came from
   * @return the status, {@link #PENDING} or {@link #MOVING}
   */
  int execute(int in, HostQueue from) {
    slot = in;
    data = from.data();
    queue = from;
    long entry = subsystem.table().entry(in);
    result = 0;
    needsFlush = false;
    if (SubmissionEntry.psdt(entry) != 0 || SubmissionEntry.fuse(entry) != 0) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    return switch (SubmissionEntry.opcode(entry)) {
      case AdminOpcode.DELETE_IO_SUBMISSION_QUEUE -> deleteSubmissionQueue(entry);
      case AdminOpcode.CREATE_IO_SUBMISSION_QUEUE ->
          queues.createSubmission(entry, features.grantedQueues());
      case AdminOpcode.GET_LOG_PAGE -> getLogPage(entry);
      case AdminOpcode.DELETE_IO_COMPLETION_QUEUE ->
          queues.deleteCompletion(SubmissionEntry.cdw(entry, 10) & 0xffff);
      case AdminOpcode.CREATE_IO_COMPLETION_QUEUE ->
          queues.createCompletion(entry, features.grantedQueues());
      case AdminOpcode.IDENTIFY -> identify(entry);
      case AdminOpcode.ABORT -> abort(entry);
      case AdminOpcode.SET_FEATURES -> setFeatures(entry);
      case AdminOpcode.GET_FEATURES -> getFeatures(entry);
      case AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST ->
          controller.events().request(SubmissionEntry.commandId(entry));
      case AdminOpcode.DOORBELL_BUFFER_CONFIG -> doorbellBufferConfig(entry);
      default -> queues.execute(SubmissionEntry.opcode(entry));
    };
  }

  /** Completes when the answers of the queue's commands are on their way (section 5.6). */
  private int deleteSubmissionQueue(long entry) {
    int status = queues.closeSubmission(deletedQueue(entry));
    if (status != OK) {
      return status;
    }
    // First: the slots of what is abandoned are the next ones.
    claim(entry);
    if (delete(entry)) {
      subsystem.table().release(slot);
      return OK;
    }
    deletions[deletionCount++] = slot;
    return PENDING;
  }

  private static int deletedQueue(long entry) {
    return SubmissionEntry.cdw(entry, 10) & 0xffff;
  }

  private boolean delete(long entry) {
    int id = deletedQueue(entry);
    boolean isDone = controller.loop().abandon(queues.submission(id));
    if (isDone) {
      queues.deleteSubmission(id);
    }
    return isDone;
  }

  /** Goes on with deletions of queues; returns how many are done. */
  int finishDeletions() {
    int done = 0;
    for (int i = deletionCount - 1; i >= 0; i--) {
      int deletion = deletions[i];
      if (delete(subsystem.table().entry(deletion))) {
        deletions[i] = deletions[--deletionCount];
        subsystem.execution().answers().hold(deletion, OK, 0);
        done++;
      }
    }
    return done;
  }

  /** All commands that were taken are over. */
  void clear() {
    deletionCount = 0;
  }

  private int doorbellBufferConfig(long entry) {
    return subsystem.settings().shadowDoorbells()
        ? queues.useShadow(entry)
        : StatusCode.INVALID_OPCODE.statusDnr();
  }

  private int identify(long entry) {
    int cdw10 = SubmissionEntry.cdw(entry, 10);
    int nsid = SubmissionEntry.nsid(entry);
    IdentifyPages pages = identifyPages;
    switch (IdentifyCns.cns(cdw10)) {
      case IdentifyCns.NAMESPACE -> {
        if (subsystem.namespace(nsid) == null) {
          return StatusCode.INVALID_NAMESPACE_OR_FORMAT.statusDnr();
        }
        pages.namespace(new IdentifyNamespace(page), subsystem.namespace(nsid));
      }
      case IdentifyCns.CONTROLLER -> {
        pages.controller(new IdentifyController(page));
        queues.describe(page);
      }
      case IdentifyCns.ACTIVE_NAMESPACES -> {
        if (nsid == BROADCAST || nsid == BROADCAST - 1) {
          return StatusCode.INVALID_NAMESPACE_OR_FORMAT.statusDnr();
        }
        pages.activeNamespaces(new NamespaceList(page), nsid);
      }
      case IdentifyCns.NAMESPACE_DESCRIPTORS -> {
        if (subsystem.namespace(nsid) == null) {
          return StatusCode.INVALID_NAMESPACE_OR_FORMAT.statusDnr();
        }
        pages.descriptors(new NamespaceDescriptors(page), subsystem.namespace(nsid));
      }
      case IdentifyCns.ATTACHED_CONTROLLERS -> {
        if (subsystem.namespace(nsid) == null) {
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
    if (bytes > subsystem.settings().maxTransfer()) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    page.fill((byte) 0);
    int size;
    switch (lid) {
      case LogPage.ERROR_INFORMATION -> {
        controller.errorLog().copyTo(page.address());
        size = ErrorLog.ENTRIES * 64;
      }
      case LogPage.SMART -> {
        if (nsid != 0 && nsid != BROADCAST) {
          return StatusCode.INVALID_FIELD.statusDnr();
        }
        controller.fillSmartLog(new SmartLog(page));
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
    if ((status == OK || status == MOVING) && !LogPage.retainAsyncEvent(cdw10)) {
      controller.events().logPageRead(lid);
    }
    return status;
  }

  private int abort(long entry) {
    int cdw10 = SubmissionEntry.cdw(entry, 10);
    int sqId = cdw10 & 0xffff;
    HostQueue aborted = queues.submission(sqId);
    if (aborted == null) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    result = controller.loop().abort(aborted, cdw10 >>> 16) ? 0 : 1;
    return OK;
  }

  private int getFeatures(long entry) {
    int cdw10 = SubmissionEntry.cdw(entry, 10);
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
    boolean hadCache = features.writeCacheEnabled();
    int status =
        features.set(
            cdw10,
            SubmissionEntry.cdw(entry, 11),
            SubmissionEntry.nsid(entry),
            queues.ioQueuesExist());
    result = features.result();
    if (status != OK) {
      return status;
    }
    switch (Feature.fid(cdw10)) {
      case Feature.TIMESTAMP -> status = receive(entry, Long.BYTES);
      case Feature.HOST_BEHAVIOR_SUPPORT -> status = receive(entry, HOST_BEHAVIOR_BYTES);
      // Without a cache nothing may be in it.
      case Feature.VOLATILE_WRITE_CACHE -> needsFlush = hadCache && !features.writeCacheEnabled();
      case Feature.TEMPERATURE_THRESHOLD -> controller.temperature().thresholdsChanged();
      case Feature.ASYNCHRONOUS_EVENT_CONFIGURATION -> {
        controller.temperature().thresholdsChanged();
        controller.reliability().configurationChanged();
      }
      default -> {}
    }
    return status;
  }

  /** Sends drive memory to the command's data. */
  private int send(long entry, long from, long length) {
    int status = data.describe(entry, length, false);
    if (status == HostData.LATER) {
      claim(entry);
      subsystem.execution().send(slot, from, length, result);
      return MOVING;
    }
    return status == OK ? data.deliver(slot, entry, from, length) : status;
  }

  private int receive(long entry, long length) {
    int status = data.describe(entry, length, true);
    if (status == HostData.LATER) {
      claim(entry);
      subsystem.execution().receive(slot, length);
      return MOVING;
    }
    if (status == OK) {
      status = data.fetch(slot, entry, page.address(), length);
    }
    return status == OK ? received(entry, page.address()) : status;
  }

  private void claim(long entry) {
    int _ = subsystem.execution().claim(queue, SubmissionEntry.commandId(entry), CommandTable.NOW);
  }

  /** The data of a Set Features has come; returns the command's status. */
  int received(long entry, long at) {
    if (Feature.fid(SubmissionEntry.cdw(entry, 10)) == Feature.TIMESTAMP) {
      features.timestamp(OffHeap.getLong(at));
      return OK;
    }
    int acre = OffHeap.getByte(at);
    if ((acre & ~1) != 0) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    features.advancedRetry(acre == 1);
    return OK;
  }
}
