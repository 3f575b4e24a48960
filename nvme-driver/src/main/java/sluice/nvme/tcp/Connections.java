package sluice.nvme.tcp;

import java.util.ArrayList;
import java.util.List;
import sluice.support.linux.LinuxException;
import sluice.support.linux.TcpSocket;

/**
 * The connections of an association, of all queues. Thread-safe: whoever has the controller reset
 * ends the connections of other threads' queues by it, and a socket is closed here alone, so that
 * none is ended that is not there any more.
 *
 * <p>Whether the target is done with a connection's commands is known in one case: this host has
 * said first that it sends no more, and the target has closed its end after that. It does so when
 * it has taken the queue down, and that waits for the queue's commands. A connection that the
 * target, or the network, has ended first tells nothing.
 */
final class Connections {
  private final List<Connection> open = new ArrayList<>();

  /** Of an association that has ended; their queues have not been created anew yet. */
  private final List<Connection> ended = new ArrayList<>();

  /** Whether one was closed with commands out, and nobody knows when they are over. */
  private boolean lingers;

  synchronized void add(Connection connection) {
    open.add(connection);
  }

  /** How many there are. */
  synchronized int count() {
    return open.size();
  }

  /** Why one of them has ended; null if none has. */
  synchronized String failure() {
    for (Connection connection : open) {
      if (connection.failure() != null) {
        return connection.failure();
      }
    }
    return null;
  }

  /**
   * Tells the target that nothing more comes on any of them.
   *
   * @return those of which it can still be learned that the target is done with them
   */
  synchronized List<Connection> endAll() {
    List<Connection> telling = new ArrayList<>();
    for (Connection connection : open) {
      if (end(connection)) {
        telling.add(connection);
      }
    }
    ended.addAll(open);
    open.clear();
    return telling;
  }

  /** The same for one of them. */
  synchronized boolean end(Connection connection) {
    TcpSocket socket = connection.socket();
    if (connection.failure() != null || socket.hasPeerEnded()) {
      return false;
    }
    try {
      socket.endOutput();
      return true;
    } catch (LinuxException e) {
      return false;
    }
  }

  /** Takes what still comes on those that {@link #endAll} returned; returns bytes. */
  synchronized long discard(List<Connection> telling) {
    long bytes = 0;
    for (Connection connection : telling) {
      if (isOpen(connection)) {
        bytes += connection.discard();
      }
    }
    return bytes;
  }

  /** Whether the target has closed its end of all that {@link #endAll} returned. */
  synchronized boolean haveEnded(List<Connection> telling) {
    return telling.stream()
        .allMatch(connection ->
            isOpen(connection) && connection.socket().hasEndedInOrder() && connection.isUnbroken());
  }

  /** Whether commands may be at work of a connection that was closed alone; asked once. */
  synchronized boolean takeLingering() {
    boolean did = lingers;
    lingers = false;
    return did;
  }

  /** Cuts all that have been ended: what was sent on them and has not arrived never does. */
  synchronized void cutEnded() {
    for (Connection connection : ended) {
      connection.socket().cut();
    }
  }

  /** The same for all there are. */
  synchronized void cut() {
    cutEnded();
    for (Connection connection : open) {
      connection.socket().cut();
    }
  }

  private boolean isOpen(Connection connection) {
    return open.contains(connection) || ended.contains(connection);
  }

  /**
   * Closes one, whose queue's owner has called this or uses it no more.
   *
   * @param atOnce whether what was sent and has not arrived is not to arrive any more; what has
   *     arrived may still be at work
   */
  synchronized void close(Connection connection, boolean atOnce) {
    if (open.remove(connection)) {
      lingers |= atOnce && connection.hasRequests();
    } else if (!ended.remove(connection)) {
      return;
    }
    connection.retire();
    if (atOnce) {
      connection.socket().abort();
    } else {
      connection.socket().close();
    }
  }

  /** Closes all. */
  synchronized void closeAll() {
    for (Connection connection : List.copyOf(open)) {
      close(connection, false);
    }
    for (Connection connection : List.copyOf(ended)) {
      close(connection, false);
    }
  }
}
