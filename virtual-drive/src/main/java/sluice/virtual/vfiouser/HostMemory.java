package sluice.virtual.vfiouser;

import java.util.NavigableMap;
import java.util.TreeMap;
import sluice.support.linux.Descriptors;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.vfio.vfiouser.DmaRange;
import sluice.virtual.pci.VirtualIommu;

/**
 * The memory that a client lets the drive reach: mapped here when its file came along, reached by
 * messages when not. Used by the server's thread; answers are errnos, 0 for done.
 */
final class HostMemory implements AutoCloseable {
  /**
   * How many regions a client can have: a guest with an IOMMU has one for each page that it maps.
   * The kernel lets a process have twice as many.
   */
  static final int MAX_REGIONS = 32_768;

  /** How many bytes can be mapped: what is left of a process's addresses is for others. */
  private static final long MAX_BYTES = 1L << 45;

  private static final long PAGE = 4096;
  private static final int ACCESS = DmaRange.FLAG_READABLE | DmaRange.FLAG_WRITABLE;

  private final VirtualIommu iommu;
  private final TreeMap<Long, Region> regions = new TreeMap<>();
  private long mappedBytes;

  /**
   * @param mapping where it is mapped; 0 for a region that is reached by messages
   * @param mappingBytes of the whole mapping, in the file's units
   */
  private record Region(long iova, long size, long mapping, long mappingBytes) {
    long end() {
      return iova + size;
    }
  }

  HostMemory(VirtualIommu iommu) {
    this.iommu = iommu;
  }

  /** How many regions there are. */
  int count() {
    return regions.size();
  }

  /**
   * Lets the drive reach a region.
   *
   * @param flags of a {@link DmaRange}
   * @param fd of the file that the memory is in, still the caller's; -1 for none
   */
  int map(int flags, long fdOffset, long iova, long size, int fd) {
    boolean isGood =
        (flags & ACCESS) != 0
            && (flags & ~ACCESS) == 0
            && size > 0
            && iova >= 0
            && iova <= Long.MAX_VALUE - size
            && fdOffset >= 0
            && fdOffset <= Long.MAX_VALUE - size
            && ((size | iova | fdOffset) & (PAGE - 1)) == 0;
    if (!isGood) {
      return LinuxException.EINVAL;
    }
    if (overlaps(iova, size)) {
      return LinuxException.EEXIST;
    }
    if (regions.size() == MAX_REGIONS) {
      return LinuxException.ENOSPC;
    }
    if (fd < 0) {
      iommu.mapRemote(iova, size, access(flags));
      regions.put(iova, new Region(iova, size, 0, 0));
      return 0;
    }
    try {
      return mapFile(flags, fdOffset, iova, size, fd);
    } catch (LinuxException e) {
      return e.errno();
    }
  }

  private int mapFile(int flags, long fdOffset, long iova, long size, int fd) {
    Descriptors.Status status = Descriptors.status(fd);
    if (!status.isFile()
        || status.size() < fdOffset + size
        || !(status.isOnDevice() || Descriptors.isMemory(fd))) {
      // Pages behind the end would be a fault of this process, and those of a file system that
      // another process is (FUSE), or another machine, could be waited for without an end.
      return LinuxException.EINVAL;
    }
    long unit = Math.max(PAGE, Integer.highestOneBit(status.blockSize()));
    long start = fdOffset & -unit;
    long mappingBytes = (fdOffset + size - start + unit - 1) & -unit;
    if (mappingBytes > MAX_BYTES - mappedBytes) {
      return LinuxException.ENOMEM;
    }
    boolean isWritable = (flags & DmaRange.FLAG_WRITABLE) != 0;
    long mapping = Descriptors.map(fd, start, mappingBytes, isWritable);
    iommu.map(mapping + fdOffset - start, iova, size, access(flags));
    regions.put(iova, new Region(iova, size, mapping, mappingBytes));
    mappedBytes += mappingBytes;
    return 0;
  }

  private static int access(int flags) {
    return ((flags & DmaRange.FLAG_READABLE) != 0 ? VirtualIommu.READ : 0)
        | ((flags & DmaRange.FLAG_WRITABLE) != 0 ? VirtualIommu.WRITE : 0);
  }

  private boolean overlaps(long iova, long size) {
    var before = regions.lowerEntry(iova + size);
    return before != null && before.getValue().end() > iova;
  }

  /**
   * Takes back all regions of a range. QEMU does so for a guest with an IOMMU: what was mapped page
   * by page is unmapped by one message.
   *
   * @param size may reach to the end of all addresses
   * @return ENOENT, and nothing is done, if there is none or part of one
   */
  int unmap(long iova, long size) {
    long last = iova + (size - 1);
    if (iova < 0 || size == 0 || Long.compareUnsigned(last, iova) < 0) {
      return LinuxException.EINVAL;
    }
    var range = regions.subMap(iova, true, last < 0 ? Long.MAX_VALUE : last, true);
    var before = regions.lowerEntry(iova);
    boolean isCut = before != null && before.getValue().end() > iova;
    if (range.isEmpty()
        || isCut
        || Long.compareUnsigned(range.lastEntry().getValue().end() - 1, last) > 0) {
      return LinuxException.ENOENT;
    }
    remove(range);
    return 0;
  }

  /** Takes all back. */
  @Override
  public void close() {
    if (!regions.isEmpty()) {
      remove(regions);
    }
  }

  /** Takes back what is in a part of the map, all that lies between its ends. */
  private void remove(NavigableMap<Long, Region> range) {
    long start = range.firstKey();
    long _ = iommu.unmap(start, range.lastEntry().getValue().end() - start);
    for (Region region : range.values()) {
      if (region.mapping != 0) {
        Linux.munmap(region.mapping, region.mappingBytes);
        mappedBytes -= region.mappingBytes;
      }
    }
    range.clear();
  }
}
