package sluice.recorder.stream;

import sluice.support.memory.OffHeap;

/**
 * An array of the kernel's {@code struct mmsghdr} (recvmmsg(2)) on 64-bit machines: one message
 * each, with a {@code struct msghdr} (recvmsg(2)) and the length that the call reports.
 *
 * <pre>
 *    0        8        16       24       32       40       48       56       64
 *    +--------+--------+--------+--------+--------+--------+--------+--------+
 *    |  name  |namelen |  iov   | iovlen |control |control | flags  |  len   |
 *    |        |  (4)   |        |        |        |  len   |  (4)   |  (4)   |
 *    +--------+--------+--------+--------+--------+--------+--------+--------+
 * </pre>
 *
 * An {@code iov} points to an array of {@code struct iovec}: address, then length, of 8 bytes each.
 */
public final class Mmsghdr {
  public static final int BYTES = 64;
  public static final int IOVEC_BYTES = 16;

  private static final int IOV = 16;
  private static final int IOVLEN = 24;
  private static final int CONTROL = 32;
  private static final int CONTROLLEN = 40;
  private static final int LEN = 56;
  private static final int IOVEC_LENGTH = 8;

  private Mmsghdr() {}

  /** Points a message at its pieces of memory. */
  public static void putIovecs(long message, long iovecs, int count) {
    OffHeap.putLong(message + IOV, iovecs);
    OffHeap.putLong(message + IOVLEN, count);
  }

  /** Sets one piece of memory. */
  public static void putIovec(long iovec, long address, long length) {
    OffHeap.putLong(iovec, address);
    OffHeap.putLong(iovec + IOVEC_LENGTH, length);
  }

  /** Gives a message room for control messages; to be repeated before every call. */
  public static void putControl(long message, long control, long length) {
    OffHeap.putLong(message + CONTROL, control);
    OffHeap.putLong(message + CONTROLLEN, length);
  }

  /** Bytes of control messages that came with the message. */
  public static long controlLength(long message) {
    return OffHeap.getLong(message + CONTROLLEN);
  }

  /** Bytes of the datagram. */
  public static int length(long message) {
    return OffHeap.getInt(message + LEN);
  }
}
