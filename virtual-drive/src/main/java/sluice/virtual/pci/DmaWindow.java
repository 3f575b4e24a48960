package sluice.virtual.pci;

/**
 * A look into the drive's mapped memory that remembers the region it looked at last; each user that
 * stays near one place (a queue, a list, data) has its own. Used in the drive's turns alone.
 */
public final class DmaWindow {
  /** Answer for an address that is not mapped, or not for this access. All answers are negative. */
  public static final long FAULT = -1;

  /** Answer for an address of {@link RemoteMemory}. */
  static final long REMOTE = -2;

  private final VirtualIommu iommu;
  private final int access;
  private RegionTable table;
  private long start;
  private long size;
  private long address;

  /**
   * @param access what the drive does there: {@link VirtualIommu#READ} or {@link
   *     VirtualIommu#WRITE}, or both
   */
  DmaWindow(VirtualIommu iommu, int access) {
    this.iommu = iommu;
    this.access = access;
  }

  /**
   * Where this process finds bytes of the drive's.
   *
   * @param length more than 0; the bytes lie in one mapped region, or are a fault
   * @return an address that is good until the end of the drive's turn, or {@link #FAULT} or {@link
   *     #REMOTE}, which are less than 0
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
    RegionTable now = iommu.table();
    int region = now.find(iova);
    if (region < 0 || !VirtualIommu.allows(now.flags(region), access)) {
      return FAULT;
    }
    long offset = iova - now.start(region);
    if (offset > now.size(region) - length) {
      return FAULT;
    }
    if (VirtualIommu.isRemote(now.flags(region))) {
      // Not remembered: what is remembered costs nothing more than a mapped address.
      return REMOTE;
    }
    table = now;
    start = now.start(region);
    size = now.size(region);
    address = now.address(region);
    return address + offset;
  }

  /** The way to what {@link #REMOTE} was the answer for. */
  RemoteMemory remote() {
    return iommu.remote();
  }
}
