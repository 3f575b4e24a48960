package sluice.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;
import sluice.bench.job.JobSet;
import sluice.bench.report.LogFiles;
import sluice.bench.report.StatusLine;
import sluice.bench.report.StuckText;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Conditions;
import sluice.bench.run.Interim;
import sluice.bench.run.Outliers;
import sluice.bench.run.QueueLayout;
import sluice.bench.run.RepeatedBench;
import sluice.bench.run.RunOptions;
import sluice.bench.run.Target;
import sluice.nvme.CompletionMode;
import sluice.nvme.DriveAddress;
import sluice.nvme.drive.NvmeDrive;
import sluice.support.Closing;

/** {@code sluice bench}: measures a drive as fio does, and what recorders want to know besides. */
@Command(
    name = "bench",
    description = {
      "Measures a drive by fio's job files or fio's own options, written as --rw=randread.",
      "Jobs that write need --allow-write, and a further word if the drive holds something."
    },
    subcommands = {
      BenchAnatomyCommand.class,
      BenchModesCommand.class,
      BenchQueuesCommand.class,
      BenchCliffCommand.class,
      BenchChunksCommand.class,
      BenchPtsCommand.class
    },
    footer = {
      "",
      "  sluice bench jobs.fio --drive pci:0000:01:00.0",
      "  sluice bench --rw=randread --bs=4k --iodepth=32 --size=1g --drive virtual:disk.img",
      "  sluice bench jobs.fio --drive virtual:memory?size=1G --output-format=json",
      "  sluice bench jobs.fio --drive pci:0000:01:00.0 --drive pci:0000:02:00.0 --queues 1/1/0",
      "  sluice bench jobs.fio --drive DRIVE --rounds 7 --output-format=json --output=before.json",
      "  sluice bench --compare before.json after.json --fail-on=bw:5%%,p99:10%%"
    })
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private BenchJobs arguments;

  @Unmatched private List<String> fioOptions = new ArrayList<>();

  @Option(
      names = "--drive",
      paramLabel = "DRIVE",
      converter = DriveAccess.Address.class,
      description = {
        "The drive's address, as virtual:disk.img or pci:0000:01:00.0. Given more than once, jobs",
        "choose drives by filename=0, filename=1:3 or their addresses, each drive as a whole; one",
        "without a filename is on all of them in turns, as fio does with several names."
      })
  private List<DriveAddress> addresses = new ArrayList<>();

  @Option(
      names = "--queues",
      paramLabel = "D/R/P",
      description = {
        "How many queues each drive has for what, as Linux' driver names them: default, read and",
        "poll queues, as 4/0/0, 1/1/0 or 0/0/1. Jobs have them in turns; those with hipri have poll",
        "queues. Without it, each job and clone has a queue of its own."
      })
  private String queues;

  @Option(
      names = "--allow-write",
      description = "Let jobs write and trim: what the drive holds is lost.")
  private boolean allowWrite;

  @Mixin private Consent consent;
  @Mixin private DriveAccess access;
  @Mixin private BenchOutput output;

  @Option(
      names = "--time-scale",
      paramLabel = "FACTOR",
      defaultValue = "1",
      description = "Multiply runtimes, ramps and delays, as 0.1 for a short try.")
  private double timeScale;

  @Mixin private PauseOption pause;

  @Option(
      names = "--stuck",
      paramLabel = "TIME",
      converter = OptionValues.Duration.class,
      defaultValue = "1s",
      description = {
        "How long an I/O is out when it is told to be stuck, while it is (default: 1s);",
        "0 for never."
      })
  private long stuckNanos;

  @Option(
      names = "--slowest",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many of each job's slowest I/Os are told (default: 10); 0 for none.")
  private int slowest;

  @Option(
      names = "--warm-up",
      paramLabel = "TIME",
      converter = OptionValues.Duration.class,
      defaultValue = "3s",
      description =
          "How long jobs go at the most on a drive in memory that does nothing, before their first"
              + " I/O, until their rate stands still (default: 3s); 0 for not at all.")
  private long warmUpNanos;

  @Option(
      names = "--threads",
      paramLabel = "COUNT",
      description = "How many threads poll at the most (default: one per processor).")
  private Integer threads;

  @Option(
      names = "--status-interval",
      paramLabel = "TIME",
      converter = OptionValues.Duration.class,
      defaultValue = "0s",
      description = {
        "Report what was measured until then each so often, and go on;",
        "SIGUSR1 asks for it too."
      })
  private long statusNanos;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "1",
      description = {
        "Run all jobs N times, round by round, and report medians and spread:",
        "what --compare needs to tell a change from chance (default: 1)."
      })
  private int rounds;

  @Mixin private BenchComparison comparison;

  private RepeatedBench bench;

  @Override
  public Integer call() {
    comparison.check(arguments.files(), fioOptions);
    if (comparison.isWanted()) {
      return comparison.run(output);
    }
    RepeatedBench.requirePossible(rounds);
    String answer = arguments.answer(fioOptions, "sluice bench", false);
    if (answer != null) {
      output.print(answer);
      return ExitStatus.OK;
    }
    BenchRun run = new BenchRun();
    JobSet jobs = arguments.read(fioOptions, false);
    jobs.warnings().forEach(BenchCommand::note);
    if (arguments.isParsedOnly()) {
      return ExitStatus.OK;
    }
    if (addresses.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "the drive is missing: give --drive");
    }
    output.check(jobs);
    BenchResult result;
    LogFiles logs = output.logs();
    QueueLayout layout = queues == null ? QueueLayout.ONE_EACH : QueueLayout.parse(queues);
    try (BenchDrives drives =
        new BenchDrives(addresses, jobs, access, allowWrite, this::requireConsent)) {
      result = run(run, jobs, drives.targets(), layout, logs);
      drives.tellCaches();
    } catch (RuntimeException e) {
      Closing.after(e, logs);
      throw e;
    }
    result.warnings().stream()
        .filter(warning -> !jobs.warnings().contains(warning))
        .forEach(BenchCommand::note);
    try {
      output.write(result, logs);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
    int status = BenchRun.status(result);
    if (bench.failure().isPresent()) {
      throw bench.failure().get();
    }
    return status;
  }

  private void requireConsent(NvmeDrive drive, DriveAddress address) {
    consent.require(drive, address);
    DriveAccess.tellShortage(drive);
  }

  static void note(String warning) {
    System.err.println(Terminal.yellow("note: ") + warning);
  }

  private BenchResult run(
      BenchRun run, JobSet jobs, List<Target> targets, QueueLayout layout, LogFiles logs) {
    LiveLine line = new LiveLine();
    int most = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    Conditions conditions =
        Conditions.of(
            "sluice " + String.join(" ", spec.root().commandLine().getParseResult().originalArgs()),
            access.completions().toString(),
            most);
    RunOptions options =
        RunOptions.standard()
            .withTimeScale(timeScale)
            .withAllowWrite(allowWrite)
            .withPauseNanos(pause.nanos())
            .withLogs(logs)
            .withQueues(layout)
            .withOutliers(
                new Outliers(
                    stuckNanos,
                    slowest,
                    (stuck, since) -> tell(line, StuckText.of(stuck, since, addresses.size() > 1))))
            .withThreads(most)
            .withWarmingUp(NothingDrive.warmingUp(warmUpNanos))
            .withSharesThreads(access.completions() == CompletionMode.POLLED)
            .withOnProgress(progress -> line.show(() -> roundText() + StatusLine.of(progress)))
            .withInterim(
                new Interim(
                    statusNanos,
                    result -> {
                      line.clear();
                      output.writeInterim(
                          result.withConditions(conditions.with(result.conditions().warmUp())));
                    }));
    bench = new RepeatedBench(jobs, targets, options, rounds);
    BenchResult result = run.run(bench, line);
    return result.withConditions(conditions.with(result.conditions().warmUp()));
  }

  private static void tell(LiveLine line, String text) {
    line.clear();
    System.err.println(Terminal.yellow("stuck: ") + text);
  }

  private String roundText() {
    return rounds == 1 ? "" : "Round %d of %d: ".formatted(bench.round(), rounds);
  }
}
