package sluice.cli;

import picocli.CommandLine.Option;
import sluice.nvme.DriveAddress;
import sluice.recorder.drive.NvmeDrive;

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
          "The drive's serial number: what --force is for a virtual drive, for a real one.")
  private String serial;

  /**
   * Looks at the drive, unless the word was given.
   *
   * @throws IllegalArgumentException if the drive holds something that is known, or the word is not
   *     right
   */
  void require(NvmeDrive drive, DriveAddress address) {
    boolean isVirtual = address.scheme().equals(VIRTUAL);
    if (serial != null) {
      if (!serial.equals(drive.controller().identify().sn())) {
        throw new IllegalArgumentException(
            drive.name() + " has another serial number; sluice info tells it");
      }
    } else if (!force) {
      EmptyDrive.require(drive, isVirtual ? "--force" : "--serial with its serial number");
    } else if (!isVirtual) {
      throw new IllegalArgumentException(
          "what " + drive.name() + " holds is lost only for --serial with its serial number");
    }
  }
}
