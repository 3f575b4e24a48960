package sluice.vfio;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sluice.support.linux.Linux;
import sluice.support.memory.OffHeap;

/**
 * Takes small memory from slabs, for devices that know few pieces of memory, or are slow to be told
 * of one: a vfio-user server takes some tens. What is large is a piece of its own. Thread-safe.
 */
public final class SlabDmaSpace implements DmaSpace {
  /** A huge page, where the machine has one to spare. */
  static final long SLAB_BYTES = 2 << 20;

  /** More than that is a piece of its own. */
  static final long MOST_BYTES = SLAB_BYTES / 4;

  private final DmaSpace space;
  private final List<Slab> slabs = new ArrayList<>();
  private final Map<DmaMemory, Slab> allocated = new HashMap<>();

  /**
   * @param space where slabs and large pieces are taken from; each is contiguous for the device
   */
  public SlabDmaSpace(DmaSpace space) {
    this.space = space;
  }

  @Override
  public synchronized DmaMemory allocate(long size) {
    if (size <= 0 || size > MOST_BYTES) {
      return space.allocate(size);
    }
    for (Slab slab : slabs) {
      DmaMemory memory = slab.allocate(size);
      if (memory != null) {
        allocated.put(memory, slab);
        return memory;
      }
    }
    Slab slab = new Slab(space.allocate(SLAB_BYTES));
    slabs.add(slab);
    DmaMemory memory = slab.allocate(size);
    allocated.put(memory, slab);
    return memory;
  }

  /** {@inheritDoc} The last memory of a slab takes the slab with it. */
  @Override
  public synchronized void free(DmaMemory memory) {
    Slab slab = allocated.remove(memory);
    if (slab == null) {
      space.free(memory);
      return;
    }
    if (memory.isKept()) {
      // Its pages are never taken again, and so the slab stays in use.
      slab.memory.keep();
      return;
    }
    slab.free(memory);
    if (slab.inUse == 0) {
      slabs.remove(slab);
      space.free(slab.memory);
    }
  }

  private static final class Slab {
    private final DmaMemory memory;
    private final IovaAllocator pages;
    private int inUse;

    Slab(DmaMemory memory) {
      this.memory = memory;
      long last = memory.iova() + memory.size() - 1;
      this.pages = new IovaAllocator(List.of(new IovaRange(memory.iova(), last)));
    }

    /** Returns null when there is no room. */
    DmaMemory allocate(long size) {
      long iova;
      try {
        iova = pages.allocate(wholePages(size), Linux.pageSize());
      } catch (IllegalStateException e) {
        return null;
      }
      inUse++;
      DmaMemory taken = memory.slice(iova - memory.iova(), size);
      OffHeap.zero(taken.address(), size);
      return taken;
    }

    void free(DmaMemory taken) {
      inUse--;
      pages.free(taken.iova(), wholePages(taken.size()));
    }

    private static long wholePages(long size) {
      return Math.ceilDiv(size, Linux.pageSize()) * Linux.pageSize();
    }
  }
}
