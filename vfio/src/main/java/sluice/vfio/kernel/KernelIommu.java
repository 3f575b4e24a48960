package sluice.vfio.kernel;

import java.util.OptionalInt;
import sluice.support.linux.LinuxException;
import sluice.vfio.Iommu;

/**
 * An IOMMU behind a descriptor, which is closed when the device is given back: from then on the
 * kernel has unmapped everything, and nothing can be mapped. Thread-safe.
 */
abstract class KernelIommu implements Iommu {
  /**
   * Below are the windows through which processors reach devices. Behind a PCI Express switch an
   * address in one of them leads to the neighbour and not to memory, unless the switch is told to
   * send all upwards (ACS), and VFIO does not take the windows out of what may be used.
   */
  private static final long PREFERRED_START = 1L << 32;

  private final Memlock memlock;
  private final OptionalInt mappingLimit;
  private boolean released;

  /**
   * @param mappingLimit how many mappings there can be, where that is known
   */
  KernelIommu(Memlock memlock, OptionalInt mappingLimit) {
    this.memlock = memlock;
    this.mappingLimit = mappingLimit;
  }

  @Override
  public final long preferredStart() {
    return PREFERRED_START;
  }

  @Override
  public final synchronized void map(int fd, long fdOffset, long address, long iova, long size) {
    if (released) {
      throw new IllegalStateException("the device that memory is wanted for is gone");
    }
    memlock.require(size);
    try {
      mapNow(address, iova, size);
    } catch (LinuxException e) {
      if (e.errno() == LinuxException.ENOMEM) {
        throw new IllegalStateException(memlock.refusal(size), e);
      }
      if (e.errno() == LinuxException.ENOSPC) {
        throw new IllegalStateException(
            "the IOMMU takes no more "
                + (mappingLimit.isPresent() ? "than " + mappingLimit.getAsInt() + " " : "")
                + "mappings (vfio_iommu_type1's dma_entry_limit)",
            e);
      }
      throw e;
    }
    memlock.add(size);
  }

  @Override
  public final synchronized long unmap(long iova, long size) {
    if (released) {
      return size;
    }
    long unmapped = unmapNow(iova, size);
    memlock.add(-unmapped);
    return unmapped;
  }

  /** The descriptor is about to be closed. */
  final synchronized void release() {
    released = true;
  }

  abstract void mapNow(long address, long iova, long size);

  abstract long unmapNow(long iova, long size);
}
