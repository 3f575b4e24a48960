package sluice.vfio.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import sluice.vfio.IovaRange;

/**
 * The structures of iommufd: an I/O address space (IOAS), what may be mapped in it, and what is.
 *
 * <pre>
 *        ioas_alloc   iova_ranges          ioas_map           ioas_unmap
 *  0x00 | size |     | size |             | size |           | size |
 *  0x04 | flags |    | ioas |             | flags: 0 fixed, 1 write, 2 read |  | ioas |
 *  0x08 | ioas, out| | count, in and out| | ioas |           | IOVA | 8
 *  0x0c              | 0 |                | 0 |
 *  0x10              | array | 8          | address | 8      | length, in and out | 8
 *  0x18              | alignment, out | 8 | length | 8
 *  0x20                                   | IOVA | 8
 * </pre>
 *
 * And those by which a device that is a file joins one: {@code vfio_device_bind_iommufd} (argsz,
 * flags, descriptor, id) and {@code vfio_device_attach_iommufd_pt} (argsz, flags, ioas).
 */
final class Ioas {
  private static final int FIXED_WRITE_READ = 1 | 2 | 4;
  private static final int RANGE_BYTES = 16;

  private Ioas() {}

  static MemorySegment bind(Arena arena, int iommufd) {
    return words(arena, 0x10, 0, iommufd, 0);
  }

  static MemorySegment attach(Arena arena, int ioas) {
    return words(arena, 0x0c, 0, ioas);
  }

  static MemorySegment allocate(Arena arena) {
    return words(arena, 0x0c, 0, 0);
  }

  /** The id of the address space that was allocated. */
  static int allocated(MemorySegment allocate) {
    return allocate.get(JAVA_INT, 0x08);
  }

  /** Asks for up to {@code capacity} ranges. */
  static MemorySegment ranges(Arena arena, int ioas, int capacity) {
    MemorySegment ranges = words(arena, 0x20, ioas, capacity, 0);
    MemorySegment array = arena.allocate((long) Math.max(1, capacity) * RANGE_BYTES, Long.BYTES);
    ranges.set(JAVA_LONG, 0x10, array.address());
    return ranges;
  }

  /** How many ranges there are; more than were asked for when the array was too small. */
  static int rangeCount(MemorySegment ranges) {
    return ranges.get(JAVA_INT, 0x08);
  }

  /**
   * The ranges that the kernel filled in.
   *
   * @param array what the field of the same name points to
   */
  static List<IovaRange> ranges(MemorySegment array, int count) {
    List<IovaRange> found = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long at = (long) i * RANGE_BYTES;
      IovaRange.ofUnsigned(array.get(JAVA_LONG, at), array.get(JAVA_LONG, at + 8))
          .ifPresent(found::add);
    }
    return List.copyOf(found);
  }

  /** What every IOVA and size has to be a multiple of. */
  static long alignment(MemorySegment ranges) {
    return ranges.get(JAVA_LONG, 0x18);
  }

  /** Where the array of {@link #ranges(Arena, int, int)} is. */
  static long arrayAddress(MemorySegment ranges) {
    return ranges.get(JAVA_LONG, 0x10);
  }

  static MemorySegment map(Arena arena, int ioas, long address, long iova, long size) {
    MemorySegment map = words(arena, 0x28, FIXED_WRITE_READ, ioas, 0);
    map.set(JAVA_LONG, 0x10, address);
    map.set(JAVA_LONG, 0x18, size);
    map.set(JAVA_LONG, 0x20, iova);
    return map;
  }

  static MemorySegment unmap(Arena arena, int ioas, long iova, long size) {
    MemorySegment unmap = words(arena, 0x18, ioas);
    unmap.set(JAVA_LONG, 0x08, iova);
    unmap.set(JAVA_LONG, 0x10, size);
    return unmap;
  }

  /** How many bytes the kernel says it unmapped. */
  static long unmapped(MemorySegment unmap) {
    return unmap.get(JAVA_LONG, 0x10);
  }

  /** A structure that begins with its size and some words. */
  private static MemorySegment words(Arena arena, int bytes, int... behindSize) {
    MemorySegment structure = arena.allocate(bytes, Long.BYTES);
    structure.set(JAVA_INT, 0, bytes);
    for (int i = 0; i < behindSize.length; i++) {
      structure.set(JAVA_INT, (i + 1L) * Integer.BYTES, behindSize[i]);
    }
    return structure;
  }
}
