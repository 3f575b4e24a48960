package sluice.vfio.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import sluice.support.linux.Downcall;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.memory.OffHeap;
import sluice.vfio.IovaRange;
import sluice.vfio.abi.Interrupts;
import sluice.vfio.abi.RegionInfo;

/**
 * The ioctls of VFIO and of iommufd, one method each (Linux: {@code linux/vfio.h}, {@code
 * linux/iommufd.h}). Descriptors are the caller's; a failure is a {@link LinuxException} that names
 * the ioctl.
 */
final class Vfio {
  static final int API_VERSION = 0;

  /** What an IOMMU of a container can be. */
  static final int TYPE1V2 = 3;

  static final int NO_IOMMU = 8;

  /** Flags of a group. */
  static final int GROUP_VIABLE = 1 << 0;

  /** Flags of a device. */
  static final int DEVICE_RESET = 1 << 0;

  static final int DEVICE_PCI = 1 << 1;

  private static final int TYPE = ';' << 8;
  private static final int VFIO_GET_API_VERSION = TYPE | 100;
  private static final int VFIO_CHECK_EXTENSION = TYPE | 101;
  private static final int VFIO_SET_IOMMU = TYPE | 102;
  private static final int VFIO_GROUP_GET_STATUS = TYPE | 103;
  private static final int VFIO_GROUP_SET_CONTAINER = TYPE | 104;
  private static final int VFIO_GROUP_GET_DEVICE_FD = TYPE | 106;
  private static final int VFIO_DEVICE_GET_INFO = TYPE | 107;
  private static final int VFIO_DEVICE_GET_REGION_INFO = TYPE | 108;
  private static final int VFIO_DEVICE_GET_IRQ_INFO = TYPE | 109;
  private static final int VFIO_DEVICE_SET_IRQS = TYPE | 110;
  private static final int VFIO_DEVICE_RESET = TYPE | 111;
  private static final int VFIO_DEVICE_GET_PCI_HOT_RESET_INFO = TYPE | 112;
  private static final int VFIO_DEVICE_PCI_HOT_RESET = TYPE | 113;
  private static final int VFIO_DEVICE_BIND_IOMMUFD = TYPE | 118;
  private static final int VFIO_DEVICE_ATTACH_IOMMUFD_PT = TYPE | 119;
  private static final int VFIO_IOMMU_GET_INFO = TYPE | 112;
  private static final int VFIO_IOMMU_MAP_DMA = TYPE | 113;
  private static final int VFIO_IOMMU_UNMAP_DMA = TYPE | 114;
  private static final int IOMMU_IOAS_ALLOC = TYPE | 0x81;
  private static final int IOMMU_IOAS_IOVA_RANGES = TYPE | 0x84;
  private static final int IOMMU_IOAS_MAP = TYPE | 0x85;
  private static final int IOMMU_IOAS_UNMAP = TYPE | 0x86;

  private static final int DEVICE_INFO_BYTES = 0x14;
  private static final int GROUP_STATUS_BYTES = 0x08;
  private static final int FLAGS = 0x04;
  private static final int RANGE_BYTES = 16;

  private static final MethodHandle IOCTL =
      Downcall.variadicWithErrno(
          "ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG), 2);

  private Vfio() {}

  /** Calls, and returns what the kernel returned; -1 with its errno. */
  private static int raw(int fd, int request, long argument) {
    try {
      return (int) IOCTL.invokeExact(Downcall.errnoSlot(), fd, (long) request, argument);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
  }

  private static int call(int fd, int request, String name, long argument) {
    int result = raw(fd, request, argument);
    if (result < 0) {
      throw Downcall.failure("ioctl", name);
    }
    return result;
  }

  private static int call(int fd, int request, String name, MemorySegment argument) {
    return call(fd, request, name, argument.address());
  }

  static int apiVersion(int container) {
    return call(container, VFIO_GET_API_VERSION, "VFIO_GET_API_VERSION", 0);
  }

  /** Whether a container can have an IOMMU of a type. */
  static boolean hasIommuType(int container, int type) {
    return call(container, VFIO_CHECK_EXTENSION, "VFIO_CHECK_EXTENSION", type) > 0;
  }

  static void setIommuType(int container, int type) {
    int _ = call(container, VFIO_SET_IOMMU, "VFIO_SET_IOMMU", type);
  }

  static int groupFlags(int group) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(GROUP_STATUS_BYTES, Integer.BYTES);
      status.set(JAVA_INT, 0, GROUP_STATUS_BYTES);
      int _ = call(group, VFIO_GROUP_GET_STATUS, "VFIO_GROUP_GET_STATUS", status);
      return status.get(JAVA_INT, FLAGS);
    }
  }

  static void setContainer(int group, int container) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment fd = arena.allocateFrom(JAVA_INT, container);
      int _ = call(group, VFIO_GROUP_SET_CONTAINER, "VFIO_GROUP_SET_CONTAINER", fd);
    }
  }

  /**
   * @param name as sysfs has it: {@code 0000:01:00.0}
   * @return a descriptor of the device
   */
  static int openDevice(int group, String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom(name);
      return call(group, VFIO_GROUP_GET_DEVICE_FD, "VFIO_GROUP_GET_DEVICE_FD", text);
    }
  }

  static int deviceFlags(int device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(DEVICE_INFO_BYTES, Integer.BYTES);
      info.set(JAVA_INT, 0, DEVICE_INFO_BYTES);
      int _ = call(device, VFIO_DEVICE_GET_INFO, "VFIO_DEVICE_GET_INFO", info);
      return info.get(JAVA_INT, FLAGS);
    }
  }

  static RegionInfo regionInfo(int device, int index) {
    try (Arena arena = Arena.ofConfined()) {
      int bytes = RegionInfo.BYTES;
      while (true) {
        MemorySegment info = arena.allocate(bytes, Long.BYTES);
        info.set(JAVA_INT, RegionInfo.ARGSZ, bytes);
        info.set(JAVA_INT, RegionInfo.INDEX, index);
        int _ = call(device, VFIO_DEVICE_GET_REGION_INFO, "VFIO_DEVICE_GET_REGION_INFO", info);
        int needed = info.get(JAVA_INT, RegionInfo.ARGSZ);
        if (needed <= bytes) {
          return RegionInfo.parse(info);
        }
        bytes = needed;
      }
    }
  }

  /** How many interrupts of an index the device can raise events for. */
  static int interruptCount(int device, int index) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(Interrupts.INFO_BYTES, Integer.BYTES);
      info.set(JAVA_INT, 0, Interrupts.INFO_BYTES);
      info.set(JAVA_INT, Interrupts.INFO_INDEX, index);
      int result = raw(device, VFIO_DEVICE_GET_IRQ_INFO, info.address());
      if (result < 0) {
        if (Downcall.errno() == LinuxException.EINVAL) {
          return 0; // An index that this device does not have.
        }
        throw Downcall.failure("ioctl", "VFIO_DEVICE_GET_IRQ_INFO");
      }
      return Interrupts.eventCount(info);
    }
  }

  /**
   * Raises events for the interrupts of an index, from the first on.
   *
   * @return 0 when that was done; otherwise how many the system could have given, and none was
   */
  static int setEvents(int device, int index, int... eventfds) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment set = Interrupts.setEvents(arena, index, eventfds);
      return call(device, VFIO_DEVICE_SET_IRQS, "VFIO_DEVICE_SET_IRQS", set);
    }
  }

  static void reset(int device) {
    int _ = call(device, VFIO_DEVICE_RESET, "VFIO_DEVICE_RESET", 0);
  }

  /** What would be reset together with a device. */
  static HotReset hotReset(int device) {
    try (Arena arena = Arena.ofConfined()) {
      int bytes = HotReset.HEADER_BYTES;
      while (true) {
        MemorySegment info = arena.allocate(bytes, Integer.BYTES);
        info.set(JAVA_INT, 0, bytes);
        int result = raw(device, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, info.address());
        if (result == 0) {
          return HotReset.parse(info);
        }
        // The kernel says ENOSPC when not all of them fit, and how many there are.
        int needed =
            HotReset.HEADER_BYTES + info.get(JAVA_INT, HotReset.COUNT) * HotReset.FUNCTION_BYTES;
        if (Downcall.errno() != LinuxException.ENOSPC || needed <= bytes) {
          throw Downcall.failure("ioctl", "VFIO_DEVICE_GET_PCI_HOT_RESET_INFO");
        }
        bytes = needed;
      }
    }
  }

  /** Resets a device together with all that hangs together with it. */
  static void hotReset(int device, int... groups) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment order = HotReset.order(arena, groups);
      int _ = call(device, VFIO_DEVICE_PCI_HOT_RESET, "VFIO_DEVICE_PCI_HOT_RESET", order);
    }
  }

  static Type1Info type1Info(int container) {
    try (Arena arena = Arena.ofConfined()) {
      int bytes = Type1Info.BYTES;
      while (true) {
        MemorySegment info = arena.allocate(bytes, Long.BYTES);
        info.set(JAVA_INT, 0, bytes);
        int _ = call(container, VFIO_IOMMU_GET_INFO, "VFIO_IOMMU_GET_INFO", info);
        int needed = info.get(JAVA_INT, 0);
        if (needed <= bytes) {
          return Type1Info.parse(info);
        }
        bytes = needed;
      }
    }
  }

  static void mapDma(int container, long address, long iova, long size) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment map = Type1Dma.map(arena, address, iova, size);
      int _ = call(container, VFIO_IOMMU_MAP_DMA, "VFIO_IOMMU_MAP_DMA", map);
    }
  }

  /** Returns how many bytes were unmapped. */
  static long unmapDma(int container, long iova, long size) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment unmap = Type1Dma.unmap(arena, iova, size);
      int _ = call(container, VFIO_IOMMU_UNMAP_DMA, "VFIO_IOMMU_UNMAP_DMA", unmap);
      return Type1Dma.unmapped(unmap);
    }
  }

  static void bindIommufd(int device, int iommufd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bind = Ioas.bind(arena, iommufd);
      int _ = call(device, VFIO_DEVICE_BIND_IOMMUFD, "VFIO_DEVICE_BIND_IOMMUFD", bind);
    }
  }

  static void attachIoas(int device, int ioas) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attach = Ioas.attach(arena, ioas);
      int _ = call(device, VFIO_DEVICE_ATTACH_IOMMUFD_PT, "VFIO_DEVICE_ATTACH_IOMMUFD_PT", attach);
    }
  }

  /** Returns the id of a new address space. */
  static int allocateIoas(int iommufd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment allocate = Ioas.allocate(arena);
      int _ = call(iommufd, IOMMU_IOAS_ALLOC, "IOMMU_IOAS_ALLOC", allocate);
      return Ioas.allocated(allocate);
    }
  }

  /** What may be mapped; fewer once more devices are attached. */
  static List<IovaRange> ioasRanges(int iommufd, int ioas) {
    try (Arena arena = Arena.ofConfined()) {
      int capacity = 16;
      while (true) {
        MemorySegment ranges = Ioas.ranges(arena, ioas, capacity);
        int result = raw(iommufd, IOMMU_IOAS_IOVA_RANGES, ranges.address());
        int count = Ioas.rangeCount(ranges);
        if (result == 0) {
          if (Long.compareUnsigned(Ioas.alignment(ranges), Linux.pageSize()) > 0) {
            throw new VfioException(
                "the IOMMU's smallest page is larger than memory's: "
                    + Ioas.alignment(ranges)
                    + " bytes");
          }
          long array = Ioas.arrayAddress(ranges);
          return Ioas.ranges(OffHeap.segment(array, (long) count * RANGE_BYTES), count);
        }
        if (Downcall.errno() != LinuxException.EMSGSIZE || count <= capacity) {
          throw Downcall.failure("ioctl", "IOMMU_IOAS_IOVA_RANGES");
        }
        capacity = count;
      }
    }
  }

  static void mapIoas(int iommufd, int ioas, long address, long iova, long size) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment map = Ioas.map(arena, ioas, address, iova, size);
      int _ = call(iommufd, IOMMU_IOAS_MAP, "IOMMU_IOAS_MAP", map);
    }
  }

  /** Returns how many bytes were unmapped. */
  static long unmapIoas(int iommufd, int ioas, long iova, long size) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment unmap = Ioas.unmap(arena, ioas, iova, size);
      int _ = call(iommufd, IOMMU_IOAS_UNMAP, "IOMMU_IOAS_UNMAP", unmap);
      return Ioas.unmapped(unmap);
    }
  }
}
