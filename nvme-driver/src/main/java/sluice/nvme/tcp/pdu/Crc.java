package sluice.nvme.tcp.pdu;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import sluice.support.memory.OffHeap;

/**
 * The digest of a PDU's header or data (section 3.3.1.1): CRC-32C, begun with ones and inverted at
 * its end, so that its four bytes are stored as a little-endian number. Used by one thread;
 * allocates nothing for memory that is near what it has seen lately.
 */
public final class Crc {
  /** Parts of the address space that are remembered. */
  private static final int VIEWS = 16;

  /** As much as a buffer of the JDK's spans, as a power of two. */
  private static final int WINDOW_SHIFT = 30;

  private static final long WINDOW = 1L << WINDOW_SHIFT;

  private final CRC32C crc = new CRC32C();
  private final long[] windows = new long[VIEWS];
  private final ByteBuffer[] views = new ByteBuffer[VIEWS];
  private int last;
  private int next;

  public Crc() {
    Arrays.fill(windows, -1);
  }

  /** Begins anew. */
  public void reset() {
    crc.reset();
  }

  /** Takes in memory. */
  public void update(long address, long length) {
    long at = address;
    long left = length;
    while (left > 0) {
      int inWindow = (int) (at & (WINDOW - 1));
      int bytes = (int) Math.min(left, WINDOW - inWindow);
      ByteBuffer view = view(at >>> WINDOW_SHIFT);
      view.limit(inWindow + bytes).position(inWindow);
      crc.update(view);
      at += bytes;
      left -= bytes;
    }
  }

  private ByteBuffer view(long window) {
    if (windows[last] == window) {
      return views[last];
    }
    for (int i = 0; i < VIEWS; i++) {
      if (windows[i] == window) {
        last = i;
        return views[i];
      }
    }
    last = next;
    next = (next + 1) % VIEWS;
    windows[last] = window;
    // Most of it may not be there; only what is asked for is looked at.
    views[last] = OffHeap.segment(window << WINDOW_SHIFT, WINDOW).asByteBuffer();
    return views[last];
  }

  /** The digest of what has been taken in, as it is stored. */
  public int value() {
    return (int) crc.getValue();
  }
}
