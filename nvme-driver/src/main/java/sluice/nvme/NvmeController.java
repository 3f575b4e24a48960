package sluice.nvme;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.IdentifyController;
import sluice.support.Closing;
import sluice.vfio.DmaSpace;

/**
 * An NVMe controller that this process drives alone (NVM Express 1.4).
 *
 * <p>{@link #open} takes a drive from whatever state it is in to a running controller: disabled,
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
  /** So that an identifier has at least 4 bits for its generation; as many as Linux gives it. */
  private static final int MAX_DEPTH = 4095;

  private static final long GRACE_NANOS = 2_000_000;

  private static final Duration MIN_SHUTDOWN_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration MAX_SHUTDOWN_TIMEOUT = Duration.ofSeconds(60);

  private final ControllerContext context;
  private final ControllerTransport transport;
  private final AdminCommands admin;
  private final List<Namespace> namespaces;
  private final IoQueues queues;

  private NvmeController(ControllerContext context, BringUp bringUp) {
    this.context = context;
    this.transport = context.transport();
    this.admin = bringUp.admin();
    this.namespaces = bringUp.namespaces();
    this.queues = bringUp.queues();
  }

  /**
   * Brings a controller up. The transport belongs to the controller from now on: it is closed with
   * it, and also when this fails.
   *
   * @throws NvmeException if it does not come up, saying at which step
   */
  public static NvmeController open(ControllerTransport transport, ControllerOptions options) {
    try {
      ControllerContext context = new ControllerContext(transport, options);
      return new NvmeController(context, BringUp.of(context));
    } catch (RuntimeException e) {
      Closing.after(e, transport);
      throw e;
    }
  }

  /** The drive's address, as a person would give it. */
  public String address() {
    return transport.address();
  }

  /** How it is reached. */
  public ControllerTransport transport() {
    return transport;
  }

  /** Where memory for this drive's data is taken from. It lives until the controller is closed. */
  public DmaSpace dma() {
    return transport.dma();
  }

  /** The commands for everything but I/O. */
  public AdminCommands admin() {
    return admin;
  }

  /** The Identify Controller page, as read at bring-up. */
  public IdentifyController identify() {
    return context.identify();
  }

  /** The version that the controller says it implements; see {@link sluice.nvme.spec.Version}. */
  public int version() {
    return context.properties().version();
  }

  /** The register CAP; see {@link Cap}. */
  public long capabilities() {
    return context.properties().cap();
  }

  /**
   * What this controller lacks or did wrong, and what came of it, a line each: what {@link
   * ControllerOptions#onNotice} was told, without the drive's address; the first 32.
   */
  public List<String> notices() {
    return context.notices().all();
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
    return Math.min(transport.maxQueueEntries() - 1, MAX_DEPTH);
  }

  /** How many I/O queues there can be at once. */
  public int maxIoQueues() {
    return context.underLock(queues::limit);
  }

  /** Whether threads can sleep until it has done something, if options ask for that. */
  public boolean hasInterrupts() {
    return transport.canWait();
  }

  /**
   * Begins to watch the drive's health.
   *
   * @param interval between two questions, if the drive answers them as fast
   */
  public HealthWatch watchHealth(Duration interval) {
    return new HealthWatch(context, interval);
  }

  /**
   * Creates an I/O queue pair. The thread that uses it first owns it.
   *
   * @param depth commands that can be outstanding, 1 to {@link #maxQueueDepth}
   * @throws NvmeException if the drive has no more queues, or refuses
   */
  public IoQueue createIoQueue(int depth) {
    return create(depth, false);
  }

  /**
   * As {@link #createIoQueue}, of a queue that is looked at again and again and raises no
   * interrupts, whatever {@link ControllerOptions#completions} says for others.
   */
  public IoQueue createPolledIoQueue(int depth) {
    return create(depth, true);
  }

  private IoQueue create(int depth, boolean isPolled) {
    if (depth < 1 || depth > maxQueueDepth()) {
      throw new IllegalArgumentException(
          "a queue of " + address() + " has a depth of 1 to " + maxQueueDepth() + ", not " + depth);
    }
    return context.underLock(() -> {
      context.requireUsable();
      return queues.create(depth, isPolled);
    });
  }

  /** Resets the controller and sets it up again. Outstanding I/O is reported as aborted. */
  public void reset() {
    context.recover(context.recovery().generation(), "asked for");
  }

  /**
   * Gives the drive's transport its turn and takes asynchronous events in. From any thread; does
   * nothing when another is at it.
   *
   * @return how much was done
   * @throws NvmeException if the drive cannot be reached any more
   */
  public int poll() {
    int work = transport.poll();
    Integer event = context.nextEvent();
    if (event == null) {
      return work;
    }
    context.options().onEvent().accept(event);
    return work + 1;
  }

  /**
   * Deletes the queues that are left, tells the drive that power may go, waits for it, and gives
   * its transport back. Queues must no longer be in use: their owners' next polls throw, and one
   * that is in the middle of a poll is waited for. Closing twice does nothing.
   *
   * <p>What was flushed before is durable whatever the drive does now: if it does not shut down in
   * good order, that is told ({@link ControllerOptions#onNotice}), and no error.
   */
  @Override
  public void close() {
    if (!context.beginClosing()) {
      return;
    }
    transport.closing();
    if (!awaitOwners()) {
      // What it cannot reach it cannot harm; to take memory from under a thread would end all of
      // us.
      boolean _ = transport.detach();
      context.endClosing();
      context.notice("is still in use by a thread, and keeps its memory until this process ends");
      return;
    }
    try {
      context.underLock(() -> {
        shutDown();
        return null;
      });
    } finally {
      transport.close();
    }
  }

  /** Waits until no queue's owner is in a turn; false if one is after all that a turn can take. */
  private boolean awaitOwners() {
    long limit = context.patience().multipliedBy(2).toNanos();
    long start = System.nanoTime();
    if (context.underLockNow(queues::areNone, false)) {
      return true;
    }
    do {
      // What an owner stored when it began its turn is seen after that, and who comes later is
      // refused. The lock is held by one who recovers or waits for a command.
      LockSupport.parkNanos(GRACE_NANOS);
      if (context.underLockNow(queues::areAtRest, false)) {
        return true;
      }
    } while (System.nanoTime() - start < limit);
    return false;
  }

  private void shutDown() {
    try {
      if (context.recovery().failure() != null || !transport.isPresent()) {
        queues.closeAll();
      } else {
        context.recovery().end();
        try {
          queues.closeAll();
        } finally {
          context.properties().shutdown(shutdownTimeout());
          context.properties().disableAfterShutdown();
        }
      }
    } catch (RuntimeException | InternalError e) {
      context.notice("does not shut down in good order: " + e.getMessage());
    } finally {
      context.endClosing();
    }
  }

  /** As long as the drive says, within what is reasonable. */
  private Duration shutdownTimeout() {
    Duration named = Duration.ofNanos(identify().rtd3e() * 1000);
    if (named.compareTo(MIN_SHUTDOWN_TIMEOUT) < 0) {
      return MIN_SHUTDOWN_TIMEOUT;
    }
    return named.compareTo(MAX_SHUTDOWN_TIMEOUT) > 0 ? MAX_SHUTDOWN_TIMEOUT : named;
  }

  /** How it stands, for people; takes no lock and reads no register. */
  @Override
  public String toString() {
    return "controller %s: %s, %d aborts out%s"
        .formatted(
            address(),
            context.recovery(),
            context.abortsOut(),
            context.isClosing() ? ", closed" : "");
  }
}
