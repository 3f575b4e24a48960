package sluice.nvme;

import java.util.ArrayList;
import java.util.List;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/**
 * A view of a space that remembers what was allocated through it, so that the pieces which belong
 * together are freed together, also when not all of them were to be had. Used by one thread.
 */
final class OwnedDmaSpace implements DmaSpace {
  private final DmaSpace space;
  private final List<DmaMemory> owned = new ArrayList<>();

  OwnedDmaSpace(DmaSpace space) {
    this.space = space;
  }

  @Override
  public DmaMemory allocate(long size) {
    DmaMemory memory = space.allocate(size);
    owned.add(memory);
    return memory;
  }

  @Override
  public void free(DmaMemory memory) {
    space.free(memory);
    owned.remove(memory);
  }

  /** Frees what was allocated through this and not freed since. */
  void freeAll() {
    List.copyOf(owned).forEach(this::free);
  }
}
