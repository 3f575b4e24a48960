package sluice.bench.run;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.result.JobResult;
import sluice.bench.result.LatencyTarget;
import sluice.bench.result.ProcessorUse;
import sluice.bench.result.Reporting;
import sluice.support.linux.ThreadUsage;

/**
 * Puts together what workers measured.
 *
 * @param start when the batch began
 * @param startNanos the same by the clock
 * @param runStart when the run began, by the clock
 */
record Results(Instant start, long startNanos, long runStart) {
  private static final long SECOND = 1_000_000_000;

  /** What one worker measured, and whose it is. */
  record Part(Worker worker, JobResult.Builder result) {}

  /**
   * What a thread's workers have measured, as far as they have begun. On that thread, or when it
   * has ended.
   *
   * @param now until when, for those that go on
   */
  List<Part> of(WorkerThread thread, long now) {
    List<Worker> all = thread.workers();
    long ios = all.stream().mapToLong(worker -> worker.meter().ios()).sum();
    return all.stream()
        .filter(worker -> worker.phase() != Worker.Phase.DELAYED)
        .map(worker -> {
          long own = worker.meter().ios();
          double share = ios == 0 ? 1.0 / all.size() : (double) own / ios;
          return new Part(worker, result(worker, share, now));
        })
        .toList();
  }

  /** When a worker that has begun began to be measured. */
  Instant measured(Worker worker) {
    return start.plusNanos(worker.measuredFromNanos() - startNanos);
  }

  /** All parts of a batch as results, in the order of the job file. */
  static List<JobResult> inOrder(Stream<Part> parts, Watch watch) {
    return parts
        .sorted(Comparator.comparingInt((Part part) -> part.worker().plan().number()))
        .map(part -> {
          watch.steadyState(part.worker()).ifPresent(part.result()::steadyState);
          return part.result().build();
        })
        .toList();
  }

  private JobResult.Builder result(Worker worker, double share, long now) {
    JobOptions job = worker.job();
    String description = job.get(Options.DESCRIPTION);
    Failure failure = worker.failure();
    JobResult.Builder result =
        JobResult.builder(job.name(), worker.plan().group())
            .description(description == null ? "" : description)
            .error(failure == null ? 0 : failure.errno(), failure == null ? "" : failure.text())
            .start(start.plusNanos(worker.beginNanos() - startNanos))
            .measured(measured(worker))
            .elapsedSeconds((worker.endNanos(now) - runStart + SECOND - 1) / SECOND)
            .options(job.texts())
            .reporting(reporting(job))
            .processor(processor(worker.usage(), share))
            .latencyTarget(latencyTarget(worker))
            .verify(worker.verified());
    worker.result(result, now);
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
        Math.round(usage.minorFaults() * share),
        Math.round(usage.waitNanos() * share));
  }

  private static LatencyTarget latencyTarget(Worker worker) {
    JobOptions job = worker.job();
    long target = job.get(Options.LATENCY_TARGET);
    return target == 0
        ? LatencyTarget.none(job.get(Options.IODEPTH))
        : new LatencyTarget(
            worker.depth(),
            target,
            job.get(Options.LATENCY_PERCENTILE) * 100,
            job.get(Options.LATENCY_WINDOW) / 1000);
  }
}
