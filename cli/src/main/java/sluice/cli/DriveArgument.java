package sluice.cli;

import picocli.CommandLine.Parameters;
import sluice.nvme.DriveAddress;
import sluice.nvme.NvmeController;
import sluice.recorder.Volume;
import sluice.recorder.drive.NvmeDrive;

/** The drive that a command is about: its address, and which of its namespaces. */
final class DriveArgument extends DriveAccess {
  @Parameters(
      index = "0",
      paramLabel = "DRIVE",
      converter = DriveAccess.Address.class,
      description = "The drive's address, as virtual:disk.img or pci:0000:01:00.0.")
  private DriveAddress address;

  DriveAddress address() {
    return address;
  }

  /** Brings the drive's controller up. */
  NvmeController open() {
    return open(address);
  }

  NvmeDrive openDrive() {
    return openDrive(address);
  }

  /** The volume on the drive. */
  Volume openVolume() {
    return Volume.open(openDrive());
  }
}
