package sluice.cli;

import java.util.List;
import sluice.recorder.drive.Drive;
import sluice.recorder.drive.DriveIo;
import sluice.recorder.volume.Signatures;

/** A look at a drive before all that it holds is given up. */
final class EmptyDrive {
  private EmptyDrive() {}

  /**
   * @param otherwise the option that makes this look unnecessary
   * @throws IllegalArgumentException if the drive holds something that is known, naming it
   */
  static void require(Drive drive, String otherwise) {
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
