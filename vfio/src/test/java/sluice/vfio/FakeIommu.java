package sluice.vfio;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import sluice.support.linux.Descriptors;
import sluice.support.linux.Linux;
import sluice.support.memory.OffHeap;

/** Remembers what is mapped, refuses what overlaps, and fails when told to. */
final class FakeIommu implements Iommu {
  record Mapping(long iova, long size, long address) {}

  private final List<IovaRange> ranges;
  final TreeMap<Long, Mapping> mappings = new TreeMap<>();
  RuntimeException failNextMap;
  long nextUnmapReturns = -1;
  long preferredStart;

  FakeIommu(IovaRange... ranges) {
    this.ranges = List.of(ranges);
  }

  @Override
  public List<IovaRange> ranges() {
    return ranges;
  }

  @Override
  public long preferredStart() {
    return preferredStart;
  }

  @Override
  public synchronized void map(int fd, long fdOffset, long address, long iova, long size) {
    if (failNextMap != null) {
      RuntimeException failure = failNextMap;
      failNextMap = null;
      throw failure;
    }
    Map.Entry<Long, Mapping> below = mappings.lowerEntry(iova + size);
    if (below != null && below.getValue().iova + below.getValue().size > iova) {
      throw new AssertionError("overlaps: " + below);
    }
    checkSameMemory(fd, fdOffset, address);
    checkSameMemory(fd, fdOffset + size - 8, address + size - 8);
    mappings.put(iova, new Mapping(iova, size, address));
  }

  /** What another process would see through the descriptor is what this one sees. */
  private static void checkSameMemory(int fd, long offset, long address) {
    // Huge pages are only mapped, and unmapped, as wholes.
    long page = Descriptors.status(fd).blockSize();
    long other = Linux.mmap(fd, offset & -page, page, false);
    try {
      OffHeap.putLong(address, 0x5a5a_0123_4567_89abL);
      if (OffHeap.getLong(other + (offset & page - 1)) != 0x5a5a_0123_4567_89abL) {
        throw new AssertionError("the descriptor is not of this memory");
      }
      OffHeap.putLong(address, 0);
    } finally {
      Linux.munmap(other, page);
    }
  }

  @Override
  public synchronized long unmap(long iova, long size) {
    if (nextUnmapReturns >= 0) {
      long returned = nextUnmapReturns;
      nextUnmapReturns = -1;
      return returned;
    }
    Mapping mapping = mappings.remove(iova);
    if (mapping == null || mapping.size != size) {
      throw new AssertionError("not what was mapped: " + iova + ", " + size + ": " + mapping);
    }
    return size;
  }
}
