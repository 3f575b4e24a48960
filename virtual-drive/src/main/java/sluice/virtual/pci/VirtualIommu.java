package sluice.virtual.pci;

import java.util.List;
import java.util.Objects;
import sluice.vfio.Iommu;
import sluice.vfio.IovaRange;

/**
 * The virtual drive's way to memory: a table from its addresses (IOVAs) to this process's.
 *
 * <p>Host threads map and unmap; the drive looks up through {@link DmaWindow}s, which see a change
 * at their next use. The table is never changed, but replaced as a whole. An unmapping returns only
 * when the drive is between two turns, so that memory is not taken away under a transfer.
 *
 * <p>A region can be one of {@link RemoteMemory}, which has no address here.
 *
 * <p>While bus mastering is off nothing is mapped to the drive, as behind a real root port.
 */
public final class VirtualIommu implements Iommu {
  /** What the drive may do with a region, as bits. */
  public static final int READ = 1;

  public static final int WRITE = 2;

  /** Device addresses as a common IOMMU has them: 39 bits, without the interrupt window. */
  private static final List<IovaRange> RANGES =
      List.of(new IovaRange(0, 0xfedf_ffffL), new IovaRange(0xfef0_0000L, (1L << 39) - 1));

  private static final long PAGE_MASK = 4095;
  private static final int REMOTE = 4;

  private final Runnable quiesce;
  private RegionTable mapped = RegionTable.EMPTY;
  private boolean busMaster;
  private volatile RemoteMemory remote;
  private volatile RegionTable visible = RegionTable.EMPTY;

  /**
   * @param quiesce returns when the drive is between two turns
   */
  VirtualIommu(Runnable quiesce) {
    this.quiesce = Objects.requireNonNull(quiesce);
  }

  /** Whether the drive may do something with all of a region, by {@link RegionTable#flags}. */
  static boolean allows(long flags, int access) {
    return (flags & access) == access;
  }

  static boolean isRemote(long flags) {
    return (flags & REMOTE) != 0;
  }

  /** What is mapped now; a change is another object. */
  RegionTable table() {
    return visible;
  }

  /** Whether the drive can reach nothing at all, as while bus mastering is off. */
  boolean isOff() {
    return visible == RegionTable.EMPTY;
  }

  /** Lets the drive reach memory, or not. */
  public void busMaster(boolean on) {
    synchronized (this) {
      busMaster = on;
      visible = on ? mapped : RegionTable.EMPTY;
    }
    quiesce.run();
  }

  @Override
  public List<IovaRange> ranges() {
    return RANGES;
  }

  /** The way to regions that have no address here; null while there are none. */
  RemoteMemory remote() {
    return remote;
  }

  @Override
  public void map(int fd, long fdOffset, long address, long iova, long size) {
    if (RANGES.stream().noneMatch(r -> iova >= r.start() && iova <= r.end() - (size - 1))) {
      throw new IllegalArgumentException(
          String.format("no addresses of the drive: 0x%x bytes at iova 0x%x", size, iova));
    }
    map(address, iova, size, READ | WRITE);
  }

  /**
   * Lets the drive reach memory of this process at any address up to 2^63.
   *
   * @param access {@link #READ}, {@link #WRITE} or both
   * @throws IllegalArgumentException if these are no whole pages, or part of them is mapped
   */
  public void map(long address, long iova, long size, int access) {
    add(address, iova, size, access);
  }

  /**
   * Lets the drive reach memory elsewhere, over {@link #remote(RemoteMemory)}.
   *
   * @throws IllegalArgumentException if these are no whole pages, or part of them is mapped
   */
  public void mapRemote(long iova, long size, int access) {
    add(0, iova, size, access | REMOTE);
  }

  /** Sets the way to remote memory, before any is mapped. */
  public void remote(RemoteMemory way) {
    remote = way;
  }

  private synchronized void add(long address, long iova, long size, int flags) {
    if (size <= 0 || ((size | iova | address) & PAGE_MASK) != 0) {
      throw new IllegalArgumentException(
          String.format("not whole pages: 0x%x bytes at iova 0x%x", size, iova));
    }
    if (iova < 0 || iova > Long.MAX_VALUE - size) {
      throw new IllegalArgumentException(
          String.format("beyond the drive's addresses: 0x%x bytes at iova 0x%x", size, iova));
    }
    if (mapped.overlaps(iova, size)) {
      throw new IllegalArgumentException(
          String.format("mapped already: part of 0x%x bytes at iova 0x%x", size, iova));
    }
    mapped = mapped.with(iova, size, address, flags);
    publish();
  }

  /** Unmaps the regions that lie wholly in the range; part of a region is never unmapped. */
  @Override
  public long unmap(long iova, long size) {
    long unmapped;
    synchronized (this) {
      unmapped = mapped.bytesWithin(iova, size);
      if (unmapped > 0) {
        mapped = mapped.without(iova, size);
        publish();
      }
    }
    quiesce.run();
    return unmapped;
  }

  private void publish() {
    if (busMaster) {
      visible = mapped;
    }
  }
}
