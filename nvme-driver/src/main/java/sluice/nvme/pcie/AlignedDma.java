package sluice.nvme.pcie;

import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/** Memory for what has to begin with a page of the controller's, which may be larger than ours. */
final class AlignedDma {
  /** What {@link DmaSpace#allocate} promises. */
  private static final int PROMISED = 4096;

  private AlignedDma() {}

  /**
   * Allocates memory whose address for the device is a multiple of a page size. It is part of what
   * is allocated, and cannot be freed by itself.
   *
   * @param pageBytes a power of two, 4096 at least
   */
  static DmaMemory allocate(DmaSpace space, long size, int pageBytes) {
    DmaMemory memory = space.allocate(size + pageBytes - PROMISED);
    return memory.slice(-memory.iova() & (pageBytes - 1), size);
  }
}
