package sluice.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;
import sluice.bench.job.JobSet;
import sluice.bench.job.OptionHelp;
import sluice.bench.report.FioVersion;
import sluice.bench.report.LogFiles;
import sluice.bench.report.StatusLine;
import sluice.bench.result.BenchResult;
import sluice.bench.run.Bench;
import sluice.bench.run.Interim;
import sluice.bench.run.RepeatedBench;
import sluice.bench.run.RunOptions;
import sluice.bench.run.Target;
import sluice.nvme.CompletionMode;
import sluice.nvme.DriveAddress;
import sluice.support.Closing;
import sluice.support.text.Units;

/**
 * {@code sluice fio}: the benchmark behind fio's own command line, for what calls fio. Standard
 * error stays empty unless something is wrong, and what fio does without being told is done.
 */
@Command(
    name = "fio",
    description = {
      "Takes fio's command line and answers as fio does, for scripts and tools that call fio. A link",
      "to the launcher that is called fio does the same.",
      "",
      "The drives are the filenames of the jobs, as --filename=virtual:disk.img, several with colons",
      "between; or that of --drive or of the variable SLUICE_FIO_DRIVE, on which the jobs' files lie",
      "one behind the other.",
      "Before the first I/O jobs go for a moment on a drive in memory that does nothing, which is not",
      "measured: --warm-up, or SLUICE_FIO_WARM_UP, says for how long at the most.",
      "Jobs that write need no word, as with fio, unless the drive holds something: --force or",
      "--serial, or SLUICE_FIO_WRITE=force or SLUICE_FIO_WRITE=SERIAL,..."
    },
    footer = {
      "",
      "  sluice fio --filename=virtual:memory?size=1G --name=a --rw=randread --bs=4k",
      "  sluice fio --minimal jobs.fio",
      "  SLUICE_FIO_DRIVE=pci:0000:01:00.0 sluice fio jobs.fio --output-format=json"
    })
final class FioCommand implements Callable<Integer> {
  private static final String COMMAND = "fio";

  @Mixin private BenchJobs arguments;

  @Unmatched private List<String> fioOptions = new ArrayList<>();

  @Option(
      names = "--drive",
      paramLabel = "DRIVE",
      converter = DriveAccess.Address.class,
      description = {
        "The drive's address (default: SLUICE_FIO_DRIVE, or the jobs' filename). Given more than",
        "once, as sluice bench has it."
      })
  private List<DriveAddress> addresses = new ArrayList<>();

  @Mixin private FioConsent consent;
  @Mixin private DriveAccess access;
  @Mixin private BenchOutput output = BenchOutput.withNotes();

  @Option(names = "--version", description = "Print which fio this is like, and end.")
  private boolean version;

  @Option(
      names = "--enghelp",
      arity = "0..1",
      fallbackValue = "all",
      paramLabel = "ENGINE",
      description = "Print which engines may be named, and end.")
  private String engineHelp;

  @Option(
      names = "--eta",
      paramLabel = "WHEN",
      defaultValue = "auto",
      description = "Show progress: auto (on a terminal), always, never (default: auto).")
  private Eta eta;

  @Option(
      names = "--status-interval",
      paramLabel = "TIME",
      defaultValue = "0",
      description = "Report what was measured until then each so often, in seconds; SIGUSR1 too.")
  private String statusInterval;

  @Option(
      names = "--warm-up",
      paramLabel = "TIME",
      converter = OptionValues.Duration.class,
      defaultValue = "${env:SLUICE_FIO_WARM_UP:-3s}",
      description =
          "As sluice bench has it (default: SLUICE_FIO_WARM_UP, or 3s); 0 for not at all.")
  private long warmUpNanos;

  @Option(
      names = {"--eta-newline", "--eta-interval", "--max-jobs", "--alloc-size", "--aux-path"},
      paramLabel = "VALUE",
      description = "Taken, and without meaning here; and so is --warnings-fatal.")
  @SuppressWarnings("UnusedVariable") // Read by picocli.
  private List<String> withoutMeaning;

  @Option(names = "--warnings-fatal", hidden = true)
  @SuppressWarnings("UnusedVariable") // Read by picocli.
  private boolean warningsFatal;

  /** When progress is shown. */
  enum Eta {
    auto,
    always,
    never
  }

  @Override
  public Integer call() {
    String answer = answer();
    if (answer != null) {
      output.print(answer);
      return ExitStatus.OK;
    }
    BenchRun run = new BenchRun();
    JobSet jobs = arguments.read(fioOptions, true);
    long statusNanos = statusNanos();
    if (arguments.isParsedOnly()) {
      return ExitStatus.OK;
    }
    output.check(jobs);
    List<DriveAddress> named = FioDrive.of(jobs, addresses);
    BenchResult result;
    LogFiles logs = output.logs();
    try (BenchDrives drives = new BenchDrives(named, jobs, access, true, consent::require)) {
      result = run(run, jobs, drives.targets(), logs, statusNanos);
    } catch (RuntimeException e) {
      Closing.after(e, logs);
      throw e;
    }
    try {
      output.write(result, logs);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
    return BenchRun.status(result);
  }

  /** What is asked beside running jobs; null if that is asked. */
  private String answer() {
    if (version) {
      return FioVersion.of(Bench.version());
    }
    if (engineHelp != null) {
      return engineHelp.equals("all") ? OptionHelp.engines() : OptionHelp.engine(engineHelp);
    }
    return arguments.answer(fioOptions, COMMAND, true);
  }

  /** A bare number is of seconds, as fio has it. */
  private long statusNanos() {
    return Units.parseDuration(
        statusInterval.matches("[0-9.]+") ? statusInterval + "s" : statusInterval);
  }

  private BenchResult run(
      BenchRun run, JobSet jobs, List<Target> targets, LogFiles logs, long statusNanos) {
    LiveLine line = new LiveLine();
    boolean isShown =
        eta == Eta.always
            || (eta == Eta.auto && Terminal.stderrIsTerminal() && output.isForPeople());
    RunOptions options =
        RunOptions.standard()
            .withAllowWrite(true)
            .withLogs(logs)
            .withWarmingUp(NothingDrive.warmingUp(warmUpNanos))
            .withSharesThreads(access.completions() == CompletionMode.POLLED)
            .withInterim(
                new Interim(
                    statusNanos,
                    result -> {
                      line.clear();
                      output.writeInterim(result);
                    }));
    if (isShown) {
      options = options.withOnProgress(progress -> line.show(() -> StatusLine.of(progress)));
    }
    return run.run(new RepeatedBench(jobs, targets, options, 1), line);
  }
}
