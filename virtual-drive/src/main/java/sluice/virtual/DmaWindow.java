package sluice.virtual;

/**
 * A look into the drive's mapped memory that remembers the region it looked at last; each user that
 * stays near one place (a queue, a list, data) has its own. Used in the drive's turns alone.
 */
final class DmaWindow {
  /** Answer for an address that is not mapped. */
  static final long FAULT = -1;

  private final VirtualIommu iommu;
  private VirtualIommu.Table table;
  private long start;
  private long size;
  private long address;

  DmaWindow(VirtualIommu iommu) {
    this.iommu = iommu;
  }

  /**
   * Where this process finds bytes of the drive's.
   *
   * @param length more than 0; the bytes lie in one mapped region, or are a fault
   * @return an address that is good until the end of the drive's turn, or {@link #FAULT}
   */
  long translate(long iova, long length) {
    long offset = iova - start;
    // One unsigned comparison would let a length above the size through.
    if (offset >= 0 && offset <= size - length && table == iommu.table()) {
      return address + offset;
    }
    return lookUp(iova, length);
  }

  private long lookUp(long iova, long length) {
    VirtualIommu.Table now = iommu.table();
    int region = now.find(iova);
    if (region < 0) {
      return FAULT;
    }
    table = now;
    start = now.start(region);
    size = now.size(region);
    address = now.address(region);
    long offset = iova - start;
    return offset <= size - length ? address + offset : FAULT;
  }
}
