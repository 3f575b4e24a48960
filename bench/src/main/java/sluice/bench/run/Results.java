package sluice.bench.run;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.result.JobResult;
import sluice.bench.result.LatencyTarget;
import sluice.bench.result.ProcessorUse;
import sluice.bench.result.Reporting;
import sluice.support.linux.ThreadUsage;

/** Puts together what workers measured. */
final class Results {
  private static final long SECOND = 1_000_000_000;

  private Results() {}

  /**
   * @param start when the batch began, and by the clock {@code startNanos}
   * @param runStart when the run began, by the clock
   */
  static List<JobResult> of(
      List<WorkerThread> threads, Watch watch, Instant start, long startNanos, long runStart) {
    record Numbered(int number, JobResult result) {}
    List<Numbered> results = new ArrayList<>();
    for (WorkerThread thread : threads) {
      long ios = thread.workers().stream().mapToLong(worker -> worker.meter().ios()).sum();
      for (Worker worker : thread.workers()) {
        double share =
            ios == 0 ? 1.0 / thread.workers().size() : (double) worker.meter().ios() / ios;
        JobResult result =
            result(worker, watch, share)
                .start(start.plusNanos(worker.beginNanos() - startNanos))
                .measured(start.plusNanos(worker.measuredFromNanos() - startNanos))
                .elapsedSeconds((worker.endNanos() - runStart + SECOND - 1) / SECOND)
                .build();
        results.add(new Numbered(worker.plan().number(), result));
      }
    }
    return results.stream()
        .sorted(Comparator.comparingInt(Numbered::number))
        .map(Numbered::result)
        .toList();
  }

  private static JobResult.Builder result(Worker worker, Watch watch, double share) {
    JobOptions job = worker.job();
    String description = job.get(Options.DESCRIPTION);
    Failure failure = worker.failure();
    JobResult.Builder result =
        JobResult.builder(job.name(), worker.plan().group())
            .description(description == null ? "" : description)
            .error(failure == null ? 0 : failure.errno(), failure == null ? "" : failure.text())
            .options(job.texts())
            .reporting(reporting(job))
            .processor(processor(worker.usage(), share))
            .latencyTarget(latencyTarget(worker))
            .verify(worker.verified());
    watch.steadyState(worker).ifPresent(result::steadyState);
    worker.meter().result(result, worker.runtimeNanos());
    return result;
  }

  private static Reporting reporting(JobOptions job) {
    return new Reporting(
        job.get(Options.GROUP_REPORTING),
        job.get(Options.UNIFIED_RW_REPORTING),
        job.get(Options.PERCENTILE_LIST),
        job.get(Options.SLAT_PERCENTILES),
        job.get(Options.CLAT_PERCENTILES),
        job.get(Options.LAT_PERCENTILES));
  }

  private static ProcessorUse processor(ThreadUsage usage, double share) {
    return new ProcessorUse(
        Math.round(usage.userNanos() * share),
        Math.round(usage.systemNanos() * share),
        Math.round(usage.contextSwitches() * share),
        Math.round(usage.majorFaults() * share),
        Math.round(usage.minorFaults() * share));
  }

  private static LatencyTarget latencyTarget(Worker worker) {
    JobOptions job = worker.job();
    long target = job.get(Options.LATENCY_TARGET);
    return target == 0
        ? LatencyTarget.none(job.get(Options.IODEPTH))
        : new LatencyTarget(
            worker.depth(),
            target / 1000,
            job.get(Options.LATENCY_PERCENTILE) * 100,
            job.get(Options.LATENCY_WINDOW) / 1000);
  }
}
