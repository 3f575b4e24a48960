package sluice.nvme.tcp;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import sluice.nvme.ConnectionLostException;
import sluice.nvme.NvmeException;
import sluice.nvme.spec.ConnectData;
import sluice.nvme.spec.ConnectStatus;
import sluice.nvme.spec.FabricsCommand;
import sluice.support.linux.TcpSocket;
import sluice.vfio.DmaMemory;

/**
 * This host and a controller of the subsystem: as long as it lasts, its queues' connections. One is
 * made each time the controller is attached, and the one before has ended by then.
 *
 * <p>That what was out on the old one <em>cannot happen any more</em> is made sure of in one of two
 * ways:
 *
 * <ol>
 *   <li>The old connections are ended by this host, and the target closes its end of each: it does
 *       that when the queue's commands are over. So it goes when the network is well, and is over
 *       in a moment. An end counts only if it is no reset, and came before the target can have
 *       given this host up: it closes its ends then before the commands are over. That is not
 *       before the keep-alive time has passed since the last Keep Alive was sent that it answered.
 *   <li>Where a connection was lost, or a target does not close its end, or a queue was closed
 *       before with commands out: the target has heard nothing of this host since, and ends the
 *       association by itself when the keep-alive time is over. Twice that time is waited, three
 *       times where any command keeps it alive (a command that came just before the loss begins the
 *       time anew, and the target looks only once in it), and the time besides that the controller
 *       names for its commands (CQT).
 * </ol>
 *
 * Without a keep-alive ({@code kato=0}) there is no such time, and a controller whose connection
 * was lost has failed, unless a person says how long to wait ({@code fence}).
 *
 * <p>What this cannot know: whether a target that gives a host up goes on with commands that its
 * drive has begun, for longer than CQT says (which many leave at 0); and whether one is taken down
 * by a person in the moment in which this host ends its connections.
 *
 * <p>Used under the controller's lock, but for what is said to be for any thread.
 */
final class Association {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long MOMENT_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long FIRST_BACK_OFF_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LAST_BACK_OFF_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** What the admin queue carries in a capsule, whatever the controller says of others. */
  private static final int ADMIN_CAPSULE_DATA_BYTES = 8192;

  /** Entries that the specification asks of an admin queue at the least. */
  private static final int MIN_ADMIN_ENTRIES = 32;

  /** CNTLID: what is above is none. */
  private static final int MAX_CONTROLLER = 0xffef;

  private final TcpPlace place;
  private final TcpOptions options;
  private final LongSupplier clock;
  private final Patience patience;
  private final Dialing dialing;
  private final Connections connections = new Connections();
  private final DmaMemory connectData =
      new DmaMemory(Arena.ofAuto().allocate(ConnectData.BYTES, Long.BYTES), 0);

  private volatile Loss loss = new Loss();
  private int controllerId;
  private boolean exists;

  /** Whether it has been handed on, so that it may have carried what changes something. */
  private boolean isUp;

  /** Whether what was out on an association before may still happen. */
  private boolean isUnsure;

  /** Until when a controller that was lost is tried to be reached. */
  private long limit;

  /** When what kept the controller alive was sent, and has been answered since. */
  private volatile long aliveAt;

  private int capsuleDataBytes;
  private boolean trafficKeepsAlive = true;
  private Duration quiesce = Duration.ZERO;

  Association(TcpPlace place, TcpOptions options, LongSupplier clock) {
    this.place = place;
    this.options = options;
    this.clock = clock;
    this.patience = new Patience(place, clock);
    this.dialing = new Dialing(place, options, clock, patience);
  }

  /** Why one of its connections has ended; null while all are well. From any thread. */
  String loss() {
    return connections.failure();
  }

  /** Whether there is a {@link #loss}. From any thread; costs next to nothing. */
  boolean isLost() {
    return loss.hasHappened();
  }

  /**
   * Something that keeps the controller alive was sent then, and has been answered. From any
   * thread.
   */
  void aliveAt(long time) {
    aliveAt = time;
  }

  /** Nothing is waited for any more: a {@link #begin} that is at it fails soon. From any thread. */
  void endPatience() {
    patience.end();
  }

  /** Whether a controller that was lost is worth another attempt. */
  boolean hasTimeLeft() {
    return clock.getAsLong() < limit;
  }

  /** What the controller has said of itself; it is up. */
  void identified(int itsCapsuleDataBytes, boolean isKeptByTraffic, Duration itsQuiesce) {
    isUp = true;
    capsuleDataBytes = itsCapsuleDataBytes;
    trafficKeepsAlive = isKeptByTraffic;
    quiesce = itsQuiesce;
  }

  /**
   * Ends the association, and makes a new one with its admin queue. The first time it is tried
   * once; after that, until the time is over for which a lost controller is tried. That begins when
   * one that was up has ended, and goes on if the next does not come up.
   *
   * @param depth of the admin queue
   * @throws NvmeException if the old one may not be over, or there is no new one
   */
  Connection begin(int depth) {
    boolean isFirst = !exists;
    if (exists) {
      end();
    }
    long backOff = FIRST_BACK_OFF_NANOS;
    while (true) {
      // Of each attempt: what an earlier one has lost is no loss of this.
      loss = new Loss();
      try {
        Connection admin = connectAdmin(depth);
        exists = true;
        return admin;
      } catch (NvmeException e) {
        patience.requireSome();
        if (isFirst || clock.getAsLong() + backOff >= limit) {
          throw e;
        }
      }
      patience.pause(backOff);
      backOff = Math.min(2 * backOff, LAST_BACK_OFF_NANOS);
    }
  }

  private Connection connectAdmin(int depth) {
    int entries = Math.max(depth + CommandTable.OWN_SLOTS + 1, MIN_ADMIN_ENTRIES);
    return connect(0, depth, entries, ConnectData.ANY_CONTROLLER, ADMIN_CAPSULE_DATA_BYTES);
  }

  /**
   * Connects an I/O queue.
   *
   * @throws RefusedException if the controller does not want it
   * @throws ConnectionLostException if it cannot be asked
   */
  Connection connectQueue(int id, int depth) {
    try {
      return connect(id, depth, depth + 1, controllerId, capsuleDataBytes);
    } catch (RefusedException e) {
      if (e.isOfController()) {
        throw new ConnectionLostException(place + " has ended the controller meanwhile");
      }
      throw e;
    } catch (NvmeException e) {
      throw new ConnectionLostException(e.getMessage());
    }
  }

  private Connection connect(int id, int depth, int entries, int controller, int capsuleBytes) {
    long deadline = clock.getAsLong() + options.timeout().toNanos();
    TcpSocket socket = dialing.dial(deadline);
    Connection connection;
    try {
      Negotiated negotiated = dialing.negotiate(socket, deadline);
      connection = new Connection(id, depth, socket, negotiated, capsuleBytes, loss);
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
    connections.add(connection);
    try {
      sayWho(connection, id, entries, controller, deadline);
      return connection;
    } catch (RuntimeException e) {
      connections.close(connection, true);
      throw e;
    }
  }

  private void sayWho(Connection connection, int id, int entries, int controller, long deadline) {
    ConnectData data = new ConnectData(connectData.segment());
    data.clear();
    data.hostId(options.hostId());
    data.controllerId(controller);
    data.subsystem(place.subsystem());
    data.host(options.hostName());
    long entry = connection.claim();
    int keepAlive = id == 0 ? (int) options.keepAlive().toMillis() : 0;
    if (id == 0) {
      aliveAt = clock.getAsLong();
    }
    FabricsCommand.connect(entry, connection.callIdentifier(), id, entries, keepAlive);
    if (!connection.call(entry, connectData, ConnectData.BYTES, false, clock, deadline)) {
      throw new NvmeException(place + " " + connection.failure());
    }
    if (connection.status() != 0) {
      throw new RefusedException(
          place + " " + ConnectStatus.describe(connection.status(), (int) connection.result()),
          connection.status(),
          (int) connection.result());
    }
    int told = (int) connection.result() & 0xffff;
    if (id > 0 && told != controllerId) {
      throw new NvmeException(
          "%s took queue %d as controller %d's, and not as controller %d's"
              .formatted(place, id, told, controllerId));
    }
    if (id == 0) {
      if ((int) connection.result() >>> 16 != 0) {
        throw new NvmeException(
            place + " wants this host to authenticate itself, which this version does not do");
      }
      if (told > MAX_CONTROLLER) {
        throw new NvmeException(
            "%s says that its controller is number 0x%x, which none can be".formatted(place, told));
      }
      controllerId = told;
    }
  }

  /** Ends the old association, and waits until nothing of it can happen any more. */
  private void end() {
    int all = connections.count();
    List<Connection> telling = connections.endAll();
    boolean wasUp = isUp;
    if (wasUp) {
      isUp = false;
      isUnsure = connections.takeLingering() || telling.size() < all || !haveEnded(telling);
    }
    if (isUnsure) {
      // What is on its way and has not arrived is not sent again, or it would come late.
      connections.cutEnded();
      if (fenceNanos() == Long.MAX_VALUE) {
        throw new NvmeException(
            place
                + " was lost with commands that may still happen: without a keep-alive (kato=0)"
                + " nobody knows until when; fence=TIME sets a time");
      }
      patience.pause(fenceNanos());
      isUnsure = false;
    }
    if (wasUp) {
      limit = clock.getAsLong() + options.reconnect().toNanos();
    }
    exists = false;
  }

  /**
   * Waits a moment for the target to close its end of all these, or for as long as something comes
   * of what it has sent before, up to the time that a call may take. It does not count when the
   * keep-alive time may be over there: a target that gives this host up closes its ends before the
   * queues' commands are over.
   */
  private boolean haveEnded(List<Connection> telling) {
    long last = clock.getAsLong() + options.timeout().toNanos();
    if (!options.keepAlive().isZero()) {
      last = Math.min(last, aliveAt + options.keepAlive().toNanos());
    }
    long deadline = Math.min(last, clock.getAsLong() + MOMENT_NANOS);
    while (true) {
      if (connections.discard(telling) > 0) {
        deadline = Math.min(last, clock.getAsLong() + MOMENT_NANOS);
      }
      boolean haveEnded = connections.haveEnded(telling);
      if (clock.getAsLong() >= deadline) {
        return false;
      }
      if (haveEnded) {
        return true;
      }
      Patience.rest(PAUSE_NANOS);
    }
  }

  /** After what time of silence the target has ended the association by itself. */
  private long fenceNanos() {
    if (options.fence() != null) {
      return options.fence().toNanos();
    }
    if (options.keepAlive().isZero()) {
      return Long.MAX_VALUE;
    }
    return options.keepAlive().multipliedBy(trafficKeepsAlive ? 3 : 2).plus(quiesce).toNanos();
  }

  /**
   * The connection of a queue that is deleted: ends it, and waits a moment for the target, which
   * may have no other queue of that identifier before.
   */
  void endQueue(Connection connection) {
    boolean isOver = connections.end(connection) && haveEnded(List.of(connection));
    connections.close(connection, !isOver);
  }

  /** A connection is used no more. */
  void drop(Connection connection) {
    connections.close(connection, true);
  }

  /** Cuts all off at once; their owners may be at them still. From any thread. */
  void cut() {
    connections.cut();
  }

  /** Ends all, in good order. */
  void close() {
    List<Connection> _ = connections.endAll();
    connections.closeAll();
  }
}
