package sluice.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import sluice.nvme.DriveAddress;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.Volume;
import sluice.recorder.VolumeOptions;
import sluice.recorder.format.Superblock;
import sluice.support.text.Units;
import sluice.virtual.VirtualDriveProvider;

/** {@code sluice init}: makes the recorder's layout on a drive. */
@Command(
    name = "init",
    description =
        "Makes the recorder's layout on a drive. All that the drive holds is lost; so a drive that"
            + " is not empty (zeros or ones wherever it is looked at) is refused unless --force is"
            + " given, or --serial for a real one.",
    footer = {
      "",
      "  sluice init virtual:disk.img --size 4G     makes the file too",
      "  sluice init virtual:disk.img --force       empties a drive that is there",
      "  sluice init pci:0000:01:00.0"
    })
final class InitCommand implements Runnable {
  private static final String VIRTUAL = "virtual";

  @Mixin private DriveArgument drive;

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      description = "The size of a virtual drive that is not there yet; it is created.")
  private String size;

  @Mixin private Consent consent;

  @Option(
      names = "--recordings",
      paramLabel = "COUNT",
      defaultValue = "0",
      description = "Room for how many recordings (default: by the drive's size).")
  private int recordings;

  @Option(
      names = "--index",
      paramLabel = "SIZE",
      converter = OptionValues.Size.class,
      defaultValue = "0",
      description = "The size of the index, 64 bytes per chunk (default: 1/256 of the drive).")
  private long indexBytes;

  @Mixin private Output output;

  @Override
  public void run() {
    DriveAddress address = drive.address();
    if (size != null) {
      address = address.with("size", size);
    }
    VolumeOptions options =
        VolumeOptions.standard()
            .withForce(true)
            .withCatalogueEntries(recordings)
            .withIndexBytes(indexBytes);
    try (NvmeDrive nvme = open(address)) {
      consent.require(nvme, address);
      try (Volume volume = Volume.create(nvme, options)) {
        VirtualDriveProvider.keep(nvme.controller());
        show(volume);
        DriveAccess.tellShortage(nvme);
      }
    }
  }

  /** A file that is made for a layout that cannot be made would be in the next one's way. */
  private NvmeDrive open(DriveAddress address) {
    return address.scheme().equals(VIRTUAL)
        ? drive.openProvisional(address)
        : drive.openDrive(address);
  }

  private void show(Volume volume) {
    Superblock layout = volume.layout();
    new Facts()
        .add("drive", volume.drive().name(), "drive")
        .add("volume", volume.uuid().toString(), "volume")
        .add("bytes", layout.driveBytes(), "size", Units.formatSize(layout.driveBytes()))
        .add("recordings", layout.catalogueEntries(), "room for recordings")
        .add("dataAddress", layout.dataAddress(), "data from byte")
        .add("dataBytes", layout.dataBytes(), "room for data", Units.formatSize(layout.dataBytes()))
        .print(output);
  }
}
