package sluice.nvme.pcie;

import java.util.Set;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.DriveProvider;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.vfio.ConfigSpace;
import sluice.vfio.PciAddress;
import sluice.vfio.PciFunction;
import sluice.vfio.kernel.IommuChoice;
import sluice.vfio.kernel.KernelFunction;
import sluice.vfio.kernel.VfioException;

/**
 * Opens drives on this machine's PCI buses, through Linux's VFIO: {@code pci:0000:01:00.0}.
 *
 * <pre>
 *   iommu=auto      what translates the drive's addresses: auto, iommufd or type1,
 *                   or unsafe for nothing at all
 * </pre>
 */
public final class PciDriveProvider implements DriveProvider {
  private static final String IOMMU = "iommu";

  @Override
  public String scheme() {
    return "pci";
  }

  @Override
  public String usage() {
    return "pci:0000:01:00.0";
  }

  @Override
  public NvmeController open(DriveAddress address, ControllerOptions options) {
    address.requireOptionsIn(Set.of(IOMMU));
    PciAddress function = PciAddress.parse(address.path());
    IommuChoice choice = IommuChoice.named(address.options().getOrDefault(IOMMU, "auto"));
    return PcieTransport.open(open(function, choice), options);
  }

  private static PciFunction open(PciAddress address, IommuChoice choice) {
    KernelFunction function;
    try {
      function = KernelFunction.open(address, choice);
    } catch (VfioException e) {
      throw new NvmeException(e.getMessage(), e);
    }
    int classCode = function.config().classCode();
    if (classCode != ConfigSpace.CLASS_NVME) {
      function.close();
      throw new NvmeException(
          String.format("pci:%s is no NVMe drive: its class is %06x", address, classCode));
    }
    return function;
  }
}
