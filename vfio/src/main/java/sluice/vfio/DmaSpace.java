package sluice.vfio;

/**
 * A device's view of memory: what is allocated here has an address (IOVA) by which the device
 * reaches it. Allocation is for set-up, not for a hot path. Thread-safe.
 */
public interface DmaSpace {
  /**
   * Allocates zeroed memory that is present (no page of it faults later) and mapped for the device
   * to read and write.
   *
   * @param size bytes, more than 0; takes whole pages, which nothing else shares
   * @return memory of that size, whose address and IOVA are aligned to a page of 4 KiB at least
   * @throws IllegalArgumentException if the size is not more than 0
   * @throws IllegalStateException if no memory or no IOVA is left, or a limit forbids it; the
   *     message says which and how much was asked for
   */
  DmaMemory allocate(long size);

  /**
   * What translates the device's addresses, in a word or two: {@code iommufd}, {@code type1},
   * {@code none}. Empty where there is no device of hardware behind it, or that is not known.
   */
  default String translation() {
    return "";
  }

  /**
   * Unmaps memory from the device and frees it. The device must no longer use it: its queues are
   * deleted or its controller is disabled. Of memory that is {@link DmaMemory#keep kept}, the pages
   * stay, and nothing else is put there.
   *
   * @param memory what {@link #allocate} returned, not a slice of it
   * @throws IllegalArgumentException if this space did not allocate it, or it was freed already
   */
  void free(DmaMemory memory);
}
