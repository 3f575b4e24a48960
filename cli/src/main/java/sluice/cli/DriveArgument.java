package sluice.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Parameters;
import sluice.nvme.DriveAddress;
import sluice.nvme.NvmeController;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.Volume;
import sluice.virtual.VirtualDriveProvider;

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

  /** Brings the drive's controller up, for a command that writes nothing. */
  NvmeController openToRead() {
    return open(VirtualDriveProvider.toRead(address));
  }

  NvmeDrive openDrive() {
    return openDrive(address);
  }

  /** The volume on the drive. */
  Volume openVolume() {
    return Volume.open(openDrive());
  }

  /** The same for a command that writes nothing. */
  Volume openVolumeToRead() {
    return Volume.open(openDriveToRead(address));
  }

  /** Whether a drive that was opened only to be read could be opened anew to be written. */
  boolean canBeOpenedToWrite() {
    return !VirtualDriveProvider.toRead(address).equals(address)
        && Files.isWritable(Path.of(address.path()));
  }
}
