package sluice.vfio.vfiouser;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import sluice.support.linux.LinuxException;
import sluice.support.linux.Pages;
import sluice.support.memory.OffHeap;
import sluice.vfio.Bar;

/**
 * A BAR of a server's device: memory where the server shares it, messages elsewhere.
 *
 * <p>The shared memory is the server's file: if that is cut short, an access is a signal, which
 * Java makes an {@link InternalError} of. When the server goes, {@link #sever} puts ordinary memory
 * full of ones in its place, so that nothing that still holds its addresses can fault. Thread-safe.
 */
final class UserBar implements Bar {
  private final ClientRequests requests;
  private final int index;
  private final Region region;
  private volatile boolean unmapped;

  UserBar(ClientRequests requests, int index, Region region) {
    this.requests = requests;
    this.index = index;
    this.region = region;
  }

  @Override
  public long size() {
    return region.size();
  }

  @Override
  public int read32(long offset) {
    check(offset);
    long address = region.addressOf(offset, Integer.BYTES);
    return address == 0 || unmapped
        ? (int) requests.read(index, offset, Integer.BYTES)
        : OffHeap.getIntAcquire(address);
  }

  @Override
  public void write32(long offset, int value) {
    check(offset);
    long address = region.addressOf(offset, Integer.BYTES);
    if (address == 0 || unmapped) {
      requests.write(index, offset, Integer.BYTES, value);
    } else {
      OffHeap.putIntRelease(address, value);
    }
  }

  @Override
  public void write64(long offset, long value) {
    check(offset);
    check(offset + Integer.BYTES);
    if (region.addressOf(offset, Long.BYTES) == 0) {
      requests.writeHalves(index, offset, value);
    } else {
      Bar.super.write64(offset, value);
    }
  }

  private void check(long offset) {
    if ((offset & 3) != 0) {
      throw new IllegalArgumentException("not aligned to 4 bytes: offset " + offset);
    }
    Objects.checkFromIndexSize(offset, Integer.BYTES, region.size());
  }

  @Override
  public Optional<MemorySegment> mapping(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, region.size());
    long address = region.addressOf(offset, length);
    return address == 0 ? Optional.empty() : Optional.of(OffHeap.segment(address, length));
  }

  /** Takes the server's memory out of this process's; what is read there is all ones. */
  synchronized void sever() {
    if (unmapped) {
      return;
    }
    for (Region.Mapped part : region.mapped()) {
      try {
        Pages.replaceByOnes(part.address(), part.size());
      } catch (LinuxException e) {
        // There is no memory, not even for some pages of ones: the server's stays.
      }
    }
  }

  /** Unmaps the server's memory, which nothing touches any more. */
  synchronized void unmap() {
    if (!unmapped) {
      unmapped = true;
      region.unmap();
    }
  }
}
