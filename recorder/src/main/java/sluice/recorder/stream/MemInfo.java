package sluice.recorder.stream;

import java.lang.foreign.Arena;
import sluice.support.memory.OffHeap;

/**
 * What the kernel holds for a socket (SO_MEMINFO, socket(7)): an array of ints, of which the first
 * two and the last count here.
 *
 * <pre>
 *    0             4             8                32             36
 *    +-------------+-------------+----------------+--------------+
 *    | bytes held  | bytes at    |      ...       | datagrams    |
 *    |             | the most    |                | dropped      |
 *    +-------------+-------------+----------------+--------------+
 * </pre>
 *
 * Bytes are those of memory, with all that the kernel needs about a datagram: more than its
 * payload. Used by one thread; allocates nothing once it is made.
 */
public final class MemInfo {
  private static final int BYTES = 36;
  private static final int HELD = 0;
  private static final int LIMIT = 4;
  private static final int DROPS = 32;

  private final int fd;
  private final long value;
  private final long length;

  public MemInfo(int fd, Arena arena) {
    this.fd = fd;
    this.value = arena.allocate(BYTES, Integer.BYTES).address();
    this.length = arena.allocate(Integer.BYTES, Integer.BYTES).address();
  }

  /**
   * Asks the kernel.
   *
   * @return false if it does not tell
   */
  public boolean read() {
    OffHeap.putInt(length, BYTES);
    return Sockets.memInfo(fd, value, length);
  }

  /** Bytes of memory that what has arrived takes. */
  public long held() {
    return Integer.toUnsignedLong(OffHeap.getInt(value + HELD));
  }

  /** Bytes of memory that it may take; beyond, the kernel drops what arrives. */
  public long limit() {
    return Integer.toUnsignedLong(OffHeap.getInt(value + LIMIT));
  }

  /** How many datagrams the kernel has dropped that were for this socket; wraps at 2^32. */
  public int drops() {
    return OffHeap.getInt(value + DROPS);
  }
}
