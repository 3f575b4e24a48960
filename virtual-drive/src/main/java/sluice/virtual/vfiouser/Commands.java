package sluice.virtual.vfiouser;

import sluice.support.linux.EventRaiser;
import sluice.support.linux.LinuxException;
import sluice.support.memory.OffHeap;
import sluice.vfio.abi.Interrupts;
import sluice.vfio.abi.RegionInfo;
import sluice.vfio.vfiouser.Command;
import sluice.vfio.vfiouser.DeviceInfo;
import sluice.vfio.vfiouser.DmaRange;
import sluice.vfio.vfiouser.RegionAccess;
import sluice.vfio.vfiouser.RegionWrites;
import sluice.virtual.pci.VirtualFunction;

/**
 * Does what a client's messages ask of a function, all but VERSION, and writes the bodies of the
 * replies. Answers are errnos, 0 for done.
 */
final class Commands implements AutoCloseable {
  /** The most bytes that a read or write moves. */
  static final int MAX_TRANSFER = 1 << 20;

  // A kind of sub-regions' descriptors, with none in it: argsz, flags, index, count.
  private static final int IO_FDS_BYTES = 16;
  private static final int IO_FDS_INDEX = 8;

  private static final int[] NO_DESCRIPTORS = {};

  private final VirtualFunction function;
  private final Regions regions;
  private final HostMemory memory;
  private final HostInterrupts interrupts;

  private int replyBytes;
  private int[] replyDescriptors = NO_DESCRIPTORS;

  /**
   * @param raiser of the client's events
   */
  Commands(VirtualFunction function, EventRaiser raiser) {
    this.function = function;
    this.regions = new Regions(function);
    this.memory = new HostMemory(function.iommu());
    this.interrupts = new HostInterrupts(function.vectors(), raiser);
    function.interrupts(interrupts);
  }

  /** Bytes of the reply to the last command that was done. */
  int replyBytes() {
    return replyBytes;
  }

  /** Descriptors to send with that reply. */
  int[] replyDescriptors() {
    return replyDescriptors;
  }

  /**
   * Does a command.
   *
   * @param reply where the body of its reply is written
   */
  int execute(Request request, long reply) {
    replyBytes = 0;
    replyDescriptors = NO_DESCRIPTORS;
    return switch (request.command()) {
      case Command.DMA_MAP -> map(request);
      case Command.DMA_UNMAP -> unmap(request, reply);
      case Command.DEVICE_GET_INFO -> deviceInfo(request, reply);
      case Command.DEVICE_GET_REGION_INFO -> regionInfo(request, reply);
      case Command.DEVICE_GET_REGION_IO_FDS -> regionDescriptors(request, reply);
      case Command.DEVICE_GET_IRQ_INFO -> interruptInfo(request, reply);
      case Command.DEVICE_SET_IRQS -> interrupts.set(request);
      case Command.REGION_READ -> read(request, reply);
      case Command.REGION_WRITE -> write(request, reply);
      case Command.REGION_WRITE_MULTI -> writeMultiple(request, reply);
      case Command.DEVICE_RESET -> reset();
      // Among them those of migration, which is not offered.
      default -> LinuxException.EOPNOTSUPP;
    };
  }

  private int map(Request request) {
    if (request.bytes() < DmaRange.MAP_BYTES || request.descriptors() > 1) {
      return LinuxException.EINVAL;
    }
    long at = request.address();
    return memory.map(
        DmaRange.flags(at),
        DmaRange.mapFdOffset(at),
        DmaRange.mapIova(at),
        DmaRange.mapSize(at),
        request.descriptors() == 0 ? -1 : request.descriptor(0));
  }

  private int unmap(Request request, long reply) {
    if (request.bytes() < DmaRange.UNMAP_BYTES
        || DmaRange.argsz(request.address()) < DmaRange.UNMAP_BYTES) {
      return LinuxException.EINVAL;
    }
    int flags = DmaRange.flags(request.address());
    long iova = DmaRange.unmapIova(request.address());
    long size = DmaRange.unmapSize(request.address());
    int errno;
    if (flags == DmaRange.FLAG_ALL && iova == 0 && size == 0) {
      memory.close();
      errno = 0;
    } else if (flags == 0) {
      errno = memory.unmap(iova, size);
    } else {
      errno = LinuxException.EINVAL;
    }
    DmaRange.writeUnmap(reply, flags, iova, size);
    replyBytes = DmaRange.UNMAP_BYTES;
    return errno;
  }

  private int deviceInfo(Request request, long reply) {
    if (request.bytes() < DeviceInfo.BYTES
        || DeviceInfo.argsz(request.address()) < DeviceInfo.BYTES) {
      return LinuxException.EINVAL;
    }
    int flags = DeviceInfo.FLAG_RESET | DeviceInfo.FLAG_PCI;
    DeviceInfo.write(reply, flags, DeviceInfo.REGIONS, DeviceInfo.INTERRUPTS);
    replyBytes = DeviceInfo.BYTES;
    return 0;
  }

  private int regionInfo(Request request, long reply) {
    if (request.bytes() < RegionInfo.BYTES) {
      return LinuxException.EINVAL;
    }
    int argsz = OffHeap.getInt(request.address() + RegionInfo.ARGSZ);
    int index = OffHeap.getInt(request.address() + RegionInfo.INDEX);
    if (argsz < RegionInfo.BYTES || index < 0 || index >= DeviceInfo.REGIONS) {
      return LinuxException.EINVAL;
    }
    RegionInfo info = regions.info(index);
    int flags = info.size() == 0 ? 0 : RegionInfo.FLAG_READ | RegionInfo.FLAG_WRITE;
    replyBytes = info.write(reply, index, flags, argsz);
    if (replyBytes > RegionInfo.BYTES) {
      replyDescriptors = new int[] {function.doorbellFile()};
    }
    return 0;
  }

  /** No part of a region is written by events. */
  private int regionDescriptors(Request request, long reply) {
    if (request.bytes() < IO_FDS_BYTES) {
      return LinuxException.EINVAL;
    }
    int index = OffHeap.getInt(request.address() + IO_FDS_INDEX);
    if (OffHeap.getInt(request.address()) < IO_FDS_BYTES
        || index < 0
        || index >= DeviceInfo.REGIONS) {
      return LinuxException.EINVAL;
    }
    OffHeap.putInt(reply, IO_FDS_BYTES);
    OffHeap.putInt(reply + 4, 0);
    OffHeap.putInt(reply + IO_FDS_INDEX, index);
    OffHeap.putInt(reply + 12, 0);
    replyBytes = IO_FDS_BYTES;
    return 0;
  }

  private int interruptInfo(Request request, long reply) {
    if (request.bytes() < Interrupts.INFO_BYTES
        || OffHeap.getInt(request.address()) < Interrupts.INFO_BYTES) {
      return LinuxException.EINVAL;
    }
    int index = OffHeap.getInt(request.address() + Interrupts.INFO_INDEX);
    if (index < 0 || index >= DeviceInfo.INTERRUPTS) {
      return LinuxException.EINVAL;
    }
    int count = interrupts.count(index);
    OffHeap.putInt(reply, Interrupts.INFO_BYTES);
    OffHeap.putInt(reply + Interrupts.FLAGS, count == 0 ? 0 : Interrupts.FLAG_EVENTFD);
    OffHeap.putInt(reply + Interrupts.INFO_INDEX, index);
    OffHeap.putInt(reply + Interrupts.INFO_COUNT, count);
    replyBytes = Interrupts.INFO_BYTES;
    return 0;
  }

  private int read(Request request, long reply) {
    if (request.bytes() < RegionAccess.BYTES) {
      return LinuxException.EINVAL;
    }
    long offset = RegionAccess.offset(request.address());
    int region = RegionAccess.region(request.address());
    long count = Integer.toUnsignedLong(RegionAccess.count(request.address()));
    if (count > MAX_TRANSFER) {
      return LinuxException.EINVAL;
    }
    int errno = regions.read(region, offset, count, RegionAccess.data(reply));
    RegionAccess.write(reply, offset, region, (int) count);
    replyBytes = RegionAccess.BYTES + (int) count;
    return errno;
  }

  private int write(Request request, long reply) {
    if (request.bytes() < RegionAccess.BYTES) {
      return LinuxException.EINVAL;
    }
    long offset = RegionAccess.offset(request.address());
    int region = RegionAccess.region(request.address());
    long count = Integer.toUnsignedLong(RegionAccess.count(request.address()));
    if (count > request.bytes() - RegionAccess.BYTES) {
      return LinuxException.EINVAL;
    }
    int errno = regions.write(region, offset, count, RegionAccess.data(request.address()));
    RegionAccess.write(reply, offset, region, (int) count);
    replyBytes = RegionAccess.BYTES;
    return errno;
  }

  private int writeMultiple(Request request, long reply) {
    long writes =
        request.bytes() < RegionWrites.COUNT_BYTES ? -1 : RegionWrites.count(request.address());
    if (writes < 0
        || writes > (request.bytes() - RegionWrites.COUNT_BYTES) / RegionWrites.WRITE_BYTES) {
      return LinuxException.EINVAL;
    }
    for (long i = 0; i < writes; i++) {
      long at = RegionWrites.write(request.address(), i);
      int count = RegionAccess.count(at);
      int errno =
          count < 0 || count > Long.BYTES
              ? LinuxException.EINVAL
              : regions.write(
                  RegionAccess.region(at), RegionAccess.offset(at), count, RegionAccess.data(at));
      if (errno != 0) {
        return errno;
      }
    }
    RegionWrites.putCount(reply, writes);
    replyBytes = RegionWrites.COUNT_BYTES;
    return 0;
  }

  private int reset() {
    function.reset();
    return 0;
  }

  /**
   * Resets the function, and lets go of all that the client gave.
   *
   * @throws LinuxException if the function has the doorbells that it had before, all else done
   */
  @Override
  public void close() {
    function.interrupts(null);
    function.reset();
    try {
      memory.close();
    } finally {
      interrupts.close();
    }
    // Last, with the client's descriptors closed: it takes some.
    function.renew();
  }
}
