package sluice.nvme.tcp;

import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import sluice.nvme.ControllerOptions;
import sluice.nvme.ControllerTransport;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.QueueTransport;
import sluice.nvme.TransportHost;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.IdentifyFabrics;
import sluice.nvme.spec.Registers;
import sluice.queues.SubmissionEntry;
import sluice.vfio.DmaSpace;
import sluice.vfio.Iommu;
import sluice.vfio.IovaRange;
import sluice.vfio.MappedDmaSpace;

/**
 * A controller that is reached by TCP: a connection for each queue, properties by commands, memory
 * that nobody reaches but this process.
 *
 * <p>Each reset of the controller ends the association and makes a new one; how it is made sure of
 * that nothing of the old one happens any more is told in {@link Association}. A controller that is
 * lost is tried to be reached again for as long as the option {@code reconnect} says, and is gone
 * for good after that.
 */
final class TcpTransport implements ControllerTransport {
  /** Commands of the admin queue, whose connection is there before it is asked for. */
  private static final int ADMIN_DEPTH = 31;

  /** Of CC.MPS, which says nothing here. */
  private static final int PAGE_BYTES = 4096;

  private final TcpPlace place;
  private final TcpOptions how;
  private final ControllerOptions options;
  private final Association association;
  private final AdminConnection admin;
  private final MappedDmaSpace memory = new MappedDmaSpace(new NoDevice());

  private volatile String absence;
  private volatile int csts;
  private volatile int maxQueueEntries = 2;

  /** Null without a keep-alive, and before the first association. */
  private KeepAlive keepAlive;

  private TcpTransport(TcpPlace place, TcpOptions how, ControllerOptions options) {
    LongSupplier clock = options.nanoClock();
    this.place = place;
    this.how = how;
    this.options = options;
    this.association = new Association(place, how, clock);
    this.admin = new AdminConnection(clock, how.timeout(), how.keepAlive(), association::aliveAt);
  }

  /**
   * Connects to a subsystem, and brings a controller of it up.
   *
   * @throws NvmeException if it cannot be reached, or does not come up
   */
  static NvmeController open(TcpPlace place, TcpOptions how, ControllerOptions options) {
    return NvmeController.open(new TcpTransport(place, how, options), options);
  }

  @Override
  public String address() {
    return place.toString();
  }

  @Override
  public int poll() {
    return admin.poll();
  }

  @Override
  public boolean isPresent() {
    return absence == null;
  }

  /** Also why it cannot be reached just now, though it may be again after a reset. */
  @Override
  public String absence() {
    String forGood = absence;
    if (forGood != null) {
      return forGood;
    }
    String loss = association.loss();
    return loss == null ? "does not answer" : loss;
  }

  @Override
  public NvmeException lost(InternalError fault) {
    absence = "had memory that cannot be touched any more";
    return new NvmeException(address() + " " + absence, fault);
  }

  @Override
  public DmaSpace dma() {
    return memory;
  }

  @Override
  public int read32(int property) {
    int value = (int) admin.property(property, false);
    if (property == Registers.CSTS && value != (int) AdminConnection.GONE) {
      csts = value;
    }
    return value;
  }

  @Override
  public long read64(int property) {
    return admin.property(property, true);
  }

  @Override
  public void write32(int property, int value) {
    admin.property(property, value);
  }

  @Override
  public int status() {
    return association.loss() == null ? csts : Csts.rdy(csts, false);
  }

  @Override
  public int pageBytes() {
    return PAGE_BYTES;
  }

  @Override
  public int maxQueueEntries() {
    return maxQueueEntries;
  }

  @Override
  public int maxIoQueues() {
    return how.queues();
  }

  @Override
  public boolean canWait() {
    return true;
  }

  /** Makes a new association, after the old one is over for certain. */
  @Override
  public void attach() {
    csts = 0;
    try {
      Connection before = admin.replace(association.begin(ADMIN_DEPTH));
      if (before != null) {
        association.drop(before);
      }
    } catch (NvmeException e) {
      absence = "cannot be reached any more: " + e.getMessage();
      throw e;
    }
    long cap = admin.property(Registers.CAP, true);
    maxQueueEntries = how.entries(Cap.mqes(cap) + 1);
    if (keepAlive == null && how.keepAlive().isPositive()) {
      keepAlive = new KeepAlive(admin, how.keepAlive(), address());
    }
  }

  /** The controller never reaches memory: what it sends is received here, and now no more. */
  @Override
  public boolean detach() {
    association.endPatience();
    if (keepAlive != null) {
      keepAlive.stop();
    }
    admin.end();
    association.cut();
    return true;
  }

  /** For as long as the option {@code reconnect} says, and at least a few times. */
  @Override
  public boolean isWorthAnother(int attempts) {
    return ControllerTransport.super.isWorthAnother(attempts) || association.hasTimeLeft();
  }

  @Override
  public void closing() {
    association.endPatience();
  }

  /** Nothing: {@link #attach}, which follows, leaves nothing of it as it was. */
  @Override
  public void reset() {}

  @Override
  public QueueTransport newQueue(int id, int depth, long maxTransfer, DmaSpace itsMemory) {
    if (id != 0) {
      return new TcpQueue(association, id, depth, options.completions(), options.nanoClock());
    }
    if (depth != ADMIN_DEPTH) {
      throw new IllegalArgumentException("an admin queue has 31 commands here, not " + depth);
    }
    return new TcpAdminQueue(address(), admin, options.completions());
  }

  @Override
  public void setUp(TransportHost host, IdentifyController identify) {
    IdentifyFabrics fabrics = new IdentifyFabrics(identify.segment());
    long capsule = fabrics.commandCapsuleBytes() - SubmissionEntry.BYTES;
    boolean takesData = capsule > 0 && fabrics.dataOffset() == 0;
    association.identified(
        takesData ? (int) Math.min(capsule, Integer.MAX_VALUE) : 0,
        fabrics.trafficKeepsAlive(),
        Duration.ofMillis(fabrics.commandQuiesceMillis()));
    if (identify.maxcmd() > 0) {
      maxQueueEntries = Math.min(maxQueueEntries, Math.max(2, identify.maxcmd() + 1));
    }
    host.taken("capsules");
  }

  @Override
  public void close() {
    if (keepAlive != null) {
      keepAlive.stop();
    }
    association.close();
    memory.close();
  }

  /** Memory that no device reaches. */
  private static final class NoDevice implements Iommu {
    @Override
    public List<IovaRange> ranges() {
      return List.of(new IovaRange(0, Long.MAX_VALUE - 1));
    }

    @Override
    public void map(int fd, long offset, long address, long iova, long size) {}

    @Override
    public long unmap(long iova, long size) {
      return size;
    }
  }
}
