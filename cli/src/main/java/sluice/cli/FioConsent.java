package sluice.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import sluice.nvme.DriveAddress;
import sluice.nvme.drive.NvmeDrive;

/** {@link Consent} for who cannot change the command line of what calls fio. */
final class FioConsent {
  private static final String VARIABLE = "SLUICE_FIO_WRITE";
  private static final String FORCE = "force";

  @Option(names = "--force", description = "Write over what a virtual drive holds.")
  private boolean force;

  @Option(
      names = "--serial",
      paramLabel = "SERIAL",
      description =
          "The drive's serial number: what --force is for a virtual drive, for a real one. May be given"
              + " for several drives.")
  private List<String> serials = new ArrayList<>();

  /**
   * Looks at the drive, unless the word was given.
   *
   * @throws IllegalArgumentException if the drive is not empty, or the word is not right
   */
  void require(NvmeDrive drive, DriveAddress address) {
    String word = System.getenv(VARIABLE);
    boolean isWord = word != null && !word.isEmpty() && serials.isEmpty() && !force;
    boolean isForce = isWord && word.equals(FORCE);
    Consent.require(
        drive, address, force || isForce, isWord && !isForce ? List.of(word.split(",")) : serials);
  }
}
