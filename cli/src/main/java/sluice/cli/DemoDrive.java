package sluice.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.NvmeController;
import sluice.nvme.drive.NvmeDrive;
import sluice.support.text.Units;
import sluice.virtual.VirtualDriveProvider;

/** The demo's drive: a temporary file that has no name any more once it is open. */
final class DemoDrive {
  /** More than the layout and its metadata need beside the data. */
  private static final long SPARE_BYTES = 64 << 20;

  private static final int DATA_PER_METADATA = 64;
  private static final long SECOND = 1_000_000_000;

  @Option(
      names = "--pause",
      paramLabel = "TIME",
      converter = OptionValues.Duration.class,
      defaultValue = "120ms",
      description = "For how long the drive stops (default: ${DEFAULT-VALUE}).")
  private long pauseNanos;

  @Option(
      names = "--every",
      paramLabel = "TIME",
      converter = OptionValues.Duration.class,
      description = "How often it stops (default: every second, or half of the time).")
  private Long everyNanos;

  @Option(
      names = "--jitter",
      paramLabel = "PART",
      defaultValue = "20%",
      description = "By which part the time between varies (default: ${DEFAULT-VALUE}).")
  private String jitter;

  @Option(
      names = "--cliff",
      paramLabel = "SIZE",
      description = "How much the drive writes at full speed, until its cache is full.")
  private String cliff;

  @Option(names = "--after", paramLabel = "RATE", description = "How fast it writes after that.")
  private String after;

  @Option(
      names = "--dir",
      paramLabel = "DIRECTORY",
      description = "Where the temporary file is (default: the system's directory for them).")
  private Path directory = Path.of(System.getProperty("java.io.tmpdir"));

  long pauseNanos() {
    return pauseNanos;
  }

  long everyNanos() {
    return everyNanos == null ? Math.max(SECOND, 2 * pauseNanos) : everyNanos;
  }

  /** Makes the drive with room for so much data. */
  NvmeDrive open(long dataBytes, long seed) {
    long size = (dataBytes + dataBytes / DATA_PER_METADATA + SPARE_BYTES) / 4096 * 4096;
    try {
      long usable = Files.getFileStore(directory).getUsableSpace();
      if (usable < size) {
        throw new IllegalArgumentException(
            "the demo needs %s in %s, which has %s; give another with --dir"
                .formatted(Units.formatSize(size), directory, Units.formatSize(usable)));
      }
      Path own = Files.createTempDirectory(directory, "sluice-demo");
      Path file = own.resolve("drive.img");
      try {
        return NvmeDrive.of(open(file, size, seed));
      } finally {
        // An open file lives on without a name: nothing is left behind, however this ends.
        Files.deleteIfExists(file);
        Files.delete(own);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a temporary file in " + directory + ": " + e, e);
    }
  }

  private NvmeController open(Path file, long size, long seed) {
    DriveAddress address =
        new DriveAddress("virtual", file.toString(), Map.of())
            .with("size", String.valueOf(size))
            .with("pause", pauseNanos + "ns")
            .with("every", everyNanos() + "ns")
            .with("jitter", jitter)
            .with("seed", String.valueOf(seed));
    if (cliff != null) {
      address = address.with("cliff", cliff);
    }
    if (after != null) {
      address = address.with("after", after);
    }
    // Nobody keeps it: that its file has no name any more when it is closed is as it shall be.
    return VirtualDriveProvider.openProvisional(address, ControllerOptions.defaults());
  }
}
