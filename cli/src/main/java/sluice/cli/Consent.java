package sluice.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import sluice.nvme.DriveAddress;
import sluice.nvme.drive.DriveIo;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.volume.Signatures;

/**
 * The word by which a person gives up what a drive holds. What a real drive holds is not given up
 * for a word that is soon typed.
 */
final class Consent {
  private static final String VIRTUAL = "virtual";

  @Option(names = "--force", description = "Write over what a virtual drive holds.")
  private boolean force;

  @Option(
      names = "--serial",
      paramLabel = "SERIAL",
      description =
          "The drive's serial number: what --force is for a virtual drive, for a real one; the PCI"
              + " address of a drive that has none. May be given for several drives.")
  private List<String> serials = new ArrayList<>();

  /**
   * Looks at the drive, unless the word was given.
   *
   * @throws IllegalArgumentException if the drive is not empty, or the word is not right
   */
  void require(NvmeDrive drive, DriveAddress address) {
    require(drive, address, force, serials);
  }

  /**
   * As {@link #require(NvmeDrive, DriveAddress)}, for a command with options of its own.
   *
   * @param serials of the drives that may be written; empty if none was given
   */
  static void require(NvmeDrive drive, DriveAddress address, boolean force, List<String> serials) {
    boolean isVirtual = address.scheme().equals(VIRTUAL);
    if (!serials.isEmpty()) {
      String actual = drive.controller().identify().sn();
      boolean isRight = serials.contains(actual.isEmpty() ? address.path() : actual);
      if (!isRight) {
        throw new IllegalArgumentException(
            drive.name() + " has another serial number; sluice info tells it");
      }
    } else if (!force) {
      requireEmpty(drive, isVirtual ? "--force" : "--serial with its serial number");
    } else if (!isVirtual) {
      throw new IllegalArgumentException(
          "what " + drive.name() + " holds is lost only for --serial with its serial number");
    }
  }

  private static void requireEmpty(NvmeDrive drive, String otherwise) {
    List<String> found;
    try (DriveIo io = new DriveIo(drive)) {
      found = Signatures.find(drive, io);
    }
    if (!found.isEmpty()) {
      throw new IllegalArgumentException(
          "%s holds %s; give %s if that may be lost"
              .formatted(drive.name(), String.join(" and ", found), otherwise));
    }
  }
}
