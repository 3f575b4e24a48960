package sluice.nvme.pcie;

import java.time.Duration;
import java.util.Optional;
import sluice.nvme.CompletionMode;
import sluice.nvme.ControllerOptions;
import sluice.nvme.ControllerTransport;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.QueueTransport;
import sluice.nvme.TransportHost;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.Registers;
import sluice.support.Closing;
import sluice.vfio.Bar;
import sluice.vfio.DmaSpace;
import sluice.vfio.Interrupt;
import sluice.vfio.PciFunction;

/**
 * A controller that is a PCI function: its registers in BAR 0, rings and PRP lists in memory that
 * it reaches by itself, doorbells or their shadows, an interrupt vector for each queue.
 */
public final class PcieTransport implements ControllerTransport {
  private static final int GONE = -1;
  private static final int DEFAULT_PAGE_BYTES = 4096;

  /** As many vectors as there may be queues in use. */
  private static final int MAX_QUEUES = 129;

  /** What the specification asks of every controller at the least. */
  private static final int MIN_QUEUE_ENTRIES = 2;

  private final PciFunction function;
  private final ControllerOptions options;
  private final Quirks quirks;
  private final Bar bar;
  private final long cap;
  private final InterruptVectors vectors;
  private final RingSetUp rings;

  private PcieTransport(PciFunction function, ControllerOptions options) {
    this.function = function;
    this.options = options;
    this.quirks = Quirks.of(function.config(), function.address());
    this.bar = function.bar(0);
    this.cap = bar.read64(Registers.CAP);
    if (cap == GONE) {
      throw new NvmeException(address() + " does not answer: its registers read all ones");
    }
    int pageBytes = Math.max(DEFAULT_PAGE_BYTES, Cap.minPageBytes(cap));
    if (pageBytes > Cap.maxPageBytes(cap)) {
      throw new NvmeException(
          address()
              + " takes pages of "
              + Cap.maxPageBytes(cap)
              + " bytes at most, 4096 are needed");
    }
    if (maxQueues() == 0) {
      throw new NvmeException(
          "%s says that its doorbells are %d bytes apart, and has registers of %d bytes"
              .formatted(address(), Integer.BYTES << Cap.dstrd(cap), bar.size()));
    }
    this.vectors =
        new InterruptVectors(
            function,
            options.completions(),
            MAX_QUEUES,
            Runtime.getRuntime().availableProcessors());
    this.rings = new RingSetUp(function, quirks, vectors, pageBytes, Cap.dstrd(cap));
  }

  /**
   * Brings a function's controller up. The function belongs to the controller from now on: it is
   * closed with it, and also when this fails.
   *
   * @throws NvmeException if it does not come up, saying at which step
   */
  public static NvmeController open(PciFunction function, ControllerOptions options) {
    PcieTransport transport;
    try {
      transport = new PcieTransport(function, options);
    } catch (RuntimeException e) {
      Closing.after(e, function);
      throw e;
    }
    return NvmeController.open(transport, options);
  }

  /** How a controller is reached, if that is by PCI Express. */
  public static Optional<PcieTransport> of(NvmeController controller) {
    return controller.transport() instanceof PcieTransport pcie
        ? Optional.of(pcie)
        : Optional.empty();
  }

  /**
   * The function of a controller that is reached by PCI Express.
   *
   * @throws IllegalArgumentException if it is reached otherwise
   */
  public static PciFunction functionOf(NvmeController controller) {
    return of(controller)
        .orElseThrow(
            () -> new IllegalArgumentException(controller.address() + " is no PCI function"))
        .function();
  }

  /** The function underneath. */
  public PciFunction function() {
    return function;
  }

  /** Whether new doorbell values go through memory (Doorbell Buffer Config). From any thread. */
  public boolean usesShadowDoorbells() {
    return rings.usesShadowDoorbells();
  }

  @Override
  public String address() {
    return function.address();
  }

  @Override
  public int poll() {
    return function.poll();
  }

  @Override
  public long stalledNanos() {
    return function.stalledNanos();
  }

  @Override
  public boolean isPresent() {
    return function.isPresent();
  }

  @Override
  public String absence() {
    return function.absence();
  }

  /** What Java makes of a doorbell that the system took away. */
  @Override
  public NvmeException lost(InternalError fault) {
    function.giveUp("does not let its registers be touched any more");
    return new NvmeException(address() + " " + function.absence(), fault);
  }

  @Override
  public DmaSpace dma() {
    return function.dma();
  }

  @Override
  public int read32(int property) {
    return bar.read32(property);
  }

  @Override
  public long read64(int property) {
    return bar.read64(property);
  }

  @Override
  public void write32(int property, int value) {
    bar.write32(property, value);
  }

  @Override
  public int status() {
    return bar.read32(Registers.CSTS);
  }

  /** 4096, or what the device needs at least. */
  @Override
  public int pageBytes() {
    return rings.pageBytes();
  }

  @Override
  public int maxQueueEntries() {
    int entries = Cap.mqes(cap) + 1;
    return entries < MIN_QUEUE_ENTRIES ? quirks.entriesWhenNoneAreNamed() : entries;
  }

  /** Pairs of queues, the admin queue's among them, whose doorbells lie in the BAR. */
  private int maxQueues() {
    return (int) ((bar.size() - Registers.DOORBELLS) / ((2L * Integer.BYTES) << Cap.dstrd(cap)));
  }

  @Override
  public int maxIoQueues() {
    return maxQueues() - 1;
  }

  @Override
  public boolean canWait() {
    return function.interruptVectors() > 0;
  }

  @Override
  public Duration silenceWhenDisabled() {
    return quirks.isSilentWhenDisabled() ? Quirks.SILENCE : Duration.ZERO;
  }

  @Override
  public boolean hasBrokenWriteZeroes() {
    return quirks.cannotWriteZeroes();
  }

  /** Whoever else may have reset the function has turned this off. */
  @Override
  public void attach() {
    function.config().enableBusMaster();
  }

  @Override
  public boolean detach() {
    return function.config().disableBusMaster();
  }

  @Override
  public void reset() {
    function.reset();
  }

  @Override
  public QueueTransport newQueue(int id, int depth, long maxTransfer, DmaSpace memory) {
    return newQueue(id, depth, maxTransfer, memory, vectors.newWait(id));
  }

  @Override
  public QueueTransport newPolledQueue(int id, int depth, long maxTransfer, DmaSpace memory) {
    return newQueue(id, depth, maxTransfer, memory, null);
  }

  private QueueTransport newQueue(
      int id, int depth, long maxTransfer, DmaSpace memory, Interrupt interrupt) {
    int entries = Integer.highestOneBit(depth) << 1;
    if (id != 0) {
      // A power of two, which is what drives are used with, where that is not more than they take.
      entries = Math.min(maxQueueEntries(), entries);
    }
    CompletionWait waiting =
        new CompletionWait(
            interrupt,
            id != 0 && options.completions() == CompletionMode.HYBRID,
            options.nanoClock());
    try {
      return new PcieQueue(rings, id, entries, depth, maxTransfer, memory, waiting);
    } catch (RuntimeException e) {
      waiting.close();
      throw e;
    }
  }

  @Override
  public void setUp(TransportHost host, IdentifyController identify) {
    if (options.shadowDoorbells()
        && identify.offersAdmin(IdentifyController.OACS_DOORBELL_BUFFER)) {
      rings.useShadowDoorbells(host);
    } else {
      rings.useRegisters();
    }
    host.taken("doorbells");
  }

  @Override
  public void close() {
    function.close();
  }
}
