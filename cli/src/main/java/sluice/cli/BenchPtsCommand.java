package sluice.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import sluice.bench.pts.PtsBench;
import sluice.bench.pts.PtsPlan;
import sluice.bench.pts.PtsResult;
import sluice.bench.pts.PtsTest;
import sluice.bench.report.PtsPage;
import sluice.bench.report.PtsText;
import sluice.bench.run.RunOptions;
import sluice.nvme.drive.NvmeDrive;

/** {@code sluice bench pts}: SNIA's tests of solid state drives. */
@Command(
    name = "pts",
    description = {
      "The basic tests of SNIA's Solid State Storage Performance Test Specification: IOPS, throughput",
      "and latency. Before each the drive is purged, where that is asked for, and written twice; then",
      "all patterns go round by round, until the tracked ones stand still for five rounds: 20% between",
      "the extremes and 10% along the line of best fit at most. All of it takes hours to days.",
      "",
      "A scaled-down try is one with --size, --round and --rounds. Without --size all whole MiB are",
      "used. The report tells what is other than by the specification."
    },
    footer = {
      "",
      "  sluice bench pts --drive pci:0000:01:00.0 --allow-write --serial S123 --purge deallocate",
      "  sluice bench pts --drive virtual:memory?size=1G --allow-write --round 100ms --tests latency",
      "",
      "Exit status 1 says that a test ended though the drive was not steady."
    })
final class BenchPtsCommand implements Callable<Integer> {
  @Mixin private BenchTarget target;

  @Option(
      names = "--tests",
      paramLabel = "TEST",
      split = ",",
      description = "Which, of ${COMPLETION-CANDIDATES} (default: all).")
  private List<PtsTest> tests = new ArrayList<>(List.of(PtsTest.values()));

  @Option(
      names = "--purge",
      paramLabel = "HOW",
      defaultValue = "none",
      description = "How the drive is made as new: ${COMPLETION-CANDIDATES} (default: none).")
  private PtsPlan.Purge purge;

  @Option(
      names = "--round",
      paramLabel = "TIME",
      defaultValue = "60s",
      converter = OptionValues.Duration.class,
      description = "How long each pattern goes in a round (default: 60s).")
  private long roundNanos;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "25",
      description = "How many rounds a test has at the most (default: 25).")
  private int rounds;

  @Option(
      names = "--precondition",
      paramLabel = "N",
      defaultValue = "2",
      description = "How often the active range is written before each test (default: 2).")
  private int preconditions;

  @Option(
      names = "--iodepth",
      paramLabel = "N",
      defaultValue = "32",
      description = "Commands that each thread has out at a time (default: 32).")
  private int depth;

  @Option(
      names = "--numjobs",
      paramLabel = "N",
      defaultValue = "4",
      description = "How many threads have commands out (default: 4).")
  private int threads;

  @Option(names = "--html", paramLabel = "FILE", description = "Write a page with plots too.")
  private Path page;

  @Mixin private Output output;

  @Override
  public Integer call() {
    BenchTarget.requireWritable(page);
    PtsResult result = target.measure(this::measure);
    if (output.isJson()) {
      output.json(PtsJson.of(target.name(), result));
    } else {
      System.out.print(PtsText.of(result));
    }
    target.write(page, PtsPage.of(result, target.name(), target.conditions(threads)));
    return result.interrupted()
        ? ExitStatus.INTERRUPTED
        : result.isSteady() ? ExitStatus.OK : ExitStatus.FAILURE;
  }

  /** Where nothing else is said, of all whole MiB. */
  private PtsResult measure(NvmeDrive drive, LiveLine line) {
    long range = target.hasSize() ? target.bytes(drive) : drive.bytes() >>> 20 << 20;
    PtsPlan plan =
        new PtsPlan(tests, range, purge, roundNanos, rounds, depth, threads, preconditions);
    PtsBench bench =
        new PtsBench(
            drive.controller(),
            drive.namespace(),
            plan,
            RunOptions.standard().withWarmingUp(target.warmingUp()),
            text -> line.show(() -> text));
    Signals.onFirst(bench::stop);
    return bench.run();
  }
}
