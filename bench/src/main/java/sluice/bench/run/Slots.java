package sluice.bench.run;

import java.nio.ByteBuffer;
import sluice.bench.result.Direction;
import sluice.vfio.DmaMemory;

/** The I/Os in flight, by slot: what each is, when it began, and where its data is. */
final class Slots {
  /** The way of a flush, beside the numbers of the directions. */
  static final int FLUSH = Direction.values().length;

  final int count;
  final int stride;
  final DmaMemory memory;
  final int[] way;
  final int[] length;
  final long[] offset;
  final long[] number;
  final long[] start;
  final long[] issued;
  final long[] due;
  final boolean[] checked;
  private final ByteBuffer[] buffers;
  private final int[] free;
  private int freeCount;

  /**
   * @param memory so many times the stride
   * @param stride bytes that each slot has
   */
  Slots(int count, DmaMemory memory, int stride) {
    this.count = count;
    this.memory = memory;
    this.stride = stride;
    way = new int[count];
    length = new int[count];
    offset = new long[count];
    number = new long[count];
    start = new long[count];
    issued = new long[count];
    due = new long[count];
    checked = new boolean[count];
    buffers = new ByteBuffer[count];
    free = new int[count];
    for (int slot = count - 1; slot >= 0; slot--) {
      buffers[slot] = memory.segment().asSlice((long) slot * stride, stride).asByteBuffer();
      free[freeCount++] = slot;
    }
  }

  int inFlight() {
    return count - freeCount;
  }

  /** A slot that is free; there has to be one. */
  int take() {
    return free[--freeCount];
  }

  void release(int slot) {
    free[freeCount++] = slot;
  }

  /** Where a slot's data is in {@link #memory}. */
  long memoryOffset(int slot) {
    return (long) slot * stride;
  }

  long address(int slot) {
    return memory.address() + memoryOffset(slot);
  }

  /** A slot's data, for those who want a buffer. */
  ByteBuffer buffer(int slot) {
    return buffers[slot];
  }
}
