package sluice.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;
import sluice.bench.result.Conditions;
import sluice.bench.run.WarmingUp;
import sluice.nvme.DriveAddress;
import sluice.nvme.drive.NvmeDrive;

/** The drive of a benchmark that overwrites it: given up by a word, and opened only then. */
final class BenchTarget {
  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--drive",
      required = true,
      paramLabel = "DRIVE",
      converter = DriveAccess.Address.class,
      description = "The drive's address.")
  private DriveAddress address;

  @Option(
      names = "--allow-write",
      description = "Write: what the drive holds is lost. Without it nothing is done.")
  private boolean allowWrite;

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      converter = OptionValues.Size.class,
      description = "How much of the drive is used, from its begin on (default: all).")
  private Long bytes;

  @Option(
      names = "--warm-up",
      paramLabel = "TIME",
      converter = OptionValues.Duration.class,
      defaultValue = "1s",
      description =
          "How long it goes first on a drive in memory that does nothing, to be compiled (default:"
              + " 1s).")
  private long warmUpNanos;

  @Mixin private Consent consent;
  @Mixin private DriveAccess access;

  /**
   * Opens it, if it may be overwritten.
   *
   * @throws IllegalArgumentException if not, in one line
   */
  private NvmeDrive open() {
    if (!allowWrite) {
      throw new IllegalArgumentException(
          "this overwrites what the drive holds; give --allow-write if that may be lost");
    }
    NvmeDrive drive = access.openDrive(address);
    try {
      consent.require(drive, address);
      DriveAccess.tellShortage(drive);
      return drive;
    } catch (RuntimeException e) {
      drive.close();
      throw e;
    }
  }

  /** What is measured on a drive. */
  @FunctionalInterface
  interface Measurement<R> {
    /**
     * @param line shows how far it is
     */
    R on(NvmeDrive drive, LiveLine line);
  }

  /**
   * Opens the drive, measures, and closes it.
   *
   * @throws IllegalArgumentException if it may not be overwritten, in one line
   */
  <R> R measure(Measurement<R> what) {
    LiveLine line = new LiveLine();
    try (NvmeDrive drive = open()) {
      return what.on(drive, line);
    } finally {
      line.clear();
    }
  }

  /** Whether it is said how much of the drive is used. */
  boolean hasSize() {
    return bytes != null;
  }

  /** How much of the drive is used. */
  long bytes(NvmeDrive drive) {
    return bytes == null ? drive.bytes() : bytes;
  }

  String name() {
    return address.toString();
  }

  WarmingUp warmingUp() {
    return NothingDrive.warmingUp(warmUpNanos);
  }

  /** Under what it is measured. */
  Conditions conditions(int threads) {
    return Conditions.of(
        "sluice " + String.join(" ", spec.root().commandLine().getParseResult().originalArgs()),
        access.completions().toString(),
        threads);
  }

  /**
   * Writes a page.
   *
   * @param path null for none
   */
  void write(Path path, String text) {
    try {
      if (path != null) {
        Files.writeString(path, text);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + path + ": " + e.getMessage(), e);
    }
  }

  /**
   * Looks whether a file can be written, before a drive is measured for it.
   *
   * @param path null for none
   * @throws IllegalArgumentException if not, in one line
   */
  static void requireWritable(Path path) {
    if (path == null) {
      return;
    }
    Path folder = path.toAbsolutePath().getParent();
    String why =
        !Files.isDirectory(folder)
            ? "there is no folder " + folder
            : Files.isDirectory(path)
                ? "it is a folder"
                : !Files.isWritable(Files.exists(path) ? path : folder)
                    ? "that is not allowed"
                    : null;
    if (why != null) {
      throw new IllegalArgumentException("cannot write " + path + ": " + why);
    }
  }
}
