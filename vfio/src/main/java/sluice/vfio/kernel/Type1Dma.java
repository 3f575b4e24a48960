package sluice.vfio.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Mapping and unmapping in a type1 container ({@code vfio_iommu_type1_dma_map}, {@code
 * vfio_iommu_type1_dma_unmap}).
 *
 * <pre>
 *        dma_map                            dma_unmap
 *  0x00 | argsz |                          | argsz |
 *  0x04 | flags: 0 read, 1 write |         | flags |
 *  0x08 | address in the process |  8      | IOVA  |  8
 *  0x10 | IOVA  |  8                       | size, and what was unmapped |  8
 *  0x18 | size  |  8
 * </pre>
 */
final class Type1Dma {
  private static final int FLAGS = 0x04;
  private static final int READ_WRITE = 1 | 2;
  private static final int MAP_BYTES = 0x20;
  private static final int UNMAP_BYTES = 0x18;
  private static final int UNMAPPED = 0x10;

  private Type1Dma() {}

  static MemorySegment map(Arena arena, long address, long iova, long size) {
    MemorySegment map = arena.allocate(MAP_BYTES, Long.BYTES);
    map.set(JAVA_INT, 0, MAP_BYTES);
    map.set(JAVA_INT, FLAGS, READ_WRITE);
    map.set(JAVA_LONG, 0x08, address);
    map.set(JAVA_LONG, 0x10, iova);
    map.set(JAVA_LONG, 0x18, size);
    return map;
  }

  static MemorySegment unmap(Arena arena, long iova, long size) {
    MemorySegment unmap = arena.allocate(UNMAP_BYTES, Long.BYTES);
    unmap.set(JAVA_INT, 0, UNMAP_BYTES);
    unmap.set(JAVA_LONG, 0x08, iova);
    unmap.set(JAVA_LONG, 0x10, size);
    return unmap;
  }

  /** How many bytes the kernel says it unmapped. */
  static long unmapped(MemorySegment unmap) {
    return unmap.get(JAVA_LONG, UNMAPPED);
  }
}
