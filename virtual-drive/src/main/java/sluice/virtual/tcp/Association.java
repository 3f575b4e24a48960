package sluice.virtual.tcp;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import sluice.virtual.command.Controller;

/**
 * A host and a controller that have found each other, from the Connect of the admin queue to the
 * end of its connection, or until nothing has been heard of the host for too long. Used in the
 * target's turns.
 */
abstract class Association {
  /** There is no property of that offset and size. */
  static final long NO_PROPERTY = -1;

  /** How much may be kept for all hosts before anybody looks whose it is. */
  private static final long UNCOUNTED_BYTES = 32 << 20;

  /** How much may be kept for all hosts, half of which one can have. */
  private static final long MOST_BYTES = 192 << 20;

  /** What each host can have, and a command more. */
  private static final long LEAST_BYTES = 64 << 10;

  private final Target target;
  private final String hostNqn;
  private final UUID hostId;
  private final QueueConnection admin;
  private final List<QueueConnection> connections = new ArrayList<>();
  private long heardAt;
  private boolean isEnded;

  Association(Target target, String hostNqn, UUID hostId, QueueConnection admin) {
    this.target = target;
    this.hostNqn = hostNqn;
    this.hostId = hostId;
    this.admin = admin;
    connections.add(admin);
    hear();
  }

  // ---- what the two kinds of controllers differ in

  /** CNTLID. */
  abstract int id();

  /** The engine's controller; null if there is none. */
  abstract Controller controller();

  /** The subsystem's name. */
  abstract String subsystem();

  /** Whether it takes commands besides Connect and properties. */
  abstract boolean isReady();

  /** The most bytes that a command gives its host. */
  abstract long mostAnswerBytes();

  /** After how long a silence the host is taken for gone, in milliseconds; 0 never. */
  abstract long keepAliveMillis();

  /**
   * Property Get.
   *
   * @return its value, or {@link #NO_PROPERTY}
   */
  abstract long property(int offset, boolean isLong);

  /**
   * Property Set.
   *
   * @return false if it cannot be set
   */
  abstract boolean property(int offset, boolean isLong, long value);

  /** A queue is gone: nobody waits for its commands. */
  abstract void forget(CapsuleQueue queue);

  /** It is over. */
  abstract void close();

  // ---- its host

  final String hostNqn() {
    return hostNqn;
  }

  final boolean isOf(String nqn, UUID id) {
    return hostNqn.equals(nqn) && hostId.equals(id);
  }

  /** The host has sent something. */
  final void hear() {
    heardAt = target.now();
  }

  /** Whether nothing has been heard of the host for longer than it said. */
  final boolean isSilent(long now) {
    long limit = TimeUnit.MILLISECONDS.toNanos(keepAliveMillis());
    return limit > 0 && now - heardAt > limit;
  }

  /**
   * Whether more data may be kept for the host. One that sends commands and takes no answers has as
   * much as it leaves free for others, and none of its commands are begun then.
   */
  final boolean hasRoom() {
    long all = target.buffers().bytesOut();
    return all < UNCOUNTED_BYTES || kept() < Math.max(LEAST_BYTES, MOST_BYTES - all);
  }

  private long kept() {
    long bytes = 0;
    for (int i = 0; i < connections.size(); i++) {
      bytes += connections.get(i).kept();
    }
    return bytes;
  }

  /** How much memory its queues take. */
  final long queueBytes() {
    long bytes = 0;
    for (int i = 0; i < connections.size(); i++) {
      bytes += connections.get(i).queueBytes();
    }
    return bytes;
  }

  // ---- its connections

  final QueueConnection admin() {
    return admin;
  }

  final List<QueueConnection> connections() {
    return connections;
  }

  final void add(QueueConnection connection) {
    connections.add(connection);
  }

  /** The connection that is a queue; null if there is none. */
  final QueueConnection connection(int queue) {
    for (int i = 0; i < connections.size(); i++) {
      if (connections.get(i).queue().id() == queue) {
        return connections.get(i);
      }
    }
    return null;
  }

  /** A connection has ended; with that of the admin queue all do. */
  final void lost(QueueConnection connection, String why) {
    connections.remove(connection);
    if (isEnded) {
      return;
    }
    if (isAdmin(connection)) {
      end(why);
    } else {
      forget(connection.queue());
    }
  }

  @SuppressWarnings("ReferenceEquality")
  private boolean isAdmin(QueueConnection connection) {
    return connection == admin;
  }

  /** Ends the connections of I/O queues: the controller was reset. */
  final void endIoQueues(String why) {
    for (int i = connections.size() - 1; i >= 0; i--) {
      QueueConnection connection = connections.get(i);
      if (!isAdmin(connection)) {
        connection.end(why);
      }
    }
  }

  /** Ends it, and all of its connections. */
  final void end(String why) {
    if (isEnded) {
      return;
    }
    isEnded = true;
    close();
    while (!connections.isEmpty()) {
      connections.getLast().end(why);
    }
    target.exports().ended(this, why);
  }
}
