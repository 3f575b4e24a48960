package sluice.vfio.kernel;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.vfio.DmaSpace;
import sluice.vfio.IovaRange;
import sluice.vfio.MappedDmaSpace;
import sluice.vfio.ResetFailedException;
import sluice.vfio.discovery.PciDevice;

/** A function in its group, and the group in a container: type1, or without an IOMMU. */
final class GroupAccess implements Access {
  static final Path CONTAINER = Path.of("/dev/vfio/vfio");
  private static final int NONE = -1;

  private final IommuChoice way;
  private final int groupNumber;
  private int container = NONE;
  private int group = NONE;
  private int device = NONE;

  /** Null where nothing translates. */
  private Container iommu;

  private DmaSpace dma;
  private Runnable freeMemory = () -> {};

  private GroupAccess(IommuChoice way, int groupNumber) {
    this.way = way;
    this.groupNumber = groupNumber;
  }

  /**
   * @param way {@link IommuChoice#TYPE1} or {@link IommuChoice#UNSAFE}
   * @throws VfioException if it cannot be had
   */
  static GroupAccess open(PciDevice function, IommuChoice way) {
    int number =
        function
            .iommuGroup()
            .orElseThrow(() -> new VfioException(function + " has just left its IOMMU group"));
    GroupAccess access = new GroupAccess(way, number);
    try {
      access.openGroup(function);
      access.setUp(function);
      return access;
    } catch (RuntimeException e) {
      access.release();
      throw e;
    }
  }

  private void openGroup(PciDevice function) {
    String prefix = way == IommuChoice.UNSAFE ? "noiommu-" : "";
    Path file = Path.of("/dev/vfio/" + prefix + groupNumber);
    if (!Files.exists(CONTAINER)) {
      throw new VfioException(CONTAINER + " does not exist: load VFIO with 'modprobe vfio-pci'");
    }
    container = DeviceFiles.open(CONTAINER);
    group = DeviceFiles.open(file);
    int version = Vfio.apiVersion(container);
    if (version != Vfio.API_VERSION) {
      throw new VfioException("the kernel's VFIO has version " + version + ", not 0");
    }
    if ((Vfio.groupFlags(group) & Vfio.GROUP_VIABLE) == 0) {
      throw new VfioException(DeviceFiles.refusal(function));
    }
  }

  private void setUp(PciDevice function) {
    int type = way == IommuChoice.UNSAFE ? Vfio.NO_IOMMU : Vfio.TYPE1V2;
    Vfio.setContainer(group, container);
    if (!Vfio.hasIommuType(container, type)) {
      throw new VfioException(
          "the kernel's VFIO has no IOMMU of this kind: load it with 'modprobe vfio_iommu_type1'");
    }
    try {
      Vfio.setIommuType(container, type);
    } catch (LinuxException e) {
      throw new VfioException(DeviceFiles.refusal(function), e);
    }
    if (way == IommuChoice.UNSAFE) {
      PhysicalDmaSpace physical = new PhysicalDmaSpace();
      dma = physical;
      freeMemory = physical::close;
    } else {
      iommu = new Container(container);
      MappedDmaSpace mapped = new MappedDmaSpace(iommu);
      dma = mapped;
      freeMemory = mapped::close;
    }
    device = Vfio.openDevice(group, function.toString());
  }

  @Override
  public IommuChoice way() {
    return way;
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
    List<HotReset.Function> others =
        reset.functions().stream().filter(other -> other.group() != groupNumber).toList();
    if (!others.isEmpty()) {
      throw new ResetFailedException(
          "a reset would also reset functions that are not ours: "
              + others.stream()
                  .map(other -> other.address().toString())
                  .collect(Collectors.joining(", ")));
    }
    return new int[] {group};
  }

  @Override
  public void release() {
    if (iommu != null) {
      iommu.release();
    }
    // A group leaves its container when the last of its devices is closed.
    device = DeviceFiles.close(device);
    group = DeviceFiles.close(group);
    container = DeviceFiles.close(container);
  }

  @Override
  public void abandon() {
    release();
    if (iommu != null) {
      // Nothing is mapped for the device any more.
      freeMemory.run();
    }
  }

  @Override
  public void close() {
    try {
      freeMemory.run();
    } finally {
      release();
    }
  }

  /** A type1 container as an IOMMU. */
  private static final class Container extends KernelIommu {
    private final int fd;
    private final Type1Info info;

    Container(int fd) {
      this(fd, Vfio.type1Info(fd));
    }

    @Override
    public String kind() {
      return "type1";
    }

    private Container(int fd, Type1Info info) {
      super(Memlock.ofProcess(), info.mappingsLeft());
      this.fd = fd;
      this.info = info;
      if (info.smallestPage() > Linux.pageSize()) {
        throw new VfioException(
            "the IOMMU's smallest page is " + info.smallestPage() + " bytes, larger than memory's");
      }
    }

    @Override
    public List<IovaRange> ranges() {
      return info.ranges();
    }

    @Override
    void mapNow(long address, long iova, long size) {
      Vfio.mapDma(fd, address, iova, size);
    }

    @Override
    long unmapNow(long iova, long size) {
      return Vfio.unmapDma(fd, iova, size);
    }
  }
}
