package sluice.recorder.stream;

import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import sluice.support.linux.Downcall;
import sluice.support.linux.PollFd;
import sluice.support.text.Units;

/** Making connections, with a deadline. */
public final class Connections {
  private Connections() {}

  /**
   * Connects a socket that does not block, and waits until it is.
   *
   * @return whether there was an answer in time
   * @throws sluice.support.linux.LinuxException if the other side does not want it, or cannot be
   *     reached
   */
  public static boolean tryConnect(int fd, InetSocketAddress address, long timeoutNanos) {
    if (Sockets.connect(fd, address)) {
      return true;
    }
    long deadline = System.nanoTime() + timeoutNanos;
    try (Arena arena = Arena.ofConfined()) {
      long pollFd = arena.allocate(PollFd.BYTES, PollFd.BYTES).address();
      PollFd.put(pollFd, fd, PollFd.OUT);
      // Again, because a signal may end the waiting early.
      while (!PollFd.await(pollFd, millisUntil(deadline))) {
        if (System.nanoTime() - deadline >= 0) {
          return false;
        }
      }
    }
    int error = Sockets.error(fd);
    if (error != 0) {
      throw Downcall.failure("connect", Sockets.text(address), error);
    }
    return true;
  }

  /** What there is to say when there was no answer. */
  public static String noAnswer(InetSocketAddress address, long timeoutNanos) {
    return "no answer from %s within %s"
        .formatted(Sockets.text(address), Units.formatDuration(timeoutNanos));
  }

  private static int millisUntil(long deadline) {
    long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()) + 1;
    return Math.clamp(millis, 0, Integer.MAX_VALUE);
  }
}
