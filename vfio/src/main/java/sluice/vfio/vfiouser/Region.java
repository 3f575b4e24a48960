package sluice.vfio.vfiouser;

import java.util.ArrayList;
import java.util.List;
import sluice.support.linux.Descriptors;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.vfio.abi.RegionInfo;

/**
 * A region of a server's device: a BAR or the configuration space.
 *
 * @param size bytes; 0 when the device has no such region
 * @param mapped which parts are in this process's memory
 */
record Region(long size, List<Mapped> mapped) {
  /** A part that is mapped, from the region's start. */
  record Mapped(long offset, long size, long address) {}

  Region {
    mapped = List.copyOf(mapped);
  }

  static Region unmapped(long size) {
    return new Region(size, List.of());
  }

  /**
   * Maps what a server shares of a region.
   *
   * @param info what the server says of it, which may be anything
   * @param fd the server's file
   * @throws VfioUserException if that cannot be: nothing is mapped then
   */
  static Region map(RegionInfo info, int fd) {
    List<Mapped> mapped = new ArrayList<>();
    try {
      long fileSize = Descriptors.status(fd).size();
      for (RegionInfo.Area area : info.areas()) {
        check(info, area, fileSize);
        long address = Linux.mmap(fd, info.offset() + area.offset(), area.size(), false);
        mapped.add(new Mapped(area.offset(), area.size(), address));
      }
    } catch (LinuxException e) {
      unmap(mapped);
      throw new VfioUserException("memory that cannot be mapped: " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      unmap(mapped);
      throw e;
    }
    return new Region(info.size(), mapped);
  }

  private static void check(RegionInfo info, RegionInfo.Area area, long fileSize) {
    long end = area.offset() + area.size();
    long fileEnd = info.offset() + end;
    long pageMask = Linux.pageSize() - 1L;
    // All of them are below 2^63, or the sums are not.
    boolean fits =
        area.offset() >= 0
            && area.size() > 0
            && end > 0
            && end <= info.size()
            && info.offset() >= 0
            && fileEnd > 0
            && fileEnd <= fileSize
            && ((area.offset() | area.size() | info.offset()) & pageMask) == 0;
    if (!fits) {
      throw new VfioUserException(
          String.format(
              "memory that cannot be: 0x%x bytes at 0x%x of a region of 0x%x bytes, at 0x%x of a"
                  + " file of 0x%x",
              area.size(), area.offset(), info.size(), info.offset(), fileSize));
    }
  }

  private static void unmap(List<Mapped> mapped) {
    mapped.forEach(part -> Linux.munmap(part.address(), part.size()));
  }

  /** Unmaps what is mapped, which nothing touches any more. */
  void unmap() {
    unmap(mapped);
  }

  /** The address of a range of bytes; 0 if it is not mapped in one piece. */
  long addressOf(long offset, long length) {
    for (Mapped part : mapped) {
      if (offset >= part.offset && offset + length <= part.offset + part.size) {
        return part.address + offset - part.offset;
      }
    }
    return 0;
  }
}
