package sluice.bench.report;

import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Stream;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.JobResult;
import sluice.bench.result.LatencyResult;
import sluice.bench.result.Merging;
import sluice.bench.result.ProcessorUse;
import sluice.bench.result.Reporting;
import sluice.bench.result.Reporting.Unified;
import sluice.bench.result.Statistics;

/**
 * fio's report for scripts: a line for each job, its fields in a fixed order with semicolons
 * between them. Of its versions, 2 to 5, the third has no trims, and the fifth alone has the
 * commands per second.
 */
public final class TerseReport {
  /** The version that fio writes where none is asked for. */
  public static final int STANDARD = 3;

  private static final int WITHOUT_NAME = 2;
  private static final int WITHOUT_TRIMS = 3;
  private static final int WITH_IOPS = 5;

  /** So many percentiles have a field, whether they are asked for or not. */
  private static final int PERCENTILES = 20;

  private static final String NO_PERCENTILE = "0%=0";

  private final BenchResult result;
  private final int version;
  private final List<JobResult> jobs;
  private final StringBuilder out = new StringBuilder();
  private StringJoiner line;

  private TerseReport(BenchResult result, int version) {
    this.result = result;
    this.version = version;
    this.jobs =
        result.reportedJobs().stream()
            .map(job -> job.reporting().unified() == Unified.MIXED ? Merging.mixed(job) : job)
            .toList();
  }

  /**
   * The report as text with a line feed at its end.
   *
   * @param version of the format, 2 to 5
   * @throws IllegalArgumentException if there is no such version
   */
  public static String of(BenchResult result, int version) {
    requireVersion(version);
    TerseReport report = new TerseReport(result, version);
    report.jobs.forEach(report::writeJob);
    return report.out.toString();
  }

  /**
   * @throws IllegalArgumentException if the format has no such version
   */
  public static void requireVersion(int version) {
    if (version < WITHOUT_NAME || version > WITH_IOPS) {
      throw new IllegalArgumentException(
          "the terse report has no version " + version + "; there are 2, 3, 4 and 5");
    }
  }

  private void writeJob(JobResult job) {
    line = new StringJoiner(";");
    add(version);
    if (version > WITHOUT_NAME) {
      add(FioVersion.of(result.version()));
    }
    add(job.name());
    add(job.groupId());
    add(job.error());
    for (Direction direction : directions(job)) {
      addDirection(
          job.direction(direction), job.reporting(), GroupRates.of(jobs, job.groupId(), direction));
    }
    if (job.reporting().unified() == Unified.BOTH) {
      addDirection(
          Merging.mixed(job).direction(Direction.READ),
          job.reporting(),
          GroupRates.ofMixed(jobs, job.groupId()));
    }
    addProcessor(job);
    DepthShares.levels(job.depths().level())
        .values()
        .forEach(share -> add(FioFigures.fixed(share, 1) + "%"));
    addClasses(LatencyClasses.of(job));
    if (version > WITHOUT_NAME) {
      addDrives();
    }
    out.append(line);
    if (!job.description().isEmpty()) {
      out.append(version > WITHOUT_NAME ? ";" : "\n;").append(job.description());
    }
    out.append('\n');
  }

  private List<Direction> directions(JobResult job) {
    return Stream.of(Direction.values())
        .filter(way -> way == Direction.READ || !job.isMixed())
        .filter(way -> way != Direction.TRIM || version != WITHOUT_TRIMS)
        .toList();
  }

  private void addDirection(DirectionResult of, Reporting reporting, GroupRates group) {
    add(of.bytes() >> 10);
    add((long) of.bytesPerSecond() >> 10);
    add((long) of.iosPerSecond());
    add(of.runtimeMillis());
    addLatency(of.submission());
    addLatency(of.completion());
    boolean isTotal = reporting.totalPercentiles();
    boolean isAny = isTotal || reporting.completionPercentiles();
    addPercentiles(
        isTotal ? of.total() : of.completion(), isAny ? reporting.percentiles() : List.of());
    addLatency(of.total());
    addBandwidth(of.bandwidth(), group);
    if (version == WITH_IOPS) {
      add(of.bandwidth().count());
      Statistics iops = of.iops();
      add(iops.min());
      add(iops.max());
      add(iops.mean());
      add(iops.standardDeviation());
      add(iops.count());
    }
  }

  /** In microseconds. */
  private void addLatency(LatencyResult latency) {
    Statistics exact = latency.exact();
    add(exact.min() / 1000);
    add(exact.max() / 1000);
    add(exact.mean() / 1000);
    add(exact.standardDeviation() / 1000);
  }

  private void addPercentiles(LatencyResult latency, List<Double> percentiles) {
    for (int i = 0; i < PERCENTILES; i++) {
      add(
          i < percentiles.size()
              ? FioFigures.fixed(percentiles.get(i), 6)
                  + "%="
                  + latency.percentileNanos(percentiles.get(i)) / 1000
              : NO_PERCENTILE);
    }
  }

  private void addBandwidth(Statistics bandwidth, GroupRates group) {
    add(bandwidth.min());
    add(bandwidth.max());
    double share = bandwidth.count() > 0 ? group.percentOf(bandwidth.mean()) : 0;
    add(FioFigures.fixed(share, 6) + "%");
    add(bandwidth.mean());
    add(bandwidth.standardDeviation());
  }

  private void addProcessor(JobResult job) {
    ProcessorUse use = job.processor();
    double percentPerNano = 100 / (1e6 * Math.max(job.runtimeMillis(), 1));
    add(FioFigures.fixed(use.userNanos() * percentPerNano, 6) + "%");
    add(FioFigures.fixed(use.systemNanos() * percentPerNano, 6) + "%");
    add(use.contextSwitches());
    add(use.majorFaults());
    add(use.minorFaults());
  }

  /** Of microseconds and milliseconds; what is faster is in the first class. */
  private void addClasses(LatencyClasses classes) {
    double faster = 0;
    for (double share : classes.nanos()) {
      faster += share;
    }
    double[] micros = classes.micros();
    micros[0] = Math.min(100, micros[0] + faster);
    for (double[] shares : List.of(micros, classes.millis())) {
      for (double share : shares) {
        add(FioFigures.fixed(share, 2) + "%");
      }
    }
  }

  private void addDrives() {
    List<DriveUse> uses = DriveUse.ofAll(result);
    for (int drive = 0; drive < uses.size(); drive++) {
      DriveUse use = uses.get(drive);
      add(result.drives().get(drive).address());
      add(use.readIos());
      add(use.writeIos());
      add(0);
      add(0);
      add(use.readMillis());
      add(use.writeMillis());
      add(use.totalMillis());
      add(FioFigures.fixed(use.percent(), 2) + "%");
    }
  }

  private void add(String field) {
    line.add(field);
  }

  private void add(long field) {
    line.add(Long.toString(field));
  }

  private void add(double field) {
    line.add(FioFigures.fixed(field, 6));
  }
}
