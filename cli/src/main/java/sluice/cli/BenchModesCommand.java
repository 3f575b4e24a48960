package sluice.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import sluice.bench.modes.Access;
import sluice.bench.modes.ModeComparison;
import sluice.bench.modes.ModeComparison.Load;
import sluice.bench.modes.ModeComparison.Target;
import sluice.bench.modes.ModeResult;
import sluice.bench.modes.Shape;
import sluice.nvme.CompletionMode;
import sluice.nvme.DriveAddress;
import sluice.nvme.drive.NvmeDrive;
import sluice.virtual.VirtualDriveProvider;

/** {@code sluice bench modes}: what polling costs and gains, and what more queues do. */
@Command(
    name = "modes",
    description = {
      "Sets polling, hybrid waits and interrupts side by side, and one queue and several, for the",
      "same number of commands that are out at a time.",
      "",
      "Modes take turns, and each figure is the median of the rounds; spread is between the fastest",
      "and the slowest of them: what differs by less says nothing. Latencies are fio's clat: the",
      "submission, with its doorbell, is not in them. CPU time is that of the threads that drive the",
      "queues; if a drive in software does its work on them, that is in it."
    },
    footer = {
      "",
      "  sluice bench modes --drive pci:0000:01:00.0",
      "  sluice bench modes --drive pci:0000:01:00.0 --iodepth 4,64 --runtime 10s -o json"
    })
final class BenchModesCommand implements Runnable {
  @Option(
      names = "--drive",
      required = true,
      paramLabel = "DRIVE",
      converter = DriveAccess.Address.class,
      description = "The drive's address.")
  private DriveAddress address;

  @Option(
      names = "--runtime",
      paramLabel = "TIME",
      defaultValue = "2s",
      converter = OptionValues.Duration.class,
      description =
          "How long each measurement takes, after a quarter that does not count (default: 2s).")
  private long runtimeNanos;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often all is measured (default: 3).")
  private int rounds;

  @Option(
      names = "--rw",
      paramLabel = "RW",
      defaultValue = "randread",
      description = "${COMPLETION-CANDIDATES} (default: randread).")
  private Access access;

  @Option(
      names = "--bs",
      paramLabel = "SIZE",
      defaultValue = "4k",
      converter = OptionValues.Size.class,
      description = "Bytes per command (default: 4k).")
  private long bytes;

  @Option(
      names = "--iodepth",
      paramLabel = "N",
      split = ",",
      defaultValue = "1,8,32",
      description = "Commands that are out at a time, on all queues together (default: 1,8,32).")
  private List<Integer> outstanding;

  @Option(
      names = "--queues",
      paramLabel = "N",
      defaultValue = "4",
      description = "How many queues are set beside a single one (default: 4).")
  private int queues;

  @Option(
      names = "--allow-write",
      description = "Let commands write: what the drive holds is lost.")
  private boolean allowWrite;

  @Mixin private Consent consent;
  @Mixin private DriveAccess drives;
  @Mixin private Output output;

  @Override
  public void run() {
    drives.requirePolled();
    Load load = new Load(access, bytes, runtimeNanos);
    List<Shape> shapes = Shape.of(outstanding, queues);
    LiveLine line = new LiveLine();
    ModeComparison comparison =
        new ModeComparison(this::open, load, shapes, rounds, text -> line.show(() -> text));
    if (access.writes()) {
      requireConsent();
    }
    ModeResult result;
    try {
      result = comparison.run();
    } finally {
      line.clear();
    }
    ModesReport report = new ModesReport(address.toString(), load, rounds, result);
    if (output.isJson()) {
      output.json(report.json());
    } else {
      report.print(System.out);
    }
  }

  private void requireConsent() {
    if (!allowWrite) {
      throw new IllegalArgumentException(
          "writes overwrite what the drive holds; give --allow-write if that may be lost");
    }
    try (NvmeDrive drive = drives.openDrive(address)) {
      consent.require(drive, address);
    }
  }

  private Target open(CompletionMode mode) {
    NvmeDrive drive =
        drives.openDrive(access.writes() ? address : VirtualDriveProvider.toRead(address), mode);
    return new Target(drive.controller(), drive.namespace());
  }
}
