package sluice.nvme.tcp.pdu;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/**
 * The digest of a PDU's header or data (section 3.3.1.1): CRC-32C, begun with ones and inverted at
 * its end, so that its four bytes are stored as a little-endian number. Used by one thread;
 * allocates nothing for memory that it has seen lately.
 */
public final class Crc {
  /** Pieces of memory that are remembered: as many as a queue's user deals out in turn. */
  private static final int VIEWS = 16;

  /** As much as a buffer of the JDK's spans. */
  private static final long WINDOW = 1L << 30;

  private final CRC32C crc = new CRC32C();
  private final DmaMemory[] viewed = new DmaMemory[VIEWS];
  private final long[] windows = new long[VIEWS];
  private final ByteBuffer[] views = new ByteBuffer[VIEWS];
  private int last;
  private int next;

  /** Begins anew. */
  public void reset() {
    crc.reset();
  }

  /** Takes in a part of memory. */
  public void update(DmaMemory memory, long offset, long length) {
    long at = offset;
    long left = length;
    while (left > 0) {
      long window = at / WINDOW;
      int inWindow = (int) (at % WINDOW);
      int bytes = (int) Math.min(left, WINDOW - inWindow);
      ByteBuffer view = view(memory, window);
      view.limit(inWindow + bytes).position(inWindow);
      crc.update(view);
      at += bytes;
      left -= bytes;
    }
  }

  @SuppressWarnings("ReferenceEquality")
  private ByteBuffer view(DmaMemory memory, long window) {
    if (viewed[last] == memory && windows[last] == window) {
      return views[last];
    }
    for (int i = 0; i < VIEWS; i++) {
      if (viewed[i] == memory && windows[i] == window) {
        last = i;
        return views[i];
      }
    }
    last = next;
    next = (next + 1) % VIEWS;
    long begin = window * WINDOW;
    long bytes = Math.min(WINDOW, memory.size() - begin);
    viewed[last] = memory;
    windows[last] = window;
    views[last] = OffHeap.segment(memory.address() + begin, bytes).asByteBuffer();
    return views[last];
  }

  /** The digest of what has been taken in, as it is stored. */
  public int value() {
    return (int) crc.getValue();
  }
}
