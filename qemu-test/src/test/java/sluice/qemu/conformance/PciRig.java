package sluice.qemu.conformance;

import java.util.List;
import sluice.nvme.ControllerOptions;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.vfio.PciFunction;

/** A place where drives are PCI functions, each to be had in whatever state it was left. */
interface PciRig extends Rig {
  /**
   * Gives out a drive. Its controller is disabled, or still as the last that had it left it.
   *
   * @return for the caller to close
   */
  PciFunction function(TestDrive drive);

  @Override
  default NvmeController open(TestDrive drive, ControllerOptions options) {
    return PcieTransport.open(function(drive), options);
  }

  /** Those of the rigs that the property names. */
  static List<PciRig> all() {
    return Rig.all().stream().filter(PciRig.class::isInstance).map(PciRig.class::cast).toList();
  }
}
