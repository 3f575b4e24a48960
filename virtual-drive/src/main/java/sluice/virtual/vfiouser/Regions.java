package sluice.virtual.vfiouser;

import java.util.List;
import sluice.nvme.spec.Registers;
import sluice.support.linux.LinuxException;
import sluice.support.memory.OffHeap;
import sluice.vfio.Bar;
import sluice.vfio.abi.RegionInfo;
import sluice.vfio.vfiouser.DeviceInfo;
import sluice.virtual.pci.VirtualConfigSpace;
import sluice.virtual.pci.VirtualFunction;

/**
 * A function's regions as a client reads and writes them: BAR 0, BAR 4 and the configuration space.
 * Answers are errnos, 0 for done.
 */
final class Regions {
  static final int REGISTERS = 0;
  static final int MSIX_TABLE = 4;

  private final VirtualFunction function;

  Regions(VirtualFunction function) {
    this.function = function;
  }

  /** What is told of a region; of size 0 if there is none of that index. */
  RegionInfo info(int index) {
    return switch (index) {
      case REGISTERS ->
          new RegionInfo(
              function.bar(index).size(),
              0,
              List.of(new RegionInfo.Area(Registers.DOORBELLS, function.doorbellBytes())));
      case MSIX_TABLE -> new RegionInfo(function.bar(index).size(), 0, List.of());
      case DeviceInfo.CONFIG_REGION -> new RegionInfo(VirtualConfigSpace.BYTES, 0, List.of());
      default -> new RegionInfo(0, 0, List.of());
    };
  }

  private boolean contains(int index, long offset, long count) {
    long size = info(index).size();
    return count > 0 && offset >= 0 && offset <= size - count;
  }

  /**
   * Reads any number of bytes from any place; registers are read whole, and once each.
   *
   * @param to where to put them
   */
  int read(int index, long offset, long count, long to) {
    if (!contains(index, offset, count)) {
      return LinuxException.EINVAL;
    }
    long end = offset + count;
    for (long at = offset; at < end; ) {
      long word = at & ~3;
      int value = read32(index, word);
      for (; at < end && at < word + 4; at++) {
        OffHeap.putByte(to + at - offset, (byte) (value >>> (8 * (at - word))));
      }
    }
    return 0;
  }

  private int read32(int index, long offset) {
    return index == DeviceInfo.CONFIG_REGION
        ? function.config().read32((int) offset)
        : function.bar(index).read32(offset);
  }

  /** Writes: registers in whole words, the configuration space in any bytes. */
  int write(int index, long offset, long count, long from) {
    if (!contains(index, offset, count)) {
      return LinuxException.EINVAL;
    }
    if (index == DeviceInfo.CONFIG_REGION) {
      writeConfig((int) offset, (int) count, from);
      return 0;
    }
    if (((offset | count) & 3) != 0) {
      return LinuxException.EINVAL;
    }
    Bar bar = function.bar(index);
    for (long i = 0; i < count; i += Integer.BYTES) {
      bar.write32(offset + i, little(from + i, Integer.BYTES));
    }
    return 0;
  }

  /** In pieces as large as their alignment lets them be, so that a register is written at once. */
  private void writeConfig(int offset, int count, long from) {
    VirtualConfigSpace config = function.config();
    int end = offset + count;
    int at = offset;
    while (at < end) {
      int bytes = Math.min(Math.min(4, Integer.highestOneBit(end - at)), at == 0 ? 4 : at & -at);
      int value = little(from + at - offset, bytes);
      switch (bytes) {
        case 4 -> config.write32(at, value);
        case 2 -> config.write16(at, value);
        default -> config.write8(at, value);
      }
      at += bytes;
    }
  }

  /** A value at any address. */
  private static int little(long address, int bytes) {
    int value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= Byte.toUnsignedInt(OffHeap.getByte(address + i)) << (8 * i);
    }
    return value;
  }
}
