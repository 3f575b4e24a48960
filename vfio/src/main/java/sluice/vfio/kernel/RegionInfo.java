package sluice.vfio.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A region of a device: a BAR or the configuration space ({@code vfio_region_info}).
 *
 * <pre>
 *        31                     0
 *  0x00 |         argsz          |
 *  0x04 |  flags: 0 read, 1 write, 2 mmap, 3 capabilities |
 *  0x08 |         index          |
 *  0x0c |   first capability     |
 *  0x10 |          size          |  8 bytes
 *  0x18 | offset in the device's file |  8 bytes
 * </pre>
 *
 * @param size bytes; 0 when the device has no such region
 * @param offset where it begins in the device's file
 * @param areas which parts may be mapped, whole pages and ascending; empty for none
 */
record RegionInfo(long size, long offset, List<Area> areas) {
  static final int BYTES = 0x20;
  static final int ARGSZ = 0x00;
  static final int INDEX = 0x08;

  private static final int FLAGS = 0x04;
  private static final int CAPABILITY = 0x0c;
  private static final int SIZE = 0x10;
  private static final int OFFSET = 0x18;

  private static final int FLAG_MMAP = 1 << 2;
  private static final int FLAG_CAPABILITIES = 1 << 3;
  private static final int SPARSE_MMAP = 1;

  // Behind the header of the capability: how many areas, 4 bytes reserved, then offset and size.
  private static final int AREA_COUNT = 8;
  private static final int AREAS = 16;
  private static final int AREA_BYTES = 16;

  /** A part that may be mapped, from the region's start. */
  record Area(long offset, long size) {}

  /** Reads what the kernel filled in. */
  static RegionInfo parse(MemorySegment info) {
    int flags = info.get(JAVA_INT, FLAGS);
    long size = info.get(JAVA_LONG, SIZE);
    List<Area> areas = List.of();
    if ((flags & FLAG_MMAP) != 0 && size > 0) {
      int first = (flags & FLAG_CAPABILITIES) == 0 ? 0 : info.get(JAVA_INT, CAPABILITY);
      MemorySegment sparse = Capabilities.find(info, first, SPARSE_MMAP);
      areas = sparse == null ? List.of(new Area(0, size)) : areas(sparse);
    }
    return new RegionInfo(size, info.get(JAVA_LONG, OFFSET), areas);
  }

  private static List<Area> areas(MemorySegment sparse) {
    List<Area> areas = new ArrayList<>();
    int count = sparse.get(JAVA_INT_UNALIGNED, AREA_COUNT);
    for (long i = 0, at = AREAS; i < count && at + AREA_BYTES <= sparse.byteSize(); i++) {
      Area area =
          new Area(sparse.get(JAVA_LONG_UNALIGNED, at), sparse.get(JAVA_LONG_UNALIGNED, at + 8));
      // A hole at an end of the region leaves an area of nothing.
      if (area.size > 0) {
        areas.add(area);
      }
      at += AREA_BYTES;
    }
    return List.copyOf(areas);
  }
}
