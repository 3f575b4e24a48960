package sluice.nvme;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.StatusCode;
import sluice.support.events.Incidents;
import sluice.vfio.DmaMemory;

/**
 * What a controller's parts share: its transport, its properties, its admin queue and the lock
 * around it, its generation and the way to a new one. Queues, admin commands and watches know this
 * and not the controller, which knows them.
 *
 * <p>Thread-safe where nothing else is said.
 */
final class ControllerContext implements TransportHost {
  static final int WANTED_IO_QUEUES = 128;

  /** Aborts that are left with the controller at once, if it takes so many. */
  private static final int MAX_ABORTS = 8;

  private final ControllerTransport transport;
  private final ControllerOptions options;
  private final ReentrantLock lock = new ReentrantLock();
  private final Notices notices;
  private final ControllerProperties properties;
  private final BringUpSteps steps;
  private final Recovery recovery;
  private final AdminQueue adminQueue;

  /** Where log pages go that are read only to acknowledge an event; nobody looks at it. */
  private final DmaMemory acknowledged;

  /** Null until the controller has identified itself for the first time. */
  private volatile IdentifyController identify;

  private int abortsOut;
  private final AtomicBoolean closing = new AtomicBoolean();
  private volatile boolean closed;

  ControllerContext(ControllerTransport transport, ControllerOptions options) {
    this.transport = transport;
    this.options = options;
    this.notices = new Notices(transport.address(), options.onNotice());
    transport.attach();
    Waiting waiting = new Waiting(transport, options);
    this.properties = new ControllerProperties(transport, waiting);
    QueueTransport queue =
        transport.newQueue(0, AdminQueue.DEPTH, AdminCommand.PAGE_BYTES, transport.dma());
    this.adminQueue =
        new AdminQueue(
            transport.address(), queue, Waiting.forQueue(transport, options, queue), notices);
    this.acknowledged = transport.dma().allocate(AdminCommand.PAGE_BYTES);
    this.steps = new BringUpSteps(transport.address());
    this.recovery = new Recovery(transport, properties, waiting, notices, steps);
  }

  String address() {
    return transport.address();
  }

  ControllerTransport transport() {
    return transport;
  }

  ControllerOptions options() {
    return options;
  }

  ControllerProperties properties() {
    return properties;
  }

  @Override
  public void taken(String step) {
    steps.taken(step);
  }

  Recovery recovery() {
    return recovery;
  }

  /** The Identify Controller page, as read at bring-up. */
  IdentifyController identify() {
    return identify;
  }

  void identified(IdentifyController page) {
    identify = page;
  }

  /** Bytes that one command may move. */
  long maxTransferBytes() {
    long limit = identify.maxTransferBytes(Cap.minPageBytes(properties.cap()));
    return Math.min(limit, options.maxTransferBytes());
  }

  @Override
  public void notice(String what) {
    notices.add(what);
  }

  Notices notices() {
    return notices;
  }

  /** In which generation queues can be used; one that no queue is of when this is being closed. */
  int generation() {
    return recovery.usableGeneration();
  }

  /** Whether the controller reaches no memory any more that it was told of in a generation. */
  boolean hasForgotten(int seenGeneration) {
    return recovery.hasForgotten(seenGeneration);
  }

  <T> T underLock(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #underLock} if nobody else has the lock. */
  <T> T underLockNow(Supplier<T> action, T otherwise) {
    if (!lock.tryLock()) {
      return otherwise;
    }
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  /**
   * @throws IllegalStateException if it is closed
   * @throws NvmeException if it has failed
   */
  void requireRunning() {
    if (closed) {
      throw closed();
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
      throw closed();
    }
  }

  private IllegalStateException closed() {
    return new IllegalStateException(address() + " is closed");
  }

  /** Whether it is being closed, or is closed. */
  boolean isClosing() {
    return closing.get();
  }

  /**
   * From now on no queue is used any more.
   *
   * @return false if that has been said before
   */
  boolean beginClosing() {
    if (closing.getAndSet(true)) {
      return false;
    }
    recovery.refuseQueues();
    return true;
  }

  /** From now on nothing is asked of the controller any more. */
  void endClosing() {
    closed = true;
  }

  /** Makes the controller stop, from whatever state it is in. */
  void disable() {
    recovery.disable();
    steps.taken("disable");
  }

  /** Starts the disabled controller, with an admin queue that is empty. */
  void enable() {
    adminQueue.create(this);
    properties.enable();
    steps.taken("enable");
  }

  /** Leaves one more asynchronous event request with the controller. The lock guards it. */
  void armEvent() {
    adminQueue.armEvent();
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

  /**
   * {@inheritDoc}
   *
   * @throws CommandTimeoutException if it does not answer; the controller has been reset then,
   *     unless it is just being brought up or taken down
   */
  @Override
  public int execute(AdminCommand command) {
    return underLock(() -> {
      requireRunning();
      try {
        return adminQueue.execute(command, recovery.isUp() ? options.adminTimeout() : patience());
      } catch (InternalError e) {
        throw lost(e);
      } catch (CommandTimeoutException
          | ImpossibleCompletionException
          | ConnectionLostException e) {
        recovery.restartAfter(e);
        throw e;
      }
    });
  }

  /** How long a command may take that brings the controller up or takes it down. */
  Duration patience() {
    Duration ready = properties.readyTimeout();
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
      adminQueue.begin(AdminCommand.abort(queueId, commandId), (status, result) -> abortsOut--);
      abortsOut++;
      Incidents.aborted(address(), queueId, commandId);
      return true;
    } catch (InternalError e) {
      throw lost(e);
    } catch (ImpossibleCompletionException | ConnectionLostException e) {
      recovery.restartAfter(e);
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Aborts that are left with the controller; exact under the lock. */
  int abortsOut() {
    return abortsOut;
  }

  /**
   * Takes in what has completed, and leaves a command with the controller for as long as it likes.
   * Does nothing when another thread is talking to it.
   *
   * @param command null to leave none
   */
  void leave(AdminCommand command, AdminQueue.Ending ending) {
    if (!lock.tryLock()) {
      return;
    }
    try {
      requireRunning();
      adminQueue.reap();
      if (command != null) {
        adminQueue.begin(command, ending);
      }
    } catch (InternalError e) {
      throw lost(e);
    } catch (ImpossibleCompletionException | ConnectionLostException e) {
      recovery.restartAfter(e);
    } finally {
      lock.unlock();
    }
  }

  /**
   * An asynchronous event that has arrived.
   *
   * @return its completion's dword 0; null if there is none, or another thread is at it
   */
  Integer nextEvent() {
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
    } catch (ImpossibleCompletionException | ConnectionLostException e) {
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
        AdminCommand.acknowledgement(AsyncEvent.logPage(event), acknowledged),
        (status, result) -> {
          if (status != StatusCode.ABORTED_BY_HOST.status()) {
            adminQueue.armEvent();
          }
        });
  }

  /** What is to be thrown for a fault of the drive's memory, which is as good as gone. */
  NvmeException lost(InternalError fault) {
    return transport.lost(fault);
  }
}
