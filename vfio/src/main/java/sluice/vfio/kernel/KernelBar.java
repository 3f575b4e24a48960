package sluice.vfio.kernel;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import sluice.vfio.Bar;
import sluice.vfio.OffHeap;
import sluice.vfio.linux.Linux;
import sluice.vfio.linux.Pages;

/**
 * A BAR: mapped where the kernel allows it, read and written through the device's file elsewhere.
 *
 * <p>When the device goes, {@link #sever} puts ordinary memory that is full of ones in the place of
 * the registers, so that nothing that still holds their addresses can fault.
 */
final class KernelBar implements Bar {
  /** A mapped part, from the BAR's start. */
  private record Mapped(long offset, long size, long address) {}

  private final DeviceFile file;
  private final RegionInfo region;
  private final Consumer<String> onFault;
  private final Mapped[] mapped;

  /**
   * @param fd the device's descriptor, for mapping
   * @param onFault told why the device has to be given up when its registers fault
   */
  KernelBar(int fd, DeviceFile file, RegionInfo region, Consumer<String> onFault) {
    this.file = file;
    this.region = region;
    this.onFault = onFault;
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
    long address = addressOf(offset);
    if (address == 0) {
      return file.read32(region.offset() + offset);
    }
    try {
      return OffHeap.getIntOpaque(address);
    } catch (InternalError e) {
      fault(e);
      return -1;
    }
  }

  @Override
  public void write32(long offset, int value) {
    long address = addressOf(offset);
    if (address == 0) {
      file.write32(region.offset() + offset, value);
      return;
    }
    try {
      OffHeap.putIntRelease(address, value);
    } catch (InternalError e) {
      fault(e);
    }
  }

  /** The kernel took the registers away (SIGBUS), of which Java makes an InternalError. */
  private void fault(InternalError e) {
    onFault.accept("does not let its registers be read any more (" + e.getMessage() + ")");
  }

  private long addressOf(long offset) {
    if ((offset & 3) != 0) {
      throw new IllegalArgumentException("not aligned to 4 bytes: offset " + offset);
    }
    Objects.checkFromIndexSize(offset, Integer.BYTES, region.size());
    return addressOf(offset, Integer.BYTES);
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
