package sluice.vfio.vfiouser;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import sluice.support.linux.LinuxException;
import sluice.support.linux.LocalSocket;

/** The way to a server's socket, and what to do when there is none. */
final class Connecting {
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int EPROTOTYPE = 91;

  private Connecting() {}

  /**
   * Connects to who listens at a path.
   *
   * @throws VfioUserException if nobody does, or takes nobody in until the time is up
   */
  static LocalSocket connect(Path path, Duration timeout) {
    long start = System.nanoTime();
    while (true) {
      try {
        return LocalSocket.connect(path);
      } catch (LinuxException e) {
        // The queue of those who wait is full; nothing tells when it is not.
        boolean isBusy = e.errno() == LinuxException.EAGAIN || e.errno() == LinuxException.EINTR;
        if (!isBusy || System.nanoTime() - start >= timeout.toNanos()) {
          throw new VfioUserException("cannot connect to vfio-user:" + path + ": " + advice(e), e);
        }
        LockSupport.parkNanos(RETRY_NANOS);
      } catch (IllegalArgumentException e) {
        throw new VfioUserException(
            "cannot connect to vfio-user:" + path + ": " + e.getMessage(), e);
      }
    }
  }

  private static String advice(LinuxException e) {
    return switch (e.errno()) {
      case LinuxException.ENOENT ->
          "there is no such socket; start the server, or correct the path";
      case LinuxException.ECONNREFUSED -> "nobody listens there; start the server";
      case LinuxException.EACCES ->
          "no permission; it takes the right to write to the socket, and to search its directories";
      case LinuxException.EAGAIN -> "the server takes nobody in; perhaps it serves others";
      case EPROTOTYPE -> "that is a socket of another kind, not one of vfio-user";
      default -> e.getMessage();
    };
  }
}
