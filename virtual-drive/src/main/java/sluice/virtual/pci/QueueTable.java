package sluice.virtual.pci;

import java.util.Arrays;
import sluice.nvme.spec.QueueCommand;
import sluice.nvme.spec.StatusCode;
import sluice.virtual.command.DriveSettings;

/**
 * The queues that exist, by identifier; creates and deletes them (sections 5.3 to 5.6). Used in the
 * drive's turns.
 */
public final class QueueTable {
  private static final int OK = 0;
  private static final int IO_SUBMISSION_ENTRY_SHIFT = 6;
  private static final int IO_COMPLETION_ENTRY_SHIFT = 4;
  private static final int SHADOW_BYTES = 4096;

  private final DriveSettings settings;
  private final VirtualIommu iommu;
  private final Doorbells doorbells;
  private final DeviceSubmissionQueue[] submissions;
  private final DeviceCompletionQueue[] completions;

  /** The I/O submission queues that exist, without gaps, for the turn's walk over them. */
  private final DeviceSubmissionQueue[] active;

  private int activeCount;

  /** By doorbell: whether its queue exists. */
  private final boolean[] doorbellUsed;

  private final RaisedVectors raised;
  private boolean hasShadow;
  private long shadowDoorbells;
  private long eventIndexes;

  QueueTable(DriveSettings settings, VirtualIommu iommu, Doorbells doorbells) {
    this.settings = settings;
    this.iommu = iommu;
    this.doorbells = doorbells;
    int queues = settings.ioQueues() + 1;
    submissions = new DeviceSubmissionQueue[queues];
    completions = new DeviceCompletionQueue[queues];
    active = new DeviceSubmissionQueue[queues];
    doorbellUsed = new boolean[2 * queues];
    raised = new RaisedVectors(settings.vectors());
  }

  /** Forgets all queues: the controller was reset. */
  void clear() {
    for (int i = 0; i < submissions.length; i++) {
      submissions[i] = null;
      completions[i] = null;
      active[i] = null;
    }
    Arrays.fill(doorbellUsed, false);
    activeCount = 0;
    hasShadow = false;
    doorbells.reset();
  }

  void createAdmin(long asq, int submissionEntries, long acq, int completionEntries) {
    // The admin queue always interrupts, by vector 0 (section 3.1.11).
    addCompletion(0, completionEntries, acq, 0);
    addSubmission(0, submissionEntries, asq, completions[0]);
  }

  public DeviceSubmissionQueue admin() {
    return submissions[0];
  }

  public int activeCount() {
    return activeCount;
  }

  public DeviceSubmissionQueue active(int index) {
    return active[index];
  }

  /**
   * @return null if there is none of that identifier
   */
  public DeviceSubmissionQueue submission(int id) {
    return id < submissions.length ? submissions[id] : null;
  }

  public boolean ioQueuesExist() {
    for (int i = 1; i < completions.length; i++) {
      if (completions[i] != null) {
        return true;
      }
    }
    return false;
  }

  /** Of the queues with interrupts. */
  public RaisedVectors raisedVectors() {
    return raised;
  }

  public boolean[] doorbellUsed() {
    return doorbellUsed;
  }

  /** Whether the host stored a head that cannot be, in any completion queue since the last call. */
  boolean takeInvalidHead() {
    boolean invalid = false;
    for (DeviceCompletionQueue queue : completions) {
      invalid |= queue != null && queue.takeInvalidHead();
    }
    return invalid;
  }

  public int createCompletion(
      int cdw10, int cdw11, long prp1, int granted, int pageSize, int iocqes) {
    int id = QueueCommand.qid(cdw10);
    int entries = QueueCommand.entries(cdw10);
    if (id == 0 || id > granted || completions[id] != null) {
      return StatusCode.INVALID_QUEUE_IDENTIFIER.statusDnr();
    }
    if (!isQueueSize(entries) || iocqes != IO_COMPLETION_ENTRY_SHIFT) {
      return StatusCode.INVALID_QUEUE_SIZE.statusDnr();
    }
    if ((prp1 & (pageSize - 1)) != 0) {
      return StatusCode.INVALID_PRP_OFFSET.statusDnr();
    }
    int vector = QueueCommand.vector(cdw11);
    boolean interrupts = (cdw11 & QueueCommand.INTERRUPTS_ENABLED) != 0;
    if (vector >= settings.vectors()) {
      return StatusCode.INVALID_INTERRUPT_VECTOR.statusDnr();
    }
    if ((cdw11 & QueueCommand.PHYSICALLY_CONTIGUOUS) == 0) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    addCompletion(id, entries, prp1, interrupts ? vector : RaisedVectors.NONE);
    return OK;
  }

  public int createSubmission(
      int cdw10, int cdw11, long prp1, int granted, int pageSize, int iosqes) {
    int id = QueueCommand.qid(cdw10);
    int entries = QueueCommand.entries(cdw10);
    int cqid = QueueCommand.cqid(cdw11);
    if (cqid == 0 || cqid > granted) {
      return StatusCode.INVALID_QUEUE_IDENTIFIER.statusDnr();
    }
    if (completions[cqid] == null) {
      return StatusCode.INVALID_COMPLETION_QUEUE.statusDnr();
    }
    if (id == 0 || id > granted || submissions[id] != null) {
      return StatusCode.INVALID_QUEUE_IDENTIFIER.statusDnr();
    }
    if (!isQueueSize(entries) || iosqes != IO_SUBMISSION_ENTRY_SHIFT) {
      return StatusCode.INVALID_QUEUE_SIZE.statusDnr();
    }
    if ((prp1 & (pageSize - 1)) != 0) {
      return StatusCode.INVALID_PRP_OFFSET.statusDnr();
    }
    if ((cdw11 & QueueCommand.PHYSICALLY_CONTIGUOUS) == 0) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    addSubmission(id, entries, prp1, completions[cqid]);
    active[activeCount++] = submissions[id];
    completions[cqid].attach();
    return OK;
  }

  /** Whether a submission queue can be deleted: the status if not. */
  public int checkDeleteSubmission(int id) {
    boolean exists = id != 0 && submission(id) != null;
    return exists ? OK : StatusCode.INVALID_QUEUE_IDENTIFIER.statusDnr();
  }

  /** Deletes a submission queue that can be; its commands have been dealt with. */
  public void deleteSubmission(int id) {
    DeviceSubmissionQueue queue = submissions[id];
    submissions[id] = null;
    queue.completions().detach();
    int at = 0;
    while (active[at] != queue) {
      at++;
    }
    System.arraycopy(active, at + 1, active, at, activeCount - at - 1);
    active[--activeCount] = null;
    doorbellUsed[2 * id] = false;
    doorbells.endSubmission(id);
  }

  public int deleteCompletion(int id) {
    if (id == 0 || id >= completions.length || completions[id] == null) {
      return StatusCode.INVALID_QUEUE_IDENTIFIER.statusDnr();
    }
    if (completions[id].submissionQueues() > 0) {
      return StatusCode.INVALID_QUEUE_DELETION.statusDnr();
    }
    completions[id] = null;
    doorbellUsed[2 * id + 1] = false;
    doorbells.endCompletion(id);
    return OK;
  }

  /** Doorbell Buffer Config: I/O queues, those that exist and those to come, use the shadow. */
  public int useShadow(long shadow, long eventIndex, int pageSize) {
    if (((shadow | eventIndex) & (pageSize - 1)) != 0) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    long shadowAt = translate(shadow, VirtualIommu.READ | VirtualIommu.WRITE);
    long eventAt = translate(eventIndex, VirtualIommu.WRITE);
    if (shadowAt == DmaWindow.FAULT || eventAt == DmaWindow.FAULT) {
      return StatusCode.DATA_TRANSFER_ERROR.status();
    }
    if (shadowAt == DmaWindow.REMOTE || eventAt == DmaWindow.REMOTE) {
      // A shadow is looked at in every turn, which messages are too slow for.
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    hasShadow = true;
    shadowDoorbells = shadow;
    eventIndexes = eventIndex;
    for (int id = 1; id < submissions.length; id++) {
      if (submissions[id] != null) {
        useShadow(submissions[id].doorbell(), 2 * id, false);
      }
      if (completions[id] != null) {
        useShadow(completions[id].doorbell(), 2 * id + 1, false);
      }
    }
    return OK;
  }

  private long translate(long page, int access) {
    return new DmaWindow(iommu, access).translate(page, SHADOW_BYTES);
  }

  private void useShadow(ShadowDoorbell doorbell, int index, boolean isNewQueue) {
    long offset = (long) index * (4 << settings.dstrd());
    if (offset >= SHADOW_BYTES) {
      // The buffers are a page each (section 5.7): what lies behind keeps to the register.
      return;
    }
    doorbell.useShadow(shadowDoorbells + offset, eventIndexes + offset, isNewQueue);
  }

  private boolean isQueueSize(int entries) {
    return entries >= 2 && entries <= settings.queueEntries();
  }

  private void addCompletion(int id, int entries, long iova, int vector) {
    ShadowDoorbell doorbell = new ShadowDoorbell(doorbells.beginCompletion(id), iommu);
    if (hasShadow) {
      useShadow(doorbell, 2 * id + 1, true);
    }
    completions[id] = new DeviceCompletionQueue(id, entries, iova, doorbell, iommu, vector, raised);
    doorbellUsed[2 * id + 1] = true;
  }

  private void addSubmission(int id, int entries, long iova, DeviceCompletionQueue completion) {
    ShadowDoorbell doorbell = new ShadowDoorbell(doorbells.beginSubmission(id), iommu);
    if (hasShadow) {
      useShadow(doorbell, 2 * id, true);
    }
    submissions[id] = new DeviceSubmissionQueue(id, entries, iova, completion, doorbell, iommu);
    doorbellUsed[2 * id] = true;
  }
}
