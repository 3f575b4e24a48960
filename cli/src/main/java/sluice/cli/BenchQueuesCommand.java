package sluice.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;
import sluice.bench.job.JobSet;
import sluice.bench.modes.LayoutComparison;
import sluice.bench.modes.LayoutResult;
import sluice.bench.run.QueueLayout;
import sluice.bench.run.RunOptions;
import sluice.bench.run.Target;
import sluice.nvme.DriveAddress;
import sluice.nvme.drive.NvmeDrive;

/** {@code sluice bench queues}: the same jobs with drives' queues laid out in several ways. */
@Command(
    name = "queues",
    description = {
      "Sets layouts of a drive's queues side by side, by the jobs that are given, on one drive or",
      "several. A layout is default/read/poll queues, as Linux' driver names them: one for each of",
      "four processors is 4/0/0, one for all is 1/0/0, reads by themselves are 1/1/0, and without",
      "interrupts it is 0/0/1. Queues raise interrupts where the drive has any, but for poll queues.",
      "",
      "Layouts take turns, and each figure is the median of the rounds; spread is between the",
      "fastest and the slowest of them: what differs by less says nothing. Latencies are fio's clat."
    },
    footer = {
      "",
      "  sluice bench queues bench/jobs/eleven.fio --drive pci:0000:01:00.0 --allow-write",
      "  sluice bench queues --rw=randread --bs=4k --runtime=5 --time_based \\",
      "    --drive pci:0000:01:00.0 --drive pci:0000:02:00.0 --queues 4/0/0,1/0/0 --csv"
    })
final class BenchQueuesCommand implements Runnable {
  @Mixin private BenchJobs arguments;

  @Unmatched private List<String> fioOptions = new ArrayList<>();

  @Option(
      names = "--drive",
      required = true,
      paramLabel = "DRIVE",
      converter = DriveAccess.Address.class,
      description = "A drive's address; more than once as sluice bench has it.")
  private List<DriveAddress> addresses;

  @Option(
      names = "--queues",
      paramLabel = "D/R/P",
      split = ",",
      defaultValue = "4/0/0,1/0/0,1/1/0,0/0/1",
      description =
          "The layouts, the first of which others are set against (default: ${DEFAULT-VALUE}).")
  private List<String> layouts;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often all is measured (default: 3).")
  private int rounds;

  @Option(
      names = "--time-scale",
      paramLabel = "FACTOR",
      defaultValue = "1",
      description = "Multiply runtimes, ramps and delays, as 0.1 for a short try.")
  private double timeScale;

  @Option(
      names = "--allow-write",
      description = "Let jobs write and trim: what the drives hold is lost.")
  private boolean allowWrite;

  @Option(
      names = "--csv",
      description = "Print values with commas between, with a line for each drive of a job too.")
  private boolean csv;

  @Mixin private Consent consent;
  @Mixin private DriveAccess access;
  @Mixin private Output output;

  @Override
  public void run() {
    access.requirePolled();
    access.preferInterrupts();
    List<QueueLayout> all =
        Stream.of(layouts.toArray(String[]::new)).map(QueueLayout::parse).toList();
    JobSet jobs = arguments.read(fioOptions, false);
    LiveLine line = new LiveLine();
    try (BenchDrives drives =
        new BenchDrives(addresses, jobs, access, allowWrite, this::requireConsent)) {
      RunOptions options =
          RunOptions.standard()
              .withAllowWrite(allowWrite)
              .withTimeScale(timeScale)
              .withWarmingUp(NothingDrive.warmingUp(3_000_000_000L))
              .withSharesThreads(
                  drives.targets().stream()
                      .noneMatch(target -> target.controller().hasInterrupts()));
      LayoutResult result;
      try {
        result =
            new LayoutComparison(
                    jobs, drives.targets(), options, all, rounds, text -> line.show(() -> text))
                .run();
      } finally {
        line.clear();
      }
      result.warnings().forEach(BenchCommand::note);
      drives.targets().stream()
          .filter(target -> !target.controller().hasInterrupts())
          .forEach(BenchQueuesCommand::tellPolled);
      print(
          new QueuesReport(
              addresses.stream().map(DriveAddress::toString).toList(), rounds, result));
    }
  }

  private void print(QueuesReport report) {
    if (output.isJson()) {
      output.json(report.json());
    } else if (csv) {
      System.out.print(report.csv());
    } else {
      report.print(System.out);
    }
  }

  private void requireConsent(NvmeDrive drive, DriveAddress address) {
    consent.require(drive, address);
    DriveAccess.tellShortage(drive);
  }

  private static void tellPolled(Target target) {
    BenchCommand.note(
        target.address() + " has no interrupts for this process: all its queues are polled");
  }
}
