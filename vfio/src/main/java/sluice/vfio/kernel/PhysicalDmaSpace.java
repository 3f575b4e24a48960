package sluice.vfio.kernel;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.linux.Pages;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/**
 * DMA memory by its physical addresses, for devices that nothing translates for.
 *
 * <p>It is made of huge pages of 2 MiB, locked. The kernel does not swap or compact those, as it
 * does ordinary pages, but it promises less than a pin would: where memory is unplugged, or a large
 * piece of it asked for (CMA), it can move them while the device goes on using the old place. And a
 * process that is killed loses its memory a moment before its device is closed and stopped: what
 * the device writes in that moment goes into memory that may be somebody else's already. Only an
 * IOMMU prevents either. Up to 2 MiB are in one piece for the device, more are a piece per huge
 * page. Thread-safe.
 */
final class PhysicalDmaSpace implements DmaSpace, AutoCloseable {
  private static final int HUGE_SHIFT = 21;
  private static final long HUGE_PAGE = 1L << HUGE_SHIFT;
  private static final int PAGE = 4096;
  private static final int PAGES_PER_HUGE = (int) (HUGE_PAGE / PAGE);

  /** Huge pages in a row. Small memory shares them, large memory has its own. */
  private static final class Block {
    final long address;
    final long[] physical;
    final BitSet usedPages = new BitSet(PAGES_PER_HUGE);

    /** Whether some of its pages must not be given back. */
    boolean isKept;

    Block(long address, long[] physical) {
      this.address = address;
      this.physical = physical;
    }

    long size() {
      return (long) physical.length << HUGE_SHIFT;
    }

    /** The first page of so many free ones in a row; negative if there are not so many. */
    int findFree(int pages) {
      int from = usedPages.nextClearBit(0);
      while (from + pages <= PAGES_PER_HUGE) {
        int used = usedPages.nextSetBit(from);
        if (used < 0 || used >= from + pages) {
          return from;
        }
        from = usedPages.nextClearBit(used);
      }
      return -1;
    }
  }

  private final List<Block> shared = new ArrayList<>();
  private final Map<DmaMemory, Block> allocated = new HashMap<>();

  @Override
  public String translation() {
    return "none";
  }

  @Override
  public synchronized DmaMemory allocate(long size) {
    if (size <= 0) {
      throw new IllegalArgumentException("cannot allocate " + size + " bytes of DMA memory");
    }
    return size < HUGE_PAGE ? allocateSmall(size) : allocateLarge(size);
  }

  private DmaMemory allocateSmall(long size) {
    int pages = (int) Math.ceilDiv(size, PAGE);
    Block block = null;
    int first = -1;
    for (Block each : shared) {
      first = each.findFree(pages);
      if (first >= 0) {
        block = each;
        break;
      }
    }
    if (block == null) {
      block = newBlock(1, size);
      shared.add(block);
      first = 0;
    }
    block.usedPages.set(first, first + pages);
    long offset = (long) first * PAGE;
    OffHeap.zero(block.address + offset, (long) pages * PAGE);
    DmaMemory memory =
        new DmaMemory(OffHeap.segment(block.address + offset, size), block.physical[0] + offset);
    allocated.put(memory, block);
    return memory;
  }

  private DmaMemory allocateLarge(long size) {
    Block block = newBlock(Math.ceilDiv(size, HUGE_PAGE), size);
    DmaMemory memory =
        DmaMemory.scattered(OffHeap.segment(block.address, size), block.physical, HUGE_SHIFT);
    allocated.put(memory, block);
    return memory;
  }

  private static Block newBlock(long hugePages, long size) {
    try {
      long bytes = Math.multiplyExact(hugePages, HUGE_PAGE);
      int fd = Linux.memfd("sluice-dma", bytes, Linux.MFD_HUGE_2MB);
      try {
        long address = Linux.mmap(fd, 0, bytes, true);
        try {
          Pages.lock(address, bytes);
          return new Block(address, Pagemap.physicalAddresses(address, bytes, HUGE_PAGE));
        } catch (RuntimeException e) {
          Linux.munmap(address, bytes);
          throw e;
        }
      } finally {
        Linux.close(fd);
      }
    } catch (LinuxException | ArithmeticException e) {
      throw new IllegalStateException(
          "cannot get "
              + size
              + " bytes in huge pages, which memory without an IOMMU has to be made of: reserve "
              + hugePages
              + " more with 'sysctl vm.nr_hugepages' ("
              + e.getMessage()
              + ")",
          e);
    }
  }

  @Override
  public synchronized void free(DmaMemory memory) {
    Block block = allocated.remove(memory);
    if (block == null) {
      throw new IllegalArgumentException("not allocated here, or freed already: " + memory);
    }
    if (memory.isKept()) {
      block.isKept = true;
      return;
    }
    if (!shared.contains(block)) {
      Linux.munmap(block.address, block.size());
      return;
    }
    int first = (int) ((memory.address() - block.address) / PAGE);
    block.usedPages.clear(first, first + (int) Math.ceilDiv(memory.size(), PAGE));
  }

  /** Frees all that is left. The device must have been stopped. */
  @Override
  public synchronized void close() {
    List.copyOf(allocated.keySet()).forEach(this::free);
    for (Block block : shared) {
      if (!block.isKept) {
        Linux.munmap(block.address, block.size());
      }
    }
    shared.clear();
  }
}
