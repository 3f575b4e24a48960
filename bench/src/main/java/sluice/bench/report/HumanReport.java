package sluice.bench.report;

import static sluice.bench.report.FioFigures.binaryBytes;
import static sluice.bench.report.FioFigures.count;
import static sluice.bench.report.FioFigures.decimalBytes;
import static sluice.bench.report.FioFigures.extreme;

import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.DriveShare;
import sluice.bench.result.JobResult;
import sluice.bench.result.LatencyResult;
import sluice.bench.result.Merging;
import sluice.bench.result.Pauses;
import sluice.bench.result.ProcessorUse;
import sluice.bench.result.Reporting;
import sluice.bench.result.Reporting.Unified;
import sluice.bench.result.Statistics;
import sluice.bench.result.SteadyState;

/** The report for people, in fio's layout. */
public final class HumanReport {
  private static final int PAGE_WIDTH = 80;
  private static final int CLASSES_PER_LINE = 5;

  private final BenchResult result;
  private final List<JobResult> jobs;
  private final ZoneId zone;
  private final StringBuilder out = new StringBuilder();
  private final Formatter text = new Formatter(out, Locale.ROOT);

  private HumanReport(BenchResult result, ZoneId zone) {
    this.result = result;
    this.zone = zone;
    this.jobs =
        result.reportedJobs().stream()
            .map(job -> job.reporting().unified() == Unified.MIXED ? Merging.mixed(job) : job)
            .toList();
  }

  /** The report as text with a line feed at its end, times in the zone of this machine. */
  public static String of(BenchResult result) {
    return of(result, ZoneId.systemDefault());
  }

  static String of(BenchResult result, ZoneId zone) {
    HumanReport report = new HumanReport(result, zone);
    report.writeAll();
    return report.out.toString();
  }

  private void writeAll() {
    out.append('\n');
    if (result.interrupted()) {
      out.append(RoundsText.interruption(result)).append("\n\n");
    }
    jobs.forEach(this::writeJob);
    jobs.stream().mapToInt(JobResult::groupId).distinct().forEach(this::writeGroup);
    writeBufferOfAll();
    writeDrives();
    out.append(RoundsText.of(result.rounds()));
    writeConditions();
  }

  private void writeJob(JobResult job) {
    String error = job.error() == 0 ? "" : " (" + job.errorText() + ")";
    text.format(
        "%s: (groupid=%d, jobs=%d): err=%2d%s: pid=%d: %s\n",
        job.name(),
        job.groupId(),
        job.members(),
        job.error(),
        error,
        job.processId(),
        FioFigures.ctime(result.end(), zone));
    if (!job.description().isEmpty()) {
      text.format("  Description  : [%s]\n", job.description());
    }
    for (Direction direction : Direction.values()) {
      GroupRates group = GroupRates.of(jobs, job.groupId(), direction);
      String name = job.isMixed() ? "mixed" : direction.lowerCase();
      writeDirection(name, job.direction(direction), job.reporting(), group);
    }
    if (job.reporting().unified() == Unified.BOTH) {
      DirectionResult all = Merging.mixed(job).direction(Direction.READ);
      writeDirection("mixed", all, job.reporting(), GroupRates.ofMixed(jobs, job.groupId()));
    }
    LatencyClasses classes = LatencyClasses.of(job);
    writeClasses("nsec", classes.nanos());
    writeClasses("usec", classes.micros());
    writeClasses("msec", classes.millis());
    if (!job.sync().isEmpty()) {
      out.append("  fsync/fdatasync/sync_file_range:\n");
      writeLatency("sync", job.sync());
      writePercentiles("sync", job.sync(), job.reporting().percentiles());
    }
    writeProcessor(job);
    writeDepths(job);
    job.steadyState().ifPresent(this::writeSteadyState);
    writePauses(job);
    writeShares(job);
    writeVerify(job);
  }

  private void writeDirection(
      String name, DirectionResult result, Reporting reporting, GroupRates group) {
    if (result.runtimeMillis() == 0) {
      return;
    }
    long rate = (long) result.bytesPerSecond();
    text.format(
        "  %s: IOPS=%s, BW=%s/s (%s/s)(%s/%dmsec)%s\n",
        name,
        count((long) result.iosPerSecond()),
        binaryBytes(rate),
        decimalBytes(rate),
        binaryBytes(result.bytes()),
        result.runtimeMillis(),
        name.equals("write") ? "; 0 zone resets" : "");
    writeLatency("slat", result.submission());
    writeLatency("clat", result.completion());
    writeLatency(" lat", result.total());
    writeLatency("intended", result.intended());
    if (reporting.submissionPercentiles()) {
      writePercentiles("slat", result.submission(), reporting.percentiles());
    }
    if (reporting.completionPercentiles()) {
      writePercentiles("clat", result.completion(), reporting.percentiles());
    }
    if (reporting.totalPercentiles()) {
      writePercentiles("lat", result.total(), reporting.percentiles());
    }
    writePercentiles("intended", result.intended(), reporting.percentiles());
    writeSamples(result, group);
  }

  private void writeLatency(String name, LatencyResult latency) {
    if (latency.isEmpty()) {
      return;
    }
    Statistics exact = latency.exact();
    TimeScale scale = TimeScale.of(exact);
    text.format(
        "    %s (%s): min=%s, max=%s, avg=%5.02f, stdev=%5.02f\n",
        name,
        scale.unit(),
        extreme(exact.min() / scale.nanos()),
        extreme(exact.max() / scale.nanos()),
        exact.mean() / scale.nanos(),
        exact.standardDeviation() / scale.nanos());
  }

  private void writePercentiles(String name, LatencyResult latency, List<Double> percentiles) {
    if (latency.isEmpty() || percentiles.isEmpty()) {
      return;
    }
    List<Long> values = percentiles.stream().map(latency::percentileNanos).toList();
    long largest = values.getLast();
    TimeScale scale = TimeScale.ofRange(values.getFirst(), largest);
    int width = Math.max(5, Long.toString(largest / scale.nanos()).length());
    int precision = decimalsOf(percentiles);
    String pattern =
        precision == 0
            ? " %3.0fth=[%" + width + "d]"
            : " %" + (precision + 3) + "." + precision + "fth=[%" + width + "d]";
    int perLine = (PAGE_WIDTH - 7) / (precision + 10 + width);
    text.format("    %s percentiles (%s):\n", name, scale.unit());
    for (int i = 0; i < values.size(); i++) {
      out.append(i % perLine == 0 ? "     |" : "");
      long value = (values.get(i) + scale.nanos() / 2) / scale.nanos();
      text.format(pattern, percentiles.get(i), value);
      boolean last = i == values.size() - 1;
      out.append(last ? "" : ",");
      out.append(last || i % perLine == perLine - 1 ? "\n" : "");
    }
  }

  /** How many decimals the list needs; fio's own list shows two. */
  private static int decimalsOf(List<Double> percentiles) {
    int decimals = 0;
    for (double percentile : percentiles) {
      String text = BigDecimal.valueOf(percentile).stripTrailingZeros().toPlainString();
      int point = text.indexOf('.');
      decimals = Math.max(decimals, point < 0 ? 0 : text.length() - point - 1);
    }
    return decimals;
  }

  private void writeSamples(DirectionResult result, GroupRates group) {
    Statistics bandwidth = result.bandwidth();
    if (bandwidth.count() > 0) {
      boolean mebi = bandwidth.mean() > 1024 * 1024;
      int divisor = mebi ? 1024 : 1;
      text.format(
          "   bw (%5s/s): min=%5d, max=%5d, per=%3.2f%%, avg=%5.02f, stdev=%5.02f, samples=%d\n",
          mebi ? "MiB" : "KiB",
          bandwidth.min() / divisor,
          bandwidth.max() / divisor,
          group.percentOf(bandwidth.mean()),
          bandwidth.mean() / divisor,
          bandwidth.standardDeviation() / divisor,
          bandwidth.count());
    }
    Statistics iops = result.iops();
    if (iops.count() > 0) {
      text.format(
          "   iops        : min=%5d, max=%5d, avg=%5.02f, stdev=%5.02f, samples=%d\n",
          iops.min(), iops.max(), iops.mean(), iops.standardDeviation(), iops.count());
    }
  }

  private void writeClasses(String unit, double[] percents) {
    int shown = 0;
    for (int i = 0; i < percents.length; i++) {
      if (percents[i] > 0) {
        if (shown % CLASSES_PER_LINE == 0) {
          out.append(shown > 0 ? "\n" : "");
          text.format("  lat (%s)   : ", unit);
        } else {
          out.append(", ");
        }
        text.format("%s=%3.2f%%", LatencyClasses.NAMES.get(i), percents[i]);
        shown++;
      }
    }
    out.append(shown > 0 ? "\n" : "");
  }

  private void writeProcessor(JobResult job) {
    ProcessorUse use = job.processor();
    double percentPerNano = 100 / (1e6 * Math.max(job.runtimeMillis(), 1));
    text.format(
        "  cpu          : usr=%3.2f%%, sys=%3.2f%%, ctx=%d, majf=%d, minf=%d\n",
        use.userNanos() * percentPerNano,
        use.systemNanos() * percentPerNano,
        use.contextSwitches(),
        use.majorFaults(),
        use.minorFaults());
    if (job.processorNanosPerIo() > 0) {
      text.format("  cpu per IO   : %.0f nsec\n", job.processorNanosPerIo());
    }
  }

  private void writeDepths(JobResult job) {
    text.format("  IO depths    : %s\n", joined(DepthShares.levels(job.depths().level())));
    text.format("     submit    : %s\n", joined(DepthShares.batches(job.depths().submit())));
    text.format("     complete  : %s\n", joined(DepthShares.batches(job.depths().complete())));
    DirectionResult read = job.direction(Direction.READ);
    DirectionResult write = job.direction(Direction.WRITE);
    DirectionResult trim = job.direction(Direction.TRIM);
    text.format(
        "     issued rwts: total=%d,%d,%d,%d short=%d,%d,%d,0 dropped=%d,%d,%d,0\n",
        read.ios(),
        write.ios(),
        trim.ios(),
        job.sync().exact().count(),
        read.shortIos(),
        write.shortIos(),
        trim.shortIos(),
        read.droppedIos(),
        write.droppedIos(),
        trim.droppedIos());
    text.format(
        "     latency   : target=%d, window=%d, percentile=%.2f%%, depth=%d\n",
        job.latencyTarget().targetNanos(),
        job.latencyTarget().windowMicros(),
        job.latencyTarget().percentile(),
        job.latencyTarget().depth());
  }

  private static String joined(Map<String, Double> shares) {
    return shares.entrySet().stream()
        .map(share -> share.getKey() + "=" + FioFigures.fixed(share.getValue(), 1) + "%")
        .collect(Collectors.joining(", "));
  }

  private void writeSteadyState(SteadyState state) {
    long rate = (long) state.meanBandwidth();
    text.format(
        "  steadystate  : attained=%s, bw=%s/s (%s/s), iops=%s, %s %s=%.3f%s\n",
        state.attained() ? "yes" : "no",
        binaryBytes(rate),
        decimalBytes(rate),
        count((long) state.meanIops()),
        state.figure().lowerCase(),
        state.ofSlope() ? "slope" : "mean dev",
        state.criterion(),
        state.percent() ? "%" : "");
  }

  private void writePauses(JobResult job) {
    Pauses pauses = job.pauses();
    boolean paced = !job.backlog().isEmpty();
    if (pauses.thresholdNanos() > 0) {
      text.format(
          "  pauses       : count=%d, longest=%.3fmsec, total=%.3fmsec%s (over %.3fmsec)\n",
          pauses.count(),
          pauses.longestNanos() / 1e6,
          pauses.totalNanos() / 1e6,
          paced ? "" : ", held up=" + binaryBytes(pauses.heldUpBytes()),
          pauses.thresholdNanos() / 1e6);
    }
    if (job.stalls().count() > 0) {
      text.format("  stalls       : %s\n", StallText.of(job.stalls()));
    }
    boolean several = !job.drives().isEmpty();
    out.append(OutlierText.of(job.stuck(), several));
    out.append(OutlierText.of(job.slowest(), several));
    if (paced) {
      text.format("  buffer       : %s\n", BufferText.of(job.backlog()));
    }
  }

  /** What it did on each of several drives. */
  private void writeShares(JobResult job) {
    for (DriveShare share : job.drives()) {
      if (share.pauses().count() > 0) {
        text.format(
            "  drive %-7d: pauses: count=%d, longest=%.3fmsec, total=%.3fmsec\n",
            share.drive(),
            share.pauses().count(),
            share.pauses().longestNanos() / 1e6,
            share.pauses().totalNanos() / 1e6);
      }
      for (Direction direction : Direction.values()) {
        DirectionResult done = share.direction(direction);
        if (done.ios() > 0) {
          text.format(
              "  drive %-7d: %s: IOPS=%s, BW=%s/s, clat p50=%s, p99=%s, max=%s\n",
              share.drive(),
              direction.lowerCase(),
              count((long) done.iosPerSecond()),
              binaryBytes((long) done.bytesPerSecond()),
              time(done, 50),
              time(done, 99),
              time(done, 100));
        }
      }
    }
  }

  private static String time(DirectionResult done, double percentile) {
    return "%.1fusec".formatted(done.completion().percentileNanos(percentile) / 1e3);
  }

  private void writeVerify(JobResult job) {
    if (job.verify().blocks() > 0) {
      text.format(
          "  verify       : blocks=%d, failed=%d\n",
          job.verify().blocks(), job.verify().failures());
    }
    if (job.verify().failures() > 0) {
      text.format("     first     : %s\n", job.verify().firstFailure());
    }
  }

  private void writeGroup(int groupId) {
    out.append('\n');
    text.format("Run status group %d (all jobs):\n", groupId);
    boolean mixed = jobs.stream().anyMatch(job -> job.groupId() == groupId && job.isMixed());
    for (Direction direction : Direction.values()) {
      String name = mixed ? "MIXED" : direction.lowerCase().toUpperCase(Locale.ROOT);
      writeRates(name, GroupRates.of(jobs, groupId, direction));
    }
    boolean both =
        jobs.stream()
            .anyMatch(job -> job.groupId() == groupId && job.reporting().unified() == Unified.BOTH);
    if (both) {
      writeRates("MIXED", GroupRates.ofMixed(jobs, groupId));
    }
  }

  /** One buffer for all streams of the run, where there are several. */
  private void writeBufferOfAll() {
    if (jobs.stream().filter(job -> !job.backlog().isEmpty()).count() > 1) {
      text.format(
          "\nAll paced jobs at once:\n  buffer       : %s\n", BufferText.of(result.backlog()));
    }
  }

  private void writeRates(String name, GroupRates rates) {
    if (rates.maxMillis() == 0) {
      return;
    }
    text.format(
        "%7s: bw=%s/s (%s/s), %s/s-%s/s (%s/s-%s/s), io=%s (%s), run=%d-%dmsec\n",
        name,
        binaryBytes(rates.rate()),
        decimalBytes(rates.rate()),
        binaryBytes(rates.minRate()),
        binaryBytes(rates.maxRate()),
        decimalBytes(rates.minRate()),
        decimalBytes(rates.maxRate()),
        binaryBytes(rates.bytes()),
        decimalBytes(rates.bytes()),
        rates.minMillis(),
        rates.maxMillis());
  }

  private void writeDrives() {
    List<DriveUse> uses = DriveUse.ofAll(result);
    out.append('\n');
    text.format("Disk stats (read/write):\n");
    for (int drive = 0; drive < uses.size(); drive++) {
      DriveUse use = uses.get(drive);
      text.format(
          "  %s%s: ios=%d/%d, merge=0/0, ticks=%d/%d, in_queue=%d, util=%.2f%%\n",
          uses.size() == 1 ? "" : drive + " = ",
          result.drives().get(drive).address(),
          use.readIos(),
          use.writeIos(),
          use.readMillis(),
          use.writeMillis(),
          use.totalMillis(),
          use.percent());
    }
  }

  private void writeConditions() {
    Map<String, String> facts = ConditionsText.of(result);
    out.append(facts.isEmpty() ? "" : "\nConditions:\n");
    facts.forEach((name, value) -> text.format("  %-13s: %s\n", name, value));
  }
}
