package sluice.recorder.source;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import sluice.recorder.ring.StreamRing;
import sluice.support.memory.OffHeap;

/**
 * A ring's slots as buffers that are lent to others. Each is made when it is first used. Closed,
 * they are taken from whoever has kept one.
 */
final class Rooms {
  private final Arena arena = Arena.ofShared();
  private final StreamRing ring;
  private final ByteBuffer[] slots;

  Rooms(StreamRing ring) {
    this.ring = ring;
    this.slots = new ByteBuffer[ring.slotCount()];
  }

  /** The rest of the slot that is being filled. */
  ByteBuffer of(SlotFiller filler) {
    int slot = filler.slot();
    ByteBuffer room = slots[slot];
    if (room == null) {
      long offset = (long) slot * ring.slotBytes();
      room =
          OffHeap.segment(ring.memory().address() + offset, ring.slotBytes(), arena).asByteBuffer();
      slots[slot] = room;
    }
    return room.order(ByteOrder.BIG_ENDIAN)
        .limit(ring.slotBytes())
        .position(ring.slotBytes() - filler.room());
  }

  void close() {
    arena.close();
  }
}
