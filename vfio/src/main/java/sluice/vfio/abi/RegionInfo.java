package sluice.vfio.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import sluice.support.memory.OffHeap;

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
public record RegionInfo(long size, long offset, List<Area> areas) {
  public static final int BYTES = 0x20;
  public static final int ARGSZ = 0x00;
  public static final int INDEX = 0x08;

  private static final int FLAGS = 0x04;
  private static final int CAPABILITY = 0x0c;
  private static final int SIZE = 0x10;
  private static final int OFFSET = 0x18;

  public static final int FLAG_READ = 1 << 0;
  public static final int FLAG_WRITE = 1 << 1;
  private static final int FLAG_MMAP = 1 << 2;
  private static final int FLAG_CAPABILITIES = 1 << 3;
  private static final int SPARSE_MMAP = 1;

  // Behind the header of the capability: how many areas, 4 bytes reserved, then offset and size.
  private static final int AREA_COUNT = 8;
  private static final int AREAS = 16;
  private static final int AREA_BYTES = 16;

  /** A part that may be mapped, from the region's start. */
  public record Area(long offset, long size) {}

  /** Bytes of the whole structure, with its capability if areas may be mapped. */
  public int bytes() {
    return areas.isEmpty() ? BYTES : BYTES + AREAS + areas.size() * AREA_BYTES;
  }

  /**
   * Fills the structure in, as a server does. If there is not room for all of it, what may be
   * mapped is left out; {@code argsz} tells how much it takes.
   *
   * @param address aligned to 8 bytes
   * @param flags {@link #FLAG_READ} and {@link #FLAG_WRITE}, or 0
   * @param room bytes, {@link #BYTES} at least
   * @return how many bytes were written
   */
  public int write(long address, int index, int flags, int room) {
    boolean isWhole = room >= bytes();
    boolean isMappable = !areas.isEmpty();
    OffHeap.putInt(address + ARGSZ, bytes());
    // Without the capability neither flag: a client may look for what they promise.
    OffHeap.putInt(
        address + FLAGS, flags | (isMappable && isWhole ? FLAG_MMAP | FLAG_CAPABILITIES : 0));
    OffHeap.putInt(address + INDEX, index);
    OffHeap.putInt(address + CAPABILITY, isMappable && isWhole ? BYTES : 0);
    OffHeap.putLong(address + SIZE, size);
    OffHeap.putLong(address + OFFSET, offset);
    if (!isMappable || !isWhole) {
      return BYTES;
    }
    long sparse = address + BYTES;
    OffHeap.putInt(sparse, 1 << 16 | SPARSE_MMAP);
    OffHeap.putInt(sparse + 4, 0);
    OffHeap.putLong(sparse + AREA_COUNT, areas.size());
    for (int i = 0; i < areas.size(); i++) {
      long area = sparse + AREAS + (long) i * AREA_BYTES;
      OffHeap.putLong(area, areas.get(i).offset());
      OffHeap.putLong(area + 8, areas.get(i).size());
    }
    return bytes();
  }

  /** Reads what the kernel or a server filled in. */
  public static RegionInfo parse(MemorySegment info) {
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

  /**
   * Reads what anybody may have filled in.
   *
   * @throws IllegalArgumentException if it cannot be, saying what it is
   */
  public static RegionInfo parseUntrusted(MemorySegment info) {
    int flags = info.get(JAVA_INT, FLAGS);
    if (info.get(JAVA_LONG, SIZE) < 0 || info.get(JAVA_LONG, OFFSET) < 0) {
      throw new IllegalArgumentException(
          String.format(
              "a region of 0x%x bytes at 0x%x",
              info.get(JAVA_LONG, SIZE), info.get(JAVA_LONG, OFFSET)));
    }
    if ((flags & FLAG_CAPABILITIES) != 0) {
      int first = info.get(JAVA_INT, CAPABILITY);
      if (!Capabilities.isSound(info, first)) {
        throw new IllegalArgumentException("capabilities that are no chain");
      }
      MemorySegment sparse = Capabilities.find(info, first, SPARSE_MMAP);
      if (sparse != null && !holdsItsAreas(sparse)) {
        throw new IllegalArgumentException("more areas to be mapped than it names");
      }
    }
    return parse(info);
  }

  private static boolean holdsItsAreas(MemorySegment sparse) {
    long room = (sparse.byteSize() - AREAS) / AREA_BYTES;
    return sparse.byteSize() >= AREAS
        && Integer.toUnsignedLong(sparse.get(JAVA_INT_UNALIGNED, AREA_COUNT)) <= room;
  }

  private static List<Area> areas(MemorySegment sparse) {
    List<Area> areas = new ArrayList<>();
    int count = sparse.get(JAVA_INT_UNALIGNED, AREA_COUNT);
    for (long i = 0, at = AREAS; i < count && at + AREA_BYTES <= sparse.byteSize(); i++) {
      Area area =
          new Area(sparse.get(JAVA_LONG_UNALIGNED, at), sparse.get(JAVA_LONG_UNALIGNED, at + 8));
      // A hole at an end of the region leaves an area of nothing.
      if (area.size != 0) {
        areas.add(area);
      }
      at += AREA_BYTES;
    }
    return List.copyOf(areas);
  }
}
