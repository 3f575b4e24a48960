package sluice.virtual.tcp;

import java.lang.foreign.MemorySegment;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.IdentifyFabrics;
import sluice.nvme.spec.StatusCode;
import sluice.queues.CompletionEntry;
import sluice.queues.SubmissionEntry;
import sluice.virtual.command.ControllerQueues;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.command.HostData;
import sluice.virtual.command.HostQueue;
import sluice.virtual.command.Subsystem;

/** The queues of a controller whose host is at the other end of connections. */
final class CapsuleQueues extends ControllerQueues {
  /** KAS: to how many 100 ms the host's time is kept. */
  private static final int KEEP_ALIVE_UNITS = 1;

  /** SGLS: there are SGLs, they may describe more than is transferred, and have offsets. */
  private static final int SGLS = 1 | 1 << 18 | 1 << 20;

  private final DriveAssociation association;
  private final DriveSettings settings;
  private final Finished finished;
  private final CapsuleQueue[] byId;
  private final CapsuleQueue[] active;
  private int activeCount;

  CapsuleQueues(DriveAssociation association, DriveSettings settings) {
    this.association = association;
    this.settings = settings;
    int queues = settings.ioQueues() + 1;
    this.byId = new CapsuleQueue[queues];
    this.active = new CapsuleQueue[queues];
    this.finished = new Finished(Subsystem.COMMANDS);
  }

  Finished finished() {
    return finished;
  }

  /** A connection has become a queue. */
  void add(CapsuleQueue queue) {
    byId[queue.id()] = queue;
    if (queue.id() > 0) {
      active[activeCount++] = queue;
    }
  }

  /** A queue's connection is gone. */
  @SuppressWarnings("ReferenceEquality")
  void remove(CapsuleQueue queue) {
    byId[queue.id()] = null;
    for (int i = 0; i < activeCount; i++) {
      if (active[i] == queue) {
        System.arraycopy(active, i + 1, active, i, activeCount - i - 1);
        active[--activeCount] = null;
        return;
      }
    }
  }

  /** {@inheritDoc} The admin queue stays, for it is how the host enables the controller again. */
  @Override
  public void clear() {
    association.endIoQueues("the controller was reset");
    association.admin().forgetCommands();
  }

  @Override
  public boolean createAdmin(int cc) {
    return DriveAssociation.isGood(cc);
  }

  @Override
  public HostQueue admin() {
    return byId[0];
  }

  @Override
  public int activeCount() {
    return activeCount;
  }

  @Override
  public HostQueue active(int index) {
    return active[index];
  }

  @Override
  public HostQueue submission(int id) {
    return id < byId.length ? byId[id] : null;
  }

  @Override
  public boolean ioQueuesExist() {
    return activeCount > 0;
  }

  @Override
  public HostData data() {
    return byId[0].data();
  }

  @Override
  public void raise() {
    for (int i = 0; i < association.connections().size(); i++) {
      long _ = association.connections().get(i).outgoing().send();
    }
  }

  @Override
  public boolean isStrayWrite() {
    return false;
  }

  @Override
  public int createCompletion(long entry, int granted) {
    return StatusCode.INVALID_OPCODE.statusDnr();
  }

  @Override
  public int createSubmission(long entry, int granted) {
    return StatusCode.INVALID_OPCODE.statusDnr();
  }

  @Override
  public int closeSubmission(int id) {
    return StatusCode.INVALID_OPCODE.statusDnr();
  }

  @Override
  public void deleteSubmission(int id) {
    throw new IllegalStateException("queue " + id + " was not closed");
  }

  @Override
  public int deleteCompletion(int id) {
    return StatusCode.INVALID_OPCODE.statusDnr();
  }

  @Override
  public int useShadow(long entry) {
    return StatusCode.INVALID_OPCODE.statusDnr();
  }

  /** {@inheritDoc} That it came has been noticed already. */
  @Override
  public int execute(int opcode) {
    return opcode == AdminOpcode.KEEP_ALIVE ? 0 : super.execute(opcode);
  }

  @Override
  public void describe(MemorySegment page) {
    describe(page, settings.queueEntries());
  }

  /** What all controllers of a target say of the way to them. */
  static void describe(MemorySegment page, int queueEntries) {
    IdentifyController controller = new IdentifyController(page);
    controller.kas(KEEP_ALIVE_UNITS);
    controller.ctratt(IdentifyFabrics.CTRATT_TRAFFIC_KEEPS_ALIVE);
    controller.maxcmd(queueEntries);
    controller.sgls(SGLS);
    IdentifyFabrics fabrics = new IdentifyFabrics(page);
    fabrics.commandCapsuleBytes(SubmissionEntry.BYTES + QueueConnection.IN_CAPSULE_BYTES);
    fabrics.responseCapsuleBytes(CompletionEntry.BYTES);
    fabrics.dataOffset(0);
    fabrics.descriptors(1);
    fabrics.offered(IdentifyFabrics.OFCS_DISCONNECT);
  }
}
