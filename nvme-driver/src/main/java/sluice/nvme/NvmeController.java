package sluice.nvme;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.IdentifyController;
import sluice.queues.CompletionQueue;
import sluice.queues.Doorbell;
import sluice.queues.SubmissionQueue;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;
import sluice.vfio.PciFunction;

/**
 * An NVMe controller that this process drives alone (NVM Express 1.4).
 *
 * <p>{@link #open} takes a function from whatever state it is in to a running controller: disabled,
 * admin queue set, enabled, identified, events armed. I/O goes through queues of {@link
 * #createIoQueue}, each with one owner thread; everything else through {@link #admin}.
 *
 * <p>An admin command that does not complete in time is followed by a reset of the controller. All
 * I/O queues live through a reset: what was outstanding on them is reported as aborted, and their
 * owners' next poll creates them anew. A controller that cannot be reset has failed, and says so
 * from then on.
 *
 * <p>Thread-safe.
 */
public final class NvmeController implements AutoCloseable {
  private static final int WANTED_IO_QUEUES = 128;
  private static final int WANTED_EVENT_REQUESTS = 4;
  private static final int SMART_WARNINGS = 0x1f;
  private static final int NOTICES = 0x300;
  private static final Duration MIN_SHUTDOWN_TIMEOUT = Duration.ofSeconds(5);

  private final PciFunction function;
  private final ControllerOptions options;
  private final ReentrantLock lock = new ReentrantLock();
  private final InterruptVectors vectors;
  private final ControllerRegisters registers;
  private final Recovery recovery;
  private final AdminQueue adminQueue;
  private final AdminCommands admin;
  private final IdentifyController identify;
  private final ShadowDoorbells shadowDoorbells;
  private final List<Namespace> namespaces;
  private final IoQueues queues = new IoQueues(this);
  private volatile boolean closed;

  private NvmeController(PciFunction function, ControllerOptions options) {
    this.function = function;
    this.options = options;
    function.config().enableBusMaster();
    Waiting waiting = new Waiting(function, options);
    this.registers = new ControllerRegisters(function, waiting);
    this.vectors =
        new InterruptVectors(
            function,
            options.completions(),
            WANTED_IO_QUEUES + 1,
            Runtime.getRuntime().availableProcessors());
    this.adminQueue = newAdminQueue(Waiting.forInterrupt(function, options, vectors.waitFor(0)));
    this.admin = new AdminCommands(this);
    this.recovery = new Recovery(function, registers, this::bringUp);
    recovery.disable();
    registers.enable(adminQueue);
    this.identify = admin.identifyController();
    this.shadowDoorbells =
        options.shadowDoorbells() && identify.offersAdmin(IdentifyController.OACS_DOORBELL_BUFFER)
            ? new ShadowDoorbells(function.dma(), pageBytes(), doorbellStride())
            : null;
    setUp();
    this.namespaces = identifyNamespaces();
    recovery.isUp();
  }

  /**
   * Brings a controller up. The function belongs to the controller from now on: it is closed with
   * it, and also when this fails.
   *
   * @throws NvmeException if it does not come up, saying at which step
   */
  public static NvmeController open(PciFunction function, ControllerOptions options) {
    try {
      return new NvmeController(function, options);
    } catch (RuntimeException e) {
      try {
        function.close();
      } catch (RuntimeException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  private AdminQueue newAdminQueue(Waiting waiting) {
    DmaMemory sqMemory = function.dma().allocate(pageBytes());
    DmaMemory cqMemory = function.dma().allocate(pageBytes());
    Doorbell sqDoorbell = Doorbell.ofSubmissionQueue(function.bar(0), 0, doorbellStride());
    Doorbell cqDoorbell = Doorbell.ofCompletionQueue(function.bar(0), 0, doorbellStride());
    return new AdminQueue(
        function.address(),
        new SubmissionQueue(0, sqMemory, AdminQueue.ENTRIES, sqDoorbell),
        new CompletionQueue(0, cqMemory, AdminQueue.ENTRIES, cqDoorbell),
        waiting);
  }

  private void bringUp() {
    adminQueue.reset();
    registers.enable(adminQueue);
    setUp();
  }

  /** Sets what a controller forgets in a reset: queue numbers, shadow doorbells, event requests. */
  private void setUp() {
    int wanted = Feature.numberOfQueues(WANTED_IO_QUEUES, WANTED_IO_QUEUES);
    int granted = admin.setFeature(Feature.NUMBER_OF_QUEUES, wanted);
    queues.limit(Math.min(Feature.submissionQueues(granted), Feature.completionQueues(granted)));
    if (shadowDoorbells != null) {
      shadowDoorbells.reset();
      admin.configureDoorbellBuffer(shadowDoorbells.shadowIova(), shadowDoorbells.eventIndexIova());
    }
    int events = SMART_WARNINGS | (identify.oaes() & NOTICES);
    admin.setFeature(Feature.ASYNCHRONOUS_EVENT_CONFIGURATION, events);
    for (int i = 0; i < Math.min(identify.aerl() + 1, WANTED_EVENT_REQUESTS); i++) {
      adminQueue.armEvent();
    }
  }

  private List<Namespace> identifyNamespaces() {
    List<Namespace> found = new ArrayList<>();
    for (int nsid : admin.activeNamespaces()) {
      found.add(new Namespace(nsid, admin.identifyNamespace(nsid), maxTransferBytes()));
    }
    return List.copyOf(found);
  }

  /** The drive's address, as a person would give it. */
  public String address() {
    return function.address();
  }

  /** The PCI function underneath. */
  public PciFunction function() {
    return function;
  }

  /** Where memory for this drive's data is taken from. It lives until the controller is closed. */
  public DmaSpace dma() {
    return function.dma();
  }

  /** The commands for everything but I/O. */
  public AdminCommands admin() {
    return admin;
  }

  /** The Identify Controller page, as read at bring-up. */
  public IdentifyController identify() {
    return identify;
  }

  /** The version that the controller says it implements; see {@link sluice.nvme.spec.Version}. */
  public int version() {
    return registers.version();
  }

  /** The register CAP; see {@link Cap}. */
  public long capabilities() {
    return registers.cap();
  }

  /** All active namespaces, by identifier, as read at bring-up. */
  public List<Namespace> namespaces() {
    return namespaces;
  }

  /**
   * A namespace by its identifier.
   *
   * @throws NvmeException if there is none of that identifier, or it cannot be used
   */
  public Namespace namespace(int nsid) {
    for (Namespace namespace : namespaces) {
      if (namespace.id() == nsid) {
        return namespace.requireUsable();
      }
    }
    throw new NvmeException(address() + " has no namespace " + nsid + ", but " + namespaces);
  }

  /** How many commands can be outstanding on one I/O queue. */
  public int maxQueueDepth() {
    return registers.maxQueueEntries() - 1;
  }

  /** How many I/O queues there can be at once. */
  public int maxIoQueues() {
    return underLock(queues::limit);
  }

  /** Whether new doorbell values go through memory (Doorbell Buffer Config). */
  public boolean usesShadowDoorbells() {
    return shadowDoorbells != null;
  }

  private long maxTransferBytes() {
    long limit = identify.maxTransferBytes(Cap.minPageBytes(registers.cap()));
    return Math.min(limit, options.maxTransferBytes());
  }

  /**
   * Creates an I/O queue pair. The thread that uses it first owns it.
   *
   * @param depth commands that can be outstanding, 1 to {@link #maxQueueDepth}
   * @throws NvmeException if the drive has no more queues, or refuses
   */
  public IoQueue createIoQueue(int depth) {
    if (depth < 1 || depth > maxQueueDepth()) {
      throw new IllegalArgumentException(
          "a queue of " + address() + " has a depth of 1 to " + maxQueueDepth() + ", not " + depth);
    }
    return underLock(() -> {
      requireRunning();
      return queues.create(depth, maxTransferBytes());
    });
  }

  /**
   * Creates a queue pair's rings, which are empty, in the controller.
   *
   * @return the generation in which they exist
   */
  int createRings(
      SubmissionQueue sq, CompletionQueue cq, Doorbell sqDoorbell, Doorbell cqDoorbell) {
    return underLock(() -> {
      if (shadowDoorbells != null) {
        shadowDoorbells.attach(sq.id(), sqDoorbell, cqDoorbell);
      }
      admin.createQueues(sq, cq, vectors);
      return recovery.generation();
    });
  }

  /** Which vectors the queues' completions raise. */
  InterruptVectors vectors() {
    return vectors;
  }

  /**
   * Deletes a queue pair in the controller, unless a reset has done so since.
   *
   * @return whether the controller does not reach its memory any more
   */
  boolean deleteQueue(IoQueue queue, int seenGeneration) {
    return underLock(() -> {
      boolean exists = recovery.generation() == seenGeneration && function.isPresent();
      queues.delete(queue, exists);
      return exists || hasForgotten(seenGeneration);
    });
  }

  /** Whether the controller reaches no memory any more that it was told of in a generation. */
  boolean hasForgotten(int seenGeneration) {
    return recovery.hasForgotten(seenGeneration);
  }

  int generation() {
    return recovery.generation();
  }

  int pageBytes() {
    return registers.pageBytes();
  }

  int doorbellStride() {
    return Cap.dstrd(registers.cap());
  }

  /** CSTS; throws if the device is gone. */
  int csts() {
    return registers.csts();
  }

  ControllerOptions options() {
    return options;
  }

  /**
   * @throws IllegalStateException if it is closed
   * @throws NvmeException if it has failed
   */
  void requireRunning() {
    if (closed) {
      throw new IllegalStateException(address() + " is closed");
    }
    NvmeException cause = recovery.failure();
    if (cause != null) {
      throw new NvmeException(address() + " has failed: " + cause.getMessage(), cause);
    }
  }

  /** Resets the controller and sets it up again. Outstanding I/O is reported as aborted. */
  public void reset() {
    recover(generation());
  }

  /** Resets the controller, unless that has happened since the given generation. */
  void recover(int seenGeneration) {
    underLock(() -> {
      requireRunning();
      if (recovery.generation() == seenGeneration) {
        recovery.restart();
      }
      return null;
    });
  }

  int execute(AdminCommand command) {
    return underLock(() -> {
      requireRunning();
      try {
        return adminQueue.execute(command, options.adminTimeout());
      } catch (InternalError e) {
        throw lost(e);
      } catch (CommandTimeoutException e) {
        recovery.restartAfter(e);
        throw e;
      }
    });
  }

  /** What Java makes of a doorbell that the system took away: the device is as good as gone. */
  NvmeException lost(InternalError fault) {
    function.giveUp("does not let its registers be touched any more");
    return new NvmeException(address() + " " + function.absence(), fault);
  }

  <T> T underLock(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives the function its turn and takes asynchronous events in. From any thread; does nothing
   * when another is at it.
   *
   * @return how much was done
   * @throws NvmeException if the drive's registers cannot be touched any more
   */
  public int poll() {
    int work = function.poll();
    Integer event = nextEvent();
    if (event == null) {
      return work;
    }
    options.onEvent().accept(event);
    return work + 1;
  }

  private Integer nextEvent() {
    if (!lock.tryLock()) {
      return null;
    }
    try {
      if (recovery.failure() != null || closed) {
        return null;
      }
      Integer event = adminQueue.nextEvent();
      if (event != null) {
        acknowledge(event);
        adminQueue.armEvent();
      }
      return event;
    } catch (InternalError e) {
      throw lost(e);
    } finally {
      lock.unlock();
    }
  }

  private void acknowledge(int event) {
    try {
      admin.acknowledge(AsyncEvent.logPage(event));
    } catch (CommandFailedException e) {
      // The drive does not have the page that it names. The event is told all the same.
    }
  }

  /**
   * Deletes the queues that are left, tells the drive that power may go, waits for it, and gives
   * the function back. Queues must no longer be in use. Closing twice does nothing.
   *
   * @throws NvmeException if the drive does not shut down in good order; the function is given back
   *     all the same
   */
  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      try {
        closeQueues();
      } finally {
        closed = true;
        function.close();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The drive is shut down in good order also if a queue cannot be deleted. */
  private void closeQueues() {
    try {
      queues.closeAll();
    } catch (RuntimeException e) {
      try {
        shutDown();
      } catch (RuntimeException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
    shutDown();
  }

  private void shutDown() {
    if (recovery.failure() == null && function.isPresent()) {
      registers.shutdown(shutdownTimeout());
      registers.disable();
    }
  }

  private Duration shutdownTimeout() {
    Duration named = Duration.ofNanos(identify.rtd3e() * 1000);
    return named.compareTo(MIN_SHUTDOWN_TIMEOUT) > 0 ? named : MIN_SHUTDOWN_TIMEOUT;
  }
}
