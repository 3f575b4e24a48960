package sluice.vfio.kernel;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import sluice.support.linux.LinuxException;
import sluice.vfio.DmaSpace;
import sluice.vfio.IovaRange;
import sluice.vfio.MappedDmaSpace;
import sluice.vfio.ResetFailedException;
import sluice.vfio.discovery.PciDevice;

/** A function that is a file, bound to an address space of iommufd. */
final class FileAccess implements Access {
  static final Path IOMMU = Path.of("/dev/iommu");
  private static final Path DEVICES = Path.of("/dev/vfio/devices");
  private static final int NONE = -1;

  private int iommufd = NONE;
  private int device = NONE;
  private AddressSpace iommu;
  private MappedDmaSpace dma;

  private FileAccess() {}

  /** The file that a function is; it may not be there. */
  static Path fileOf(String name) {
    return DEVICES.resolve(name);
  }

  /**
   * @throws VfioException if it cannot be had
   */
  static FileAccess open(PciDevice function) {
    FileAccess access = new FileAccess();
    try {
      access.setUp(function);
      return access;
    } catch (RuntimeException e) {
      access.release();
      throw e;
    }
  }

  private void setUp(PciDevice function) {
    String name =
        function
            .vfioFile()
            .orElseThrow(() -> new VfioException("the kernel has no file for " + function));
    iommufd = DeviceFiles.open(IOMMU);
    device = DeviceFiles.open(fileOf(name));
    int ioas;
    try {
      Vfio.bindIommufd(device, iommufd);
      ioas = Vfio.allocateIoas(iommufd);
      Vfio.attachIoas(device, ioas);
    } catch (LinuxException e) {
      throw new VfioException(DeviceFiles.refusal(function), e);
    }
    iommu = new AddressSpace(iommufd, ioas);
    dma = new MappedDmaSpace(iommu);
  }

  @Override
  public IommuChoice way() {
    return IommuChoice.IOMMUFD;
  }

  @Override
  public int device() {
    return device;
  }

  @Override
  public DmaSpace dma() {
    return dma;
  }

  @Override
  public int[] groupsForReset(HotReset reset) {
    if (!reset.allOwned()) {
      throw new ResetFailedException(
          "a reset would also reset functions that are not all ours: "
              + reset.functions().stream()
                  .map(other -> other.address().toString())
                  .collect(Collectors.joining(", ")));
    }
    return new int[0];
  }

  @Override
  public void release() {
    if (iommu != null) {
      iommu.release();
    }
    device = DeviceFiles.close(device);
    iommufd = DeviceFiles.close(iommufd);
  }

  @Override
  public void abandon() {
    release();
    // Nothing is mapped for the device any more.
    dma.close();
  }

  @Override
  public void close() {
    try {
      if (dma != null) {
        dma.close();
      }
    } finally {
      release();
    }
  }

  /** An address space of iommufd as an IOMMU. */
  private static final class AddressSpace extends KernelIommu {
    private final int iommufd;
    private final int ioas;
    private final List<IovaRange> ranges;

    AddressSpace(int iommufd, int ioas) {
      super(Memlock.ofUser(), OptionalInt.empty());
      this.iommufd = iommufd;
      this.ioas = ioas;
      this.ranges = Vfio.ioasRanges(iommufd, ioas);
    }

    @Override
    public String kind() {
      return "iommufd";
    }

    @Override
    public List<IovaRange> ranges() {
      return ranges;
    }

    @Override
    void mapNow(long address, long iova, long size) {
      Vfio.mapIoas(iommufd, ioas, address, iova, size);
    }

    @Override
    long unmapNow(long iova, long size) {
      return Vfio.unmapIoas(iommufd, ioas, iova, size);
    }
  }
}
