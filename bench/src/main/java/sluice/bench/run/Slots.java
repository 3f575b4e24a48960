package sluice.bench.run;

import java.nio.ByteBuffer;
import java.util.Arrays;
import sluice.bench.load.DataFiller;
import sluice.bench.result.Direction;
import sluice.vfio.DmaMemory;

/**
 * The I/Os in flight, by slot: on which drive and what each is, when it began, and where its data
 * is.
 */
final class Slots {
  /** The way of a flush, beside the numbers of the directions. */
  static final int FLUSH = Direction.values().length;

  /** The way of a slot in which nothing is out. */
  private static final int NONE = -1;

  final int count;
  final int stride;
  final int[] port;
  final int[] way;
  final int[] length;
  final long[] offset;
  final long[] number;
  final long[] start;
  final long[] issued;
  final long[] due;
  final boolean[] checked;
  private final DmaMemory[] memories;
  private final ByteBuffer[][] buffers;
  private final int[] free;
  private int freeCount;

  /**
   * @param stride bytes that each slot has
   * @param memories of each port, so many times the stride
   */
  Slots(int count, int stride, DmaMemory... memories) {
    this.count = count;
    this.memories = memories.clone();
    this.stride = stride;
    port = new int[count];
    way = new int[count];
    Arrays.fill(way, NONE);
    length = new int[count];
    offset = new long[count];
    number = new long[count];
    start = new long[count];
    issued = new long[count];
    due = new long[count];
    checked = new boolean[count];
    buffers = new ByteBuffer[memories.length][count];
    free = new int[count];
    for (int slot = count - 1; slot >= 0; slot--) {
      for (int at = 0; at < memories.length; at++) {
        buffers[at][slot] =
            memories[at].segment().asSlice((long) slot * stride, stride).asByteBuffer();
      }
      free[freeCount++] = slot;
    }
  }

  boolean hasRoom() {
    return freeCount > 0;
  }

  int inFlight() {
    return count - freeCount;
  }

  /** Whether an I/O is out in a slot. */
  boolean isOut(int slot) {
    return way[slot] != NONE;
  }

  /** A slot that is free; there has to be one. */
  int take() {
    return free[--freeCount];
  }

  void release(int slot) {
    way[slot] = NONE;
    free[freeCount++] = slot;
  }

  /** Fills a slot's data, at whichever port it will be used. */
  void fill(int slot, DataFiller filler) {
    for (DmaMemory memory : memories) {
      filler.fill(memory.address() + memoryOffset(slot), stride);
    }
  }

  /** Where a slot's data is in its port's memory. */
  long memoryOffset(int slot) {
    return (long) slot * stride;
  }

  /** Where a slot's data is, at its port. */
  long address(int slot) {
    return memories[port[slot]].address() + memoryOffset(slot);
  }

  /** A slot's data at its port, for those who want a buffer. */
  ByteBuffer buffer(int slot) {
    return buffers[port[slot]][slot];
  }
}
