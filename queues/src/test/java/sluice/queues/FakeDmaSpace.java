package sluice.queues;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/** Memory at device addresses that the test chooses, and a device's way back from them. */
final class FakeDmaSpace implements DmaSpace {
  private final TreeMap<Long, DmaMemory> memories = new TreeMap<>();
  private long nextIova;

  FakeDmaSpace(long firstIova) {
    nextIova = firstIova;
  }

  @Override
  public DmaMemory allocate(long size) {
    long rounded = Math.ceilDiv(size, 4096) * 4096;
    MemorySegment segment = Arena.ofAuto().allocate(rounded, 4096);
    DmaMemory memory = new DmaMemory(segment.asSlice(0, size), nextIova);
    memories.put(nextIova, memory);
    // A page between is nobody's: an access behind an end is caught.
    nextIova += rounded + 4096;
    return memory;
  }

  @Override
  public void free(DmaMemory memory) {
    if (!memories.remove(memory.iova(), memory)) {
      throw new IllegalArgumentException("not allocated here: " + memory);
    }
  }

  int outstanding() {
    return memories.size();
  }

  DmaMemory containing(long iova, long length) {
    Map.Entry<Long, DmaMemory> entry = memories.floorEntry(iova);
    if (entry == null || iova + length > entry.getKey() + entry.getValue().size()) {
      throw new AssertionError(String.format("the device would fault at 0x%x", iova));
    }
    return entry.getValue();
  }

  /** Eight bytes as a device reads them. */
  long read(long iova) {
    DmaMemory memory = containing(iova, 8);
    return OffHeap.getLong(memory.address() + (iova - memory.iova()));
  }
}
