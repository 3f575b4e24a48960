package sluice.recorder.source;

import sluice.support.memory.OffHeap;

/**
 * The kernel's {@code struct cmsghdr} (cmsg(3)) on 64-bit machines: something about a message.
 *
 * <pre>
 *    0        8        12       16
 *    +--------+--------+--------+---------------------+
 *    | length |  level |  type  |  data, padded to 8  |
 *    +--------+--------+--------+---------------------+
 * </pre>
 *
 * The length counts header and data without the padding.
 */
final class Cmsg {
  /** Room for one control message with four bytes of data. */
  static final int SPACE_INT = 24;

  private static final int HEADER = 16;
  private static final int LEVEL = 8;
  private static final int TYPE = 12;

  private Cmsg() {}

  /** Whether a control message of four bytes or more is there, and of this kind. */
  static boolean isInt(long control, long controlLength, int level, int type) {
    return controlLength >= HEADER + Integer.BYTES
        && OffHeap.getLong(control) >= HEADER + Integer.BYTES
        && OffHeap.getInt(control + LEVEL) == level
        && OffHeap.getInt(control + TYPE) == type;
  }

  /** The first four bytes of the data. */
  static int intData(long control) {
    return OffHeap.getInt(control + HEADER);
  }
}
