package sluice.vfio.kernel;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import sluice.support.linux.Linux;
import sluice.support.linux.Pages;
import sluice.support.memory.OffHeap;
import sluice.vfio.Bar;
import sluice.vfio.abi.RegionInfo;

/**
 * A BAR. Single registers are read and written through the device's file: when the kernel has taken
 * them away, that is an error of a call, which reads as all ones. {@link #mapping} is for what is
 * hot, and there the same is a signal, which Java makes an {@link InternalError} of at some later
 * point; {@link KernelFunction#giveUp} is what to do then.
 *
 * <p>When the device goes, {@link #sever} puts ordinary memory that is full of ones in the place of
 * the registers, so that nothing that still holds their addresses can fault.
 */
final class KernelBar implements Bar {
  /** A mapped part, from the BAR's start. */
  private record Mapped(long offset, long size, long address) {}

  private final DeviceFile file;
  private final RegionInfo region;
  private final Mapped[] mapped;

  /**
   * @param fd the device's descriptor, for mapping
   */
  KernelBar(int fd, DeviceFile file, RegionInfo region) {
    this.file = file;
    this.region = region;
    List<Mapped> parts = new ArrayList<>();
    try {
      for (RegionInfo.Area area : region.areas()) {
        long address = Linux.mmap(fd, region.offset() + area.offset(), area.size(), false);
        parts.add(new Mapped(area.offset(), area.size(), address));
      }
    } catch (RuntimeException e) {
      parts.forEach(part -> Linux.munmap(part.address, part.size));
      throw e;
    }
    this.mapped = parts.toArray(Mapped[]::new);
  }

  @Override
  public long size() {
    return region.size();
  }

  @Override
  public int read32(long offset) {
    return file.read32(region.offset() + check(offset));
  }

  @Override
  public void write32(long offset, int value) {
    file.write32(region.offset() + check(offset), value);
  }

  private long check(long offset) {
    if ((offset & 3) != 0) {
      throw new IllegalArgumentException("not aligned to 4 bytes: offset " + offset);
    }
    return Objects.checkFromIndexSize(offset, Integer.BYTES, region.size());
  }

  private long addressOf(long offset, long length) {
    for (Mapped part : mapped) {
      if (offset >= part.offset && offset + length <= part.offset + part.size) {
        return part.address + offset - part.offset;
      }
    }
    return 0;
  }

  @Override
  public Optional<MemorySegment> mapping(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, region.size());
    long address = addressOf(offset, length);
    return address == 0 ? Optional.empty() : Optional.of(OffHeap.segment(address, length));
  }

  /** Takes the device's registers out of this process's memory; what is read there is all ones. */
  void sever() {
    for (Mapped part : mapped) {
      Pages.replaceByOnes(part.address, part.size);
    }
  }

  /** Unmaps the registers, which nothing touches any more. */
  void unmap() {
    for (Mapped part : mapped) {
      Linux.munmap(part.address, part.size);
    }
  }
}
