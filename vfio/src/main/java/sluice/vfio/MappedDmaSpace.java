package sluice.vfio;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sluice.support.Closing;
import sluice.support.linux.Descriptors;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.memory.OffHeap;

/**
 * DMA memory made from anonymous files (memfd), so that another process can map it too, and mapped
 * through an {@link Iommu}. Takes huge pages when the machine has them to spare, ordinary pages
 * otherwise. Thread-safe.
 */
public final class MappedDmaSpace implements DmaSpace, AutoCloseable {
  private static final long HUGE_PAGE = 2 << 20;

  private final Iommu iommu;
  private final IovaAllocator iovas;
  private final Map<DmaMemory, Long> allocated = new HashMap<>();

  public MappedDmaSpace(Iommu iommu) {
    this.iommu = iommu;
    this.iovas = new IovaAllocator(iommu.ranges(), iommu.preferredStart());
  }

  @Override
  public String translation() {
    return iommu.kind();
  }

  @Override
  public synchronized DmaMemory allocate(long size) {
    if (size <= 0) {
      throw new IllegalArgumentException("cannot allocate " + size + " bytes of DMA memory");
    }
    if (size >= HUGE_PAGE) {
      try {
        return allocate(roundUp(size, HUGE_PAGE), size, HUGE_PAGE, Linux.MFD_HUGE_2MB);
      } catch (LinuxException | IllegalStateException e) {
        // No huge pages to spare, or no addresses for whole ones: ordinary pages do, and the drive
        // cannot tell.
      }
    }
    try {
      long pageSize = Linux.pageSize();
      return allocate(roundUp(size, pageSize), size, pageSize, 0);
    } catch (LinuxException e) {
      throw new IllegalStateException(
          "cannot get " + size + " bytes of DMA memory: " + e.getMessage(), e);
    }
  }

  private DmaMemory allocate(long mappedSize, long size, long alignment, int memfdFlags) {
    int fd = Linux.memfd("sluice-dma", mappedSize, memfdFlags | Linux.MFD_ALLOW_SEALING);
    try {
      // Who is given the file could take pages away that are looked at here.
      Descriptors.fixSize(fd);
      long address = Linux.mmap(fd, 0, mappedSize, true);
      long iova = -1;
      try {
        iova = iovas.allocate(mappedSize, alignment);
        iommu.map(fd, 0, address, iova, mappedSize);
      } catch (RuntimeException | Error e) {
        if (iova >= 0) {
          iovas.free(iova, mappedSize);
        }
        Linux.munmap(address, mappedSize);
        throw e;
      }
      MemorySegment segment = OffHeap.segment(address, size);
      DmaMemory memory = new DmaMemory(segment, iova);
      allocated.put(memory, mappedSize);
      return memory;
    } finally {
      Linux.close(fd);
    }
  }

  @Override
  public synchronized void free(DmaMemory memory) {
    Long mappedSize = allocated.remove(memory);
    if (mappedSize == null) {
      throw new IllegalArgumentException("not allocated here, or freed already: " + memory);
    }
    long unmapped = iommu.unmap(memory.iova(), mappedSize);
    if (unmapped != mappedSize) {
      // The device may still reach these pages: leaking them is safe, giving them back is not.
      throw new IllegalStateException(
          "asked to unmap " + mappedSize + " bytes, but " + unmapped + " were: " + memory);
    }
    iovas.free(memory.iova(), mappedSize);
    if (!memory.isKept()) {
      Linux.munmap(memory.address(), mappedSize);
    }
  }

  /**
   * Unmaps and frees all that is still allocated. The device must have been stopped.
   *
   * @throws IllegalStateException if some of it could not be unmapped; the rest is freed all the
   *     same
   */
  @Override
  public synchronized void close() {
    Closing.all(List.copyOf(allocated.keySet()), this::free);
  }

  private static long roundUp(long size, long unit) {
    return Math.ceilDiv(size, unit) * unit;
  }
}
