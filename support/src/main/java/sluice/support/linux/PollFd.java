package sluice.support.linux;

import sluice.support.memory.OffHeap;

/**
 * The kernel's {@code struct pollfd} (poll(2)).
 *
 * <pre>
 *    0        4        6        8
 *    +--------+--------+--------+
 *    |   fd   | events |revents |
 *    +--------+--------+--------+
 * </pre>
 */
public final class PollFd {
  public static final int BYTES = 8;
  public static final short IN = 0x1;
  public static final short OUT = 0x4;

  /** Told without being asked for: an error, and that nothing goes either way any more. */
  public static final short ERROR = 0x8;

  public static final short HANG_UP = 0x10;

  /** The other end sends no more. */
  public static final short PEER_ENDED = 0x2000;

  private static final int EVENTS = 4;
  private static final int REVENTS = 6;

  private PollFd() {}

  /** Says which descriptor is asked about, and for what. */
  public static void put(long pollFd, int fd, short events) {
    OffHeap.putInt(pollFd, fd);
    OffHeap.putShort(pollFd + EVENTS, events);
    OffHeap.putShort(pollFd + REVENTS, (short) 0);
  }

  /** What was told about the descriptor, as bits. */
  public static int told(long pollFd) {
    return OffHeap.getShort(pollFd + REVENTS);
  }

  /**
   * Waits until the descriptor has something to say, which may also be its end or an error.
   *
   * @param timeoutMillis how long at the most; 0 not at all
   */
  public static boolean await(long pollFd, int timeoutMillis) {
    return Linux.poll(pollFd, 1, timeoutMillis) > 0;
  }
}
