package sluice.cli;

import java.util.List;
import sluice.bench.result.BenchResult;
import sluice.bench.result.JobResult;
import sluice.bench.run.RepeatedBench;

/** A benchmark and the signals that reach it. */
final class BenchRun {
  private volatile RepeatedBench running;

  /**
   * Takes SIGUSR1 over from now on: it asks for a report, and is for nothing where nothing runs.
   */
  BenchRun() {
    Signals.onUser(this::report);
  }

  private void report() {
    RepeatedBench bench = running;
    if (bench != null) {
      bench.report();
    }
  }

  /** Runs it to its end, which the first Ctrl-C brings about. */
  BenchResult run(RepeatedBench bench, LiveLine line) {
    running = bench;
    Signals.onFirst(bench::stop);
    try {
      return bench.run();
    } finally {
      running = null;
      line.clear();
    }
  }

  /**
   * The status of the process. The report has what failed too, but is long, and may be in a file.
   *
   * @throws IllegalStateException if a job failed, naming the first
   */
  static int status(BenchResult result) {
    List<JobResult> failed = result.jobs().stream().filter(job -> !job.isClean()).toList();
    if (!failed.isEmpty()) {
      JobResult first = failed.getFirst();
      throw new IllegalStateException(
          "job %s failed: %s%s"
              .formatted(
                  first.name(),
                  first.error() != 0 ? first.errorText() : first.verify().firstFailure(),
                  failed.size() > 1 ? " (and %d more)".formatted(failed.size() - 1) : ""));
    }
    return result.interrupted() ? ExitStatus.INTERRUPTED : ExitStatus.OK;
  }
}
