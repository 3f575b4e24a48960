package sluice.nvme;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.StatusCode;
import sluice.queues.CompletionQueue;
import sluice.queues.Doorbell;
import sluice.queues.SubmissionQueue;
import sluice.support.Closing;
import sluice.support.events.Incidents;
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
 * <p>A drive is used as far as it goes: what it refuses costs that, and a line for {@link
 * ControllerOptions#onNotice}.
 *
 * <p>An admin command that is waited for and does not complete in time is followed by a reset of
 * the controller; one that only watches the drive ({@link #watchHealth}, events) is left to it for
 * as long as it likes. All I/O queues live through a reset: what was outstanding on them is
 * reported as aborted, and their owners' next poll creates them anew. A controller that cannot be
 * reset in several attempts has failed, and says so from then on.
 *
 * <p>Thread-safe.
 */
public final class NvmeController implements AutoCloseable {
  private static final int WANTED_IO_QUEUES = 128;

  /** So that an identifier has at least 4 bits for its generation; as many as Linux gives it. */
  private static final int MAX_DEPTH = 4095;

  /** Aborts that are left with the controller at once, if it takes so many. */
  private static final int MAX_ABORTS = 8;

  private static final long GRACE_NANOS = 2_000_000;

  private static final Duration MIN_SHUTDOWN_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration MAX_SHUTDOWN_TIMEOUT = Duration.ofSeconds(60);

  private final PciFunction function;
  private final ControllerOptions options;
  private final ReentrantLock lock = new ReentrantLock();
  private final Notices notices;
  private final Quirks quirks;
  private final Waiting waiting;
  private final InterruptVectors vectors;
  private final ControllerRegisters registers;
  private final BringUpSteps steps;
  private final Recovery recovery;
  private final AdminQueue adminQueue;
  private final AdminCommands admin;
  private final IdentifyController identify;
  private final BringUp bringUp;
  private final List<Namespace> namespaces;
  private final IoQueues queues = new IoQueues(this);

  /** Where log pages go that are read only to acknowledge an event; nobody looks at it. */
  private final DmaMemory acknowledged;

  private int abortsOut;

  /** Whether a queue could not be deleted in time while closing: the others are left alone. */
  private boolean hasGivenUp;

  private final AtomicBoolean closing = new AtomicBoolean();
  private volatile boolean closed;

  private NvmeController(PciFunction function, ControllerOptions options) {
    this.function = function;
    this.options = options;
    this.notices = new Notices(function.address(), options.onNotice());
    this.quirks = Quirks.of(function.config(), function.address());
    function.config().enableBusMaster();
    this.waiting = new Waiting(function, options);
    this.registers = new ControllerRegisters(function, waiting, quirks);
    this.vectors =
        new InterruptVectors(
            function,
            options.completions(),
            WANTED_IO_QUEUES + 1,
            Runtime.getRuntime().availableProcessors());
    this.adminQueue = newAdminQueue(Waiting.forInterrupt(function, options, vectors.waitFor(0)));
    this.admin = new AdminCommands(this);
    this.acknowledged = function.dma().allocate(AdminCommands.PAGE_BYTES);
    this.steps = new BringUpSteps(function.address());
    this.recovery = new Recovery(function, registers, waiting, notices, steps, this::bringUpAgain);
    recovery.disable();
    steps.taken("disable");
    registers.enable(adminQueue);
    steps.taken("enable");
    this.identify = admin.identifyController();
    steps.taken("identify");
    this.bringUp = new BringUp(admin, adminQueue, notices, steps, identify, newShadowDoorbells());
    setUp();
    this.namespaces = bringUp.namespaces(registers.cap(), registers.version(), maxTransferBytes());
    steps.taken("namespaces");
    recovery.begin();
  }

  private ShadowDoorbells newShadowDoorbells() {
    boolean uses =
        options.shadowDoorbells() && identify.offersAdmin(IdentifyController.OACS_DOORBELL_BUFFER);
    return uses ? new ShadowDoorbells(function.dma(), pageBytes(), doorbellStride()) : null;
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
      Closing.after(e, function);
      throw e;
    }
  }

  private AdminQueue newAdminQueue(Waiting untilCompletion) {
    DmaMemory sqMemory = AlignedDma.allocate(function.dma(), pageBytes(), pageBytes());
    DmaMemory cqMemory = AlignedDma.allocate(function.dma(), pageBytes(), pageBytes());
    Doorbell sqDoorbell = Doorbell.ofSubmissionQueue(function.bar(0), 0, doorbellStride());
    Doorbell cqDoorbell = Doorbell.ofCompletionQueue(function.bar(0), 0, doorbellStride());
    return new AdminQueue(
        function.address(),
        new SubmissionQueue(0, sqMemory, AdminQueue.ENTRIES, sqDoorbell),
        new CompletionQueue(0, cqMemory, AdminQueue.ENTRIES, cqDoorbell),
        untilCompletion,
        notices);
  }

  private void bringUpAgain() {
    adminQueue.reset();
    registers.enable(adminQueue);
    steps.taken("enable");
    setUp();
  }

  private void setUp() {
    queues.limit(Math.min(bringUp.setUp(WANTED_IO_QUEUES), registers.maxQueues() - 1));
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

  /**
   * What this controller lacks or did wrong, and what came of it, a line each: what {@link
   * ControllerOptions#onNotice} was told, without the drive's address; the first 32.
   */
  public List<String> notices() {
    return notices.all();
  }

  /** All active namespaces that identify themselves, by identifier, as read at bring-up. */
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
    return Math.min(registers.maxQueueEntries() - 1, MAX_DEPTH);
  }

  /** Entries that a queue can have. */
  int maxQueueEntries() {
    return registers.maxQueueEntries();
  }

  /** How many I/O queues there can be at once. */
  public int maxIoQueues() {
    return underLock(queues::limit);
  }

  /** Whether new doorbell values go through memory (Doorbell Buffer Config). */
  public boolean usesShadowDoorbells() {
    return underLock(() -> bringUp.shadowDoorbells() != null);
  }

  /**
   * Begins to watch the drive's health.
   *
   * @param interval between two questions, if the drive answers them as fast
   */
  public HealthWatch watchHealth(Duration interval) {
    return new HealthWatch(this, interval);
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
      requireUsable();
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
      ShadowDoorbells shadows = bringUp.shadowDoorbells();
      if (shadows == null) {
        sqDoorbell.useRegister();
        cqDoorbell.useRegister();
      } else {
        shadows.attach(sq.id(), sqDoorbell, cqDoorbell);
      }
      admin.createQueues(sq, cq, vectors, quirks);
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
      try {
        queues.delete(queue, exists && !hasGivenUp);
      } catch (CommandTimeoutException e) {
        // Outside of closing that was followed by a reset, and the queue is no more.
        hasGivenUp = closing.get();
        return hasForgotten(seenGeneration);
      }
      return (exists && !hasGivenUp) || hasForgotten(seenGeneration);
    });
  }

  /** Whether the controller reaches no memory any more that it was told of in a generation. */
  boolean hasForgotten(int seenGeneration) {
    return recovery.hasForgotten(seenGeneration);
  }

  /** In which generation queues can be used; one that no queue is of when this is being closed. */
  int generation() {
    return recovery.usableGeneration();
  }

  /** Tells a person what it is no error to do; see {@link #notices}. */
  void notice(String what) {
    notices.add(what);
  }

  Quirks quirks() {
    return quirks;
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

  /**
   * @throws IllegalStateException if it is closed, or about to be
   * @throws NvmeException if it has failed
   */
  void requireUsable() {
    requireRunning();
    if (closing.get()) {
      throw new IllegalStateException(address() + " is closed");
    }
  }

  /** Resets the controller and sets it up again. Outstanding I/O is reported as aborted. */
  public void reset() {
    recover(recovery.generation(), "asked for");
  }

  /**
   * Resets the controller, unless that has happened since the given generation.
   *
   * @param reason for people
   */
  void recover(int seenGeneration, String reason) {
    underLock(() -> {
      requireUsable();
      if (recovery.generation() == seenGeneration) {
        recovery.restart(reason);
      }
      return null;
    });
  }

  int execute(AdminCommand command) {
    return underLock(() -> {
      requireRunning();
      try {
        return adminQueue.execute(command, recovery.isUp() ? options.adminTimeout() : patience());
      } catch (InternalError e) {
        throw lost(e);
      } catch (CommandTimeoutException | ImpossibleCompletionException e) {
        recovery.restartAfter(e);
        throw e;
      }
    });
  }

  /** How long a command may take that brings the controller up or takes it down. */
  private Duration patience() {
    Duration ready = registers.readyTimeout();
    return ready.compareTo(options.adminTimeout()) > 0 ? ready : options.adminTimeout();
  }

  /**
   * Leaves an abort with the controller, and does not wait for what it says.
   *
   * @return false if that is not possible now: it takes no more, or another thread is talking to it
   */
  boolean abort(int queueId, int commandId) {
    if (!lock.tryLock()) {
      return false;
    }
    try {
      requireRunning();
      adminQueue.reap();
      if (abortsOut > Math.min(identify.acl(), MAX_ABORTS - 1)) {
        return false;
      }
      adminQueue.begin(AdminCommands.abort(queueId, commandId), (status, result) -> abortsOut--);
      abortsOut++;
      Incidents.aborted(address(), queueId, commandId);
      return true;
    } catch (InternalError e) {
      throw lost(e);
    } catch (ImpossibleCompletionException e) {
      recovery.restartAfter(e);
      return false;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes in what has completed for a watch, and leaves its command with the controller. Does
   * nothing when another thread is talking to it.
   *
   * @param command null to leave none
   */
  void watch(HealthWatch watch, AdminCommand command, AdminQueue.Ending ending) {
    if (!lock.tryLock()) {
      return;
    }
    try {
      requireRunning();
      adminQueue.reap();
      if (command != null) {
        adminQueue.begin(command, ending);
        watch.asked();
      }
    } catch (InternalError e) {
      throw lost(e);
    } catch (ImpossibleCompletionException e) {
      recovery.restartAfter(e);
    } finally {
      lock.unlock();
    }
  }

  /** What Java makes of a doorbell that the system took away: the device is as good as gone. */
  NvmeException lost(InternalError fault) {
    function.giveUp("does not let its registers be touched any more");
    return new NvmeException(address() + " " + function.absence(), fault);
  }

  /** As {@link #underLock} if nobody else has the lock. */
  private <T> T underLockNow(Supplier<T> action, T otherwise) {
    if (!lock.tryLock()) {
      return otherwise;
    }
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
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
      if (recovery.failure() != null || closing.get()) {
        return null;
      }
      Integer event = adminQueue.nextEvent();
      if (event != null) {
        acknowledge(event);
      }
      return event;
    } catch (InternalError e) {
      throw lost(e);
    } catch (ImpossibleCompletionException e) {
      recovery.restartAfter(e);
      return null;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Has the page read that the event names, and then the next event asked for. If the drive does
   * not have the page, the event was told all the same; a reset arms events itself.
   */
  private void acknowledge(int event) {
    adminQueue.begin(
        AdminCommands.acknowledgement(AsyncEvent.logPage(event), acknowledged),
        (status, result) -> {
          if (status != StatusCode.ABORTED_BY_HOST.status()) {
            adminQueue.armEvent();
          }
        });
  }

  /**
   * Deletes the queues that are left, tells the drive that power may go, waits for it, and gives
   * the function back. Queues must no longer be in use: their owners' next polls throw, and one
   * that is in the middle of a poll is waited for. Closing twice does nothing.
   *
   * <p>What was flushed before is durable whatever the drive does now: if it does not shut down in
   * good order, that is told ({@link ControllerOptions#onNotice}), and no error.
   */
  @Override
  public void close() {
    if (closing.getAndSet(true)) {
      return;
    }
    recovery.refuseQueues();
    if (!awaitOwners()) {
      // What it cannot reach it cannot harm; to take memory from under a thread would end all of
      // us.
      boolean _ = function.config().disableBusMaster();
      closed = true;
      notices.add("is still in use by a thread, and keeps its memory until this process ends");
      return;
    }
    lock.lock();
    try {
      shutDown();
    } catch (RuntimeException | InternalError e) {
      notices.add("does not shut down in good order: " + e.getMessage());
    } finally {
      closed = true;
      lock.unlock();
      function.close();
    }
  }

  /** Waits until no queue's owner is in a turn; false if one is after all that a turn can take. */
  private boolean awaitOwners() {
    long limit = patience().multipliedBy(2).toNanos();
    long start = System.nanoTime();
    if (underLockNow(queues::areNone, false)) {
      return true;
    }
    do {
      // What an owner stored when it began its turn is seen after that, and who comes later is
      // refused. The lock is held by one who recovers or waits for a command.
      LockSupport.parkNanos(GRACE_NANOS);
      if (underLockNow(queues::areAtRest, false)) {
        return true;
      }
    } while (System.nanoTime() - start < limit);
    return false;
  }

  private void shutDown() {
    if (recovery.failure() != null || !function.isPresent()) {
      queues.closeAll();
      return;
    }
    recovery.end();
    try {
      queues.closeAll();
    } finally {
      registers.shutdown(shutdownTimeout());
      registers.disableAfterShutdown();
    }
  }

  /** As long as the drive says, within what is reasonable. */
  private Duration shutdownTimeout() {
    Duration named = Duration.ofNanos(identify.rtd3e() * 1000);
    if (named.compareTo(MIN_SHUTDOWN_TIMEOUT) < 0) {
      return MIN_SHUTDOWN_TIMEOUT;
    }
    return named.compareTo(MAX_SHUTDOWN_TIMEOUT) > 0 ? MAX_SHUTDOWN_TIMEOUT : named;
  }

  /** How it stands, for people; takes no lock and reads no register. */
  @Override
  public String toString() {
    return "controller %s: %s, %d aborts out%s"
        .formatted(address(), recovery, abortsOut, closing.get() ? ", closed" : "");
  }
}
