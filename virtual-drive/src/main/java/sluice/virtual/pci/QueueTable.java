package sluice.virtual.pci;

import java.util.Arrays;
import sluice.nvme.spec.Aqa;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.QueueCommand;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.virtual.command.Controller;
import sluice.virtual.command.ControllerQueues;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.command.RegisterFile;

/**
 * The queues that exist, by identifier; creates and deletes them (sections 5.3 to 5.6). Used in the
 * drive's turns.
 */
final class QueueTable extends ControllerQueues {
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
  private Controller controller;
  private PrpData data;
  private int pageSize;
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

  /**
   * Whose queues they are.
   *
   * @param commandData the way to the data of commands
   */
  void attach(Controller owner, PrpData commandData) {
    controller = owner;
    data = commandData;
  }

  Controller controller() {
    return controller;
  }

  @Override
  public PrpData data() {
    return data;
  }

  @Override
  public void clear() {
    for (int i = 0; i < submissions.length; i++) {
      if (submissions[i] != null) {
        submissions[i].close();
      }
      if (completions[i] != null) {
        completions[i].close();
      }
      submissions[i] = null;
      completions[i] = null;
      active[i] = null;
    }
    Arrays.fill(doorbellUsed, false);
    activeCount = 0;
    hasShadow = false;
    doorbells.reset();
  }

  @Override
  public boolean createAdmin(int cc) {
    RegisterFile registers = controller.registers();
    int aqa = registers.aqa();
    long asq = registers.asq();
    long acq = registers.acq();
    int bytes = Cc.pageBytes(cc);
    if (asq == 0
        || acq == 0
        || ((asq | acq) & (bytes - 1)) != 0
        || Aqa.asqs(aqa) == 0
        || Aqa.acqs(aqa) == 0) {
      return false;
    }
    pageSize = bytes;
    data.pageSize(bytes);
    // The admin queue always interrupts, by vector 0 (section 3.1.11).
    addCompletion(0, Aqa.acqs(aqa) + 1, acq, 0);
    addSubmission(0, Aqa.asqs(aqa) + 1, asq, completions[0]);
    return true;
  }

  @Override
  public DeviceSubmissionQueue admin() {
    return submissions[0];
  }

  @Override
  public int activeCount() {
    return activeCount;
  }

  @Override
  public DeviceSubmissionQueue active(int index) {
    return active[index];
  }

  @Override
  public DeviceSubmissionQueue submission(int id) {
    return id < submissions.length ? submissions[id] : null;
  }

  @Override
  public boolean ioQueuesExist() {
    for (int i = 1; i < completions.length; i++) {
      if (completions[i] != null) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void raise() {
    if (!raised.isEmpty()) {
      raised.raise();
    }
  }

  @Override
  public boolean isStrayWrite() {
    return doorbells.watch(doorbellUsed);
  }

  /** Of the queues with interrupts. */
  RaisedVectors raisedVectors() {
    return raised;
  }

  @Override
  public int createCompletion(long entry, int granted) {
    int cdw10 = SubmissionEntry.cdw(entry, 10);
    int cdw11 = SubmissionEntry.cdw(entry, 11);
    long prp1 = SubmissionEntry.prp1(entry);
    int id = QueueCommand.qid(cdw10);
    int entries = QueueCommand.entries(cdw10);
    if (id == 0 || id > granted || completions[id] != null) {
      return StatusCode.INVALID_QUEUE_IDENTIFIER.statusDnr();
    }
    if (!isQueueSize(entries)
        || Cc.iocqes(controller.registers().cc()) != IO_COMPLETION_ENTRY_SHIFT) {
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

  @Override
  public int createSubmission(long entry, int granted) {
    int cdw10 = SubmissionEntry.cdw(entry, 10);
    int cdw11 = SubmissionEntry.cdw(entry, 11);
    long prp1 = SubmissionEntry.prp1(entry);
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
    if (!isQueueSize(entries)
        || Cc.iosqes(controller.registers().cc()) != IO_SUBMISSION_ENTRY_SHIFT) {
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

  @Override
  public int closeSubmission(int id) {
    DeviceSubmissionQueue queue = id == 0 ? null : submission(id);
    int at = 0;
    while (at < activeCount && active[at] != queue) {
      at++;
    }
    if (queue == null || at == activeCount) {
      return StatusCode.INVALID_QUEUE_IDENTIFIER.statusDnr();
    }
    queue.close();
    System.arraycopy(active, at + 1, active, at, activeCount - at - 1);
    active[--activeCount] = null;
    doorbellUsed[2 * id] = false;
    doorbells.endSubmission(id);
    return OK;
  }

  @Override
  public void deleteSubmission(int id) {
    submissions[id].completions().detach();
    submissions[id] = null;
  }

  @Override
  public int deleteCompletion(int id) {
    if (id == 0 || id >= completions.length || completions[id] == null) {
      return StatusCode.INVALID_QUEUE_IDENTIFIER.statusDnr();
    }
    if (completions[id].submissionQueues() > 0) {
      return StatusCode.INVALID_QUEUE_DELETION.statusDnr();
    }
    completions[id].close();
    completions[id] = null;
    doorbellUsed[2 * id + 1] = false;
    doorbells.endCompletion(id);
    return OK;
  }

  /** I/O queues, those that exist and those to come, use the shadow. */
  @Override
  public int useShadow(long entry) {
    long shadow = SubmissionEntry.prp1(entry);
    long eventIndex = SubmissionEntry.prp2(entry);
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
    completions[id] =
        new DeviceCompletionQueue(this, id, entries, iova, doorbell, iommu, vector, raised);
    doorbellUsed[2 * id + 1] = true;
  }

  private void addSubmission(int id, int entries, long iova, DeviceCompletionQueue completion) {
    ShadowDoorbell doorbell = new ShadowDoorbell(doorbells.beginSubmission(id), iommu);
    if (hasShadow) {
      useShadow(doorbell, 2 * id, true);
    }
    submissions[id] =
        new DeviceSubmissionQueue(this, id, entries, iova, completion, doorbell, iommu);
    doorbellUsed[2 * id] = true;
  }
}
