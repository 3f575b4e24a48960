package sluice.virtual.tcp;

import java.net.InetSocketAddress;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import sluice.support.linux.Entrance;
import sluice.support.linux.LinuxException;
import sluice.support.linux.TcpSocket;

/**
 * Who may come in: the socket that listens, and how many connections and hosts there can be. Used
 * by the target's thread.
 */
final class Admission implements AutoCloseable {
  private final TargetOptions options;
  private final TcpSocket listener;
  private final Entrance<TcpSocket> entrance;
  private final Consumer<String> log;

  /**
   * @param log gets a line when somebody is refused
   */
  Admission(TargetOptions options, TcpSocket listener, LongSupplier clock, Consumer<String> log) {
    this.options = options;
    this.listener = listener;
    this.log = log;
    this.entrance = new Entrance<>(listener::accept, clock, log);
  }

  /** Where it listens. */
  InetSocketAddress address() {
    return listener.localAddress();
  }

  int fd() {
    return listener.fd();
  }

  /** Whether to look for who comes. */
  boolean isOpen() {
    return entrance.isOpen();
  }

  /** A connection has gone: another can come. */
  void left() {
    entrance.open();
  }

  /** Whether a host may use drives. */
  boolean allows(String hostNqn) {
    return options.allowedHosts().isEmpty() || options.allowedHosts().contains(hostNqn);
  }

  /** Whether one more host can have a controller. */
  boolean hasRoom(Exports exports) {
    return exports.hosts() < options.mostControllers();
  }

  /** Takes who has come; null for nobody. */
  TcpSocket welcome() {
    return entrance.take();
  }

  /** Makes a connection of who has come; null if that cannot be, which is told. */
  QueueConnection admit(TcpSocket socket, Target target) {
    int count = target.connectionCount();
    if (count >= options.mostConnections()) {
      log.accept("a connection was refused: there are %d".formatted(count));
      socket.close();
      return null;
    }
    try {
      return new QueueConnection(socket, target);
    } catch (LinuxException e) {
      // It has gone already.
      socket.close();
    } catch (OutOfMemoryError e) {
      log.accept("a connection was refused: there is no memory for it");
      socket.close();
    }
    return null;
  }

  @Override
  public void close() {
    listener.close();
  }
}
