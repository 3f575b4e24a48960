package sluice.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.ErrorLogEntry;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.FirmwareSlotLog;
import sluice.nvme.spec.IdentifyCns;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.IdentifyNamespace;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.NamespaceList;
import sluice.nvme.spec.QueueCommand;
import sluice.nvme.spec.SmartLog;
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
 * #createIoQueue}, each with one owner thread. Admin commands may come from any thread; they wait
 * for each other and for the drive, and are not for a hot path.
 *
 * <p>A command that does not complete in time is followed by a reset of the controller. All I/O
 * queues live through it: what was outstanding on them is reported as aborted, and they are created
 * anew by their owners' next poll. A controller that cannot be reset has failed, and says so from
 * then on.
 */
public final class NvmeController implements AutoCloseable {
  private static final int SCRATCH_BYTES = 4096;
  private static final int WANTED_IO_QUEUES = 128;
  private static final int WANTED_EVENT_REQUESTS = 4;
  private static final int SMART_WARNINGS = 0x1f;
  private static final int NOTICES = 0x300;
  private static final int GLOBAL_NSID = 0xffffffff;
  private static final Duration MIN_SHUTDOWN_TIMEOUT = Duration.ofSeconds(5);

  private final PciFunction function;
  private final ControllerOptions options;
  private final Waiting waiting;
  private final ControllerRegisters registers;
  private final ReentrantLock lock = new ReentrantLock();
  private final AdminQueue admin;
  private final DmaMemory scratch;
  private final IdentifyController identify;
  private final ShadowDoorbells shadowDoorbells;
  private final List<Namespace> namespaces;
  private final BitSet queueIds = new BitSet();
  private final List<IoQueue> queues = new ArrayList<>();
  private int maxIoQueues;
  private boolean up;
  private boolean closed;

  /** Counts resets. Queues compare it with what they saw when they were created. */
  private final AtomicInteger generation = new AtomicInteger();

  private volatile NvmeException failure;

  private NvmeController(PciFunction function, ControllerOptions options) {
    this.function = function;
    this.options = options;
    this.waiting = new Waiting(function, options);
    function.config().enableBusMaster();
    this.registers = new ControllerRegisters(function, waiting);
    this.admin = newAdminQueue();
    this.scratch = function.dma().allocate(SCRATCH_BYTES);
    registers.disable();
    registers.enable(admin.submissionIova(), admin.completionIova(), AdminQueue.ENTRIES);
    this.identify = new IdentifyController(identify(IdentifyCns.CONTROLLER, 0));
    this.shadowDoorbells =
        options.shadowDoorbells() && identify.offersAdmin(IdentifyController.OACS_DOORBELL_BUFFER)
            ? new ShadowDoorbells(function.dma(), registers.pageBytes(), Cap.dstrd(registers.cap()))
            : null;
    setUpFeatures();
    this.namespaces = identifyNamespaces();
    this.up = true;
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

  private AdminQueue newAdminQueue() {
    DmaSpace dma = function.dma();
    int stride = Cap.dstrd(registers.cap());
    DmaMemory sqMemory = dma.allocate(registers.pageBytes());
    DmaMemory cqMemory = dma.allocate(registers.pageBytes());
    Doorbell sqDoorbell = Doorbell.ofSubmissionQueue(function.bar(0), 0, stride);
    Doorbell cqDoorbell = Doorbell.ofCompletionQueue(function.bar(0), 0, stride);
    return new AdminQueue(
        function.address(),
        new SubmissionQueue(0, sqMemory, AdminQueue.ENTRIES, sqDoorbell),
        new CompletionQueue(0, cqMemory, AdminQueue.ENTRIES, cqDoorbell),
        waiting);
  }

  /** What a controller forgets in a reset: queue numbers, shadow doorbells, event requests. */
  private void setUpFeatures() {
    Duration timeout = options.adminTimeout();
    int granted =
        admin.execute(
            setFeature(
                Feature.NUMBER_OF_QUEUES,
                Feature.numberOfQueues(WANTED_IO_QUEUES, WANTED_IO_QUEUES)),
            timeout);
    maxIoQueues = Math.min(Feature.submissionQueues(granted), Feature.completionQueues(granted));
    if (shadowDoorbells != null) {
      shadowDoorbells.reset();
      AdminCommand config =
          new AdminCommand(AdminOpcode.DOORBELL_BUFFER_CONFIG)
              .prps(shadowDoorbells.shadowIova(), shadowDoorbells.eventIndexIova());
      admin.execute(config, timeout);
    }
    int wanted = SMART_WARNINGS | (identify.oaes() & NOTICES);
    admin.execute(setFeature(Feature.ASYNCHRONOUS_EVENT_CONFIGURATION, wanted), timeout);
    for (int i = 0; i < Math.min(identify.aerl() + 1, WANTED_EVENT_REQUESTS); i++) {
      admin.armEvent();
    }
  }

  private List<Namespace> identifyNamespaces() {
    List<Namespace> found = new ArrayList<>();
    int last = 0;
    while (true) {
      NamespaceList list = new NamespaceList(identify(IdentifyCns.ACTIVE_NAMESPACES, last));
      for (int i = 0; i < list.count(); i++) {
        int nsid = list.nsid(i);
        if (Integer.compareUnsigned(nsid, last) <= 0) {
          throw new NvmeException(
              address()
                  + " lists namespace "
                  + nsid
                  + " behind "
                  + last
                  + "; the list must ascend");
        }
        last = nsid;
        IdentifyNamespace page = new IdentifyNamespace(identify(IdentifyCns.NAMESPACE, nsid));
        found.add(new Namespace(nsid, page, maxTransferBytes()));
      }
      if (list.count() < NamespaceList.ENTRIES) {
        return List.copyOf(found);
      }
    }
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
    return maxIoQueues;
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
    lock.lock();
    try {
      requireRunning();
      int id = queueIds.nextClearBit(1);
      if (id > maxIoQueues) {
        throw new NvmeException(address() + " has no more than " + maxIoQueues + " I/O queues");
      }
      queueIds.set(id);
      try {
        IoQueue queue = new IoQueue(this, id, depth, maxTransferBytes());
        queues.add(queue);
        return queue;
      } catch (RuntimeException e) {
        queueIds.clear(id);
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Tells the controller of a queue pair whose rings are empty.
   *
   * @return the generation in which the queues exist
   */
  int register(
      int id, SubmissionQueue sq, CompletionQueue cq, Doorbell sqDoorbell, Doorbell cqDoorbell) {
    lock.lock();
    try {
      requireRunning();
      if (shadowDoorbells != null) {
        shadowDoorbells.attach(id, sqDoorbell, cqDoorbell);
      }
      execute(
          new AdminCommand(AdminOpcode.CREATE_IO_COMPLETION_QUEUE)
              .prps(cq.iova(), 0)
              .cdw(10, QueueCommand.cdw10(id, cq.entries()))
              .cdw(11, QueueCommand.completionCdw11(false, 0)));
      try {
        execute(
            new AdminCommand(AdminOpcode.CREATE_IO_SUBMISSION_QUEUE)
                .prps(sq.iova(), 0)
                .cdw(10, QueueCommand.cdw10(id, sq.entries()))
                .cdw(11, QueueCommand.submissionCdw11(id)));
      } catch (CommandFailedException e) {
        execute(deleteQueue(AdminOpcode.DELETE_IO_COMPLETION_QUEUE, id));
        throw e;
      }
      return generation.get();
    } finally {
      lock.unlock();
    }
  }

  /** Deletes a queue pair: the submission queue first, because the other must not go before it. */
  void unregister(IoQueue queue, int id, int seenGeneration) {
    lock.lock();
    try {
      queues.remove(queue);
      queueIds.clear(id);
      // A reset has deleted it already; a controller that failed has no queues.
      if (generation.get() == seenGeneration && failure == null && function.isPresent()) {
        execute(deleteQueue(AdminOpcode.DELETE_IO_SUBMISSION_QUEUE, id));
        execute(deleteQueue(AdminOpcode.DELETE_IO_COMPLETION_QUEUE, id));
      }
    } finally {
      lock.unlock();
    }
  }

  private static AdminCommand deleteQueue(int opcode, int id) {
    return new AdminCommand(opcode).cdw(10, id);
  }

  /** Asks the controller to abort a command. It may complete all the same, or not at all. */
  void abort(int queueId, int commandId) {
    execute(new AdminCommand(AdminOpcode.ABORT).cdw(10, commandId << 16 | queueId));
  }

  int generation() {
    return generation.get();
  }

  /** CSTS, for a queue that has waited for long; throws if the device is gone. */
  int csts() {
    return registers.csts();
  }

  int pageBytes() {
    return registers.pageBytes();
  }

  ControllerOptions options() {
    return options;
  }

  void requireRunning() {
    NvmeException cause = failure;
    if (cause != null) {
      throw new NvmeException(address() + " has failed: " + cause.getMessage(), cause);
    }
    if (closed) {
      throw new IllegalStateException(address() + " is closed");
    }
  }

  /** Resets the controller and sets it up again. Outstanding I/O is reported as aborted. */
  public void reset() {
    recover(generation.get());
  }

  /** Resets the controller, unless that has happened since the given generation. */
  void recover(int seenGeneration) {
    lock.lock();
    try {
      requireRunning();
      if (generation.get() == seenGeneration) {
        restart();
      }
    } finally {
      lock.unlock();
    }
  }

  private void restart() {
    try {
      try {
        registers.disable();
      } catch (NvmeException e) {
        resetFunction(e);
      }
      admin.reset();
      registers.enable(admin.submissionIova(), admin.completionIova(), AdminQueue.ENTRIES);
      setUpFeatures();
    } catch (NvmeException e) {
      failure = e;
      throw e;
    } finally {
      generation.incrementAndGet();
    }
  }

  /** A controller that does not even stop is reset from outside, if its function knows how. */
  private void resetFunction(NvmeException cause) {
    try {
      function.reset();
    } catch (UnsupportedOperationException e) {
      throw cause;
    }
    function.config().enableBusMaster();
    registers.disable();
  }

  private int execute(AdminCommand command) {
    lock.lock();
    try {
      requireRunning();
      return admin.execute(command, options.adminTimeout());
    } catch (CommandTimeoutException e) {
      // The command may still land in the scratch page or a queue: only a reset ends it for sure.
      // During bring-up there is nothing to go back to, and closing the function ends it as well.
      try {
        if (up) {
          restart();
        }
      } catch (NvmeException resetting) {
        e.addSuppressed(resetting);
      }
      throw e;
    } finally {
      lock.unlock();
    }
  }

  /** Runs a command that reads up to a page, and copies what it read. */
  private MemorySegment read(AdminCommand command, int bytes) {
    lock.lock();
    try {
      scratch.segment().fill((byte) 0);
      execute(command.prps(scratch.iova(), 0));
      MemorySegment copy = Arena.ofAuto().allocate(bytes, Long.BYTES);
      return copy.copyFrom(scratch.segment().asSlice(0, bytes));
    } finally {
      lock.unlock();
    }
  }

  private MemorySegment identify(int cns, int nsid) {
    return read(new AdminCommand(AdminOpcode.IDENTIFY).nsid(nsid).cdw(10, cns), SCRATCH_BYTES);
  }

  private MemorySegment readLog(int page, int bytes) {
    return read(
        new AdminCommand(AdminOpcode.GET_LOG_PAGE)
            .nsid(GLOBAL_NSID)
            .cdw(10, LogPage.cdw10(page, bytes, false))
            .cdw(11, LogPage.cdw11(bytes)),
        bytes);
  }

  /** Reads the SMART / health log: temperature, wear, spare, errors. */
  public SmartLog smartLog() {
    return new SmartLog(readLog(LogPage.SMART, SmartLog.BYTES));
  }

  /**
   * Reads the newest entries of the error log.
   *
   * @param limit how many at the most; the drive may hold fewer, and a page holds 64
   * @return entries that were used, newest first
   */
  public List<ErrorLogEntry> errorLog(int limit) {
    int held = Math.min(identify.elpe() + 1, SCRATCH_BYTES / ErrorLogEntry.BYTES);
    int count = Math.min(limit, held);
    if (count <= 0) {
      return List.of();
    }
    MemorySegment page = readLog(LogPage.ERROR_INFORMATION, count * ErrorLogEntry.BYTES);
    List<ErrorLogEntry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ErrorLogEntry entry =
          new ErrorLogEntry(page.asSlice((long) i * ErrorLogEntry.BYTES, ErrorLogEntry.BYTES));
      if (entry.errorCount() != 0) {
        entries.add(entry);
      }
    }
    return entries;
  }

  /** Reads which firmware is in which slot. */
  public FirmwareSlotLog firmwareSlots() {
    return new FirmwareSlotLog(readLog(LogPage.FIRMWARE_SLOT, FirmwareSlotLog.BYTES));
  }

  /**
   * Reads a feature's value, for features whose value is a dword.
   *
   * @param fid see {@link Feature}
   * @param select {@link Feature#SELECT_CURRENT} or another of its kind
   * @throws CommandFailedException if the drive does not have it
   */
  public int getFeature(int fid, int select) {
    return execute(
        new AdminCommand(AdminOpcode.GET_FEATURES).cdw(10, Feature.getCdw10(fid, select)));
  }

  /**
   * Sets a feature's value until the next reset, for features whose value is a dword.
   *
   * @return dword 0 of the completion, to which some features give a meaning
   * @throws CommandFailedException if the drive does not have it or refuses the value
   */
  public int setFeature(int fid, int value, int nsid) {
    return execute(setFeature(fid, value).nsid(nsid));
  }

  private static AdminCommand setFeature(int fid, int value) {
    return new AdminCommand(AdminOpcode.SET_FEATURES)
        .cdw(10, Feature.setCdw10(fid, false))
        .cdw(11, value);
  }

  /**
   * Gives the function its turn and takes asynchronous events in. From any thread; does nothing
   * when another is at it.
   *
   * @return how much was done
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
      if (failure != null || closed) {
        return null;
      }
      Integer event = admin.nextEvent();
      if (event != null) {
        // Reading the page that the event names lets the next event of its kind come.
        readLog(AsyncEvent.logPage(event), SmartLog.BYTES);
        admin.armEvent();
      }
      return event;
    } finally {
      lock.unlock();
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
        if (failure == null && function.isPresent()) {
          List.copyOf(queues).forEach(IoQueue::close);
          registers.shutdown(shutdownTimeout());
          registers.disable();
        }
      } finally {
        closed = true;
        function.close();
      }
    } finally {
      lock.unlock();
    }
  }

  private Duration shutdownTimeout() {
    Duration named = Duration.ofNanos(identify.rtd3e() * 1000);
    return named.compareTo(MIN_SHUTDOWN_TIMEOUT) > 0 ? named : MIN_SHUTDOWN_TIMEOUT;
  }
}
