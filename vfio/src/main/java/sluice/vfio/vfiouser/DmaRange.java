package sluice.vfio.vfiouser;

import sluice.support.memory.OffHeap;

/**
 * Memory that a device gets ({@link Command#DMA_MAP}, with the descriptor of its file, if the
 * device may map it) and loses again ({@link Command#DMA_UNMAP}).
 *
 * <pre>
 *        DMA_MAP                             DMA_UNMAP
 *  0x00 |  argsz: 20h       |               |  argsz: 18h                    |
 *  0x04 |  flags: 0 the device may read,    |  flags: 0 which pages were written, |
 *       |         1 it may write            |         1 all that is mapped       |
 *  0x08 |  offset in the file, 8 bytes      |  device address, 8 bytes       |
 *  0x10 |  device address, 8 bytes          |  size, 8 bytes                 |
 *  0x18 |  size, 8 bytes    |
 * </pre>
 */
public final class DmaRange {
  public static final int MAP_BYTES = 0x20;
  public static final int UNMAP_BYTES = 0x18;
  public static final int FLAG_READABLE = 1 << 0;
  public static final int FLAG_WRITABLE = 1 << 1;
  public static final int FLAG_DIRTY_PAGES = 1 << 0;
  public static final int FLAG_ALL = 1 << 1;

  private DmaRange() {}

  public static void writeMap(long address, int flags, long fdOffset, long iova, long size) {
    OffHeap.putInt(address, MAP_BYTES);
    OffHeap.putInt(address + 0x4, flags);
    OffHeap.putLong(address + 0x8, fdOffset);
    OffHeap.putLong(address + 0x10, iova);
    OffHeap.putLong(address + 0x18, size);
  }

  public static void writeUnmap(long address, int flags, long iova, long size) {
    OffHeap.putInt(address, UNMAP_BYTES);
    OffHeap.putInt(address + 0x4, flags);
    OffHeap.putLong(address + 0x8, iova);
    OffHeap.putLong(address + 0x10, size);
  }

  public static int argsz(long address) {
    return OffHeap.getInt(address);
  }

  public static int flags(long address) {
    return OffHeap.getInt(address + 0x4);
  }

  public static long mapFdOffset(long address) {
    return OffHeap.getLong(address + 0x8);
  }

  public static long mapIova(long address) {
    return OffHeap.getLong(address + 0x10);
  }

  public static long mapSize(long address) {
    return OffHeap.getLong(address + 0x18);
  }

  public static long unmapIova(long address) {
    return OffHeap.getLong(address + 0x8);
  }

  public static long unmapSize(long address) {
    return OffHeap.getLong(address + 0x10);
  }
}
