package sluice.bench.report;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.DriveInfo;
import sluice.bench.result.JobResult;
import sluice.bench.result.LatencyResult;
import sluice.bench.result.LatencyTarget;
import sluice.bench.result.ProcessorUse;
import sluice.bench.result.Reporting;
import sluice.bench.result.Reporting.Unified;
import sluice.bench.result.Statistics;
import sluice.bench.result.SteadyState;

/** Reads what the real fio wrote as JSON+ into a result, as if it were ours. */
public final class FioReport {
  private FioReport() {}

  @SuppressWarnings("unchecked")
  public static BenchResult read(String json) throws IOException {
    Map<String, Object> root = JSON.std.mapFrom(json);
    Instant end = Instant.ofEpochMilli(number(root, "timestamp_ms"));
    List<JobResult> jobs =
        ((List<Map<String, Object>>) root.get("jobs")).stream().map(FioReport::job).toList();
    return new BenchResult(
        "test",
        end.minusSeconds(1),
        end,
        strings(map(root, "global options")),
        List.of(),
        new DriveInfo("virtual:test", "model", "serial", "1.0", 1L << 30, 512),
        jobs);
  }

  private static JobResult job(Map<String, Object> json) {
    Map<String, String> options = strings(map(json, "job options"));
    JobResult.Builder job =
        JobResult.builder((String) json.get("jobname"), (int) number(json, "groupid"))
            .description((String) json.getOrDefault("desc", ""))
            .elapsedSeconds(number(json, "elapsed"))
            .runtimeMillis(number(json, "job_runtime"))
            .options(options)
            .reporting(reporting(options))
            .processor(processor(json))
            .latencyTarget(LatencyTarget.none(number(json, "latency_depth")));
    if (unified(options) == Unified.MIXED) {
      job.direction(Direction.READ, direction(map(json, "mixed")));
    } else {
      for (Direction direction : Direction.values()) {
        job.direction(direction, direction(map(json, direction.lowerCase())));
      }
      job.sync(latency(map(map(json, "sync"), "lat_ns")));
    }
    if (json.containsKey("steadystate")) {
      job.steadyState(steadyState(map(json, "steadystate")));
    }
    return job.build();
  }

  private static Unified unified(Map<String, String> options) {
    String text = options.getOrDefault("unified_rw_reporting", "0");
    return text.equals("0") ? Unified.NONE : text.equals("1") ? Unified.MIXED : Unified.BOTH;
  }

  private static Reporting reporting(Map<String, String> options) {
    List<Double> percentiles =
        options.containsKey("percentile_list")
            ? Arrays.stream(options.get("percentile_list").split(":"))
                .map(Double::parseDouble)
                .toList()
            : Reporting.STANDARD_PERCENTILES;
    return new Reporting(
        false,
        unified(options),
        percentiles,
        options.containsKey("slat_percentiles"),
        !"0".equals(options.get("clat_percentiles")),
        options.containsKey("lat_percentiles"));
  }

  private static ProcessorUse processor(Map<String, Object> json) {
    long runtime = number(json, "job_runtime");
    return new ProcessorUse(
        Math.round(decimal(json, "usr_cpu") * runtime * 1e4),
        Math.round(decimal(json, "sys_cpu") * runtime * 1e4),
        number(json, "ctx"),
        number(json, "majf"),
        number(json, "minf"),
        0);
  }

  private static DirectionResult direction(Map<String, Object> json) {
    return new DirectionResult(
        number(json, "io_bytes"),
        number(json, "total_ios"),
        number(json, "short_ios"),
        number(json, "drop_ios"),
        number(json, "runtime"),
        latency(map(json, "slat_ns")),
        latency(map(json, "clat_ns")),
        latency(map(json, "lat_ns")),
        LatencyResult.none(),
        samples(json, "bw_samples", "bw_min", "bw_max", "bw_mean", "bw_dev"),
        samples(json, "iops_samples", "iops_min", "iops_max", "iops_mean", "iops_stddev"),
        List.of());
  }

  private static LatencyResult latency(Map<String, Object> json) {
    Histogram histogram = new Histogram(5);
    map(json, "bins")
        .forEach((nanos, count) ->
            histogram.recordValueWithCount(Long.parseLong(nanos), ((Number) count).longValue()));
    return new LatencyResult(samples(json, "N", "min", "max", "mean", "stddev"), histogram);
  }

  private static Statistics samples(
      Map<String, Object> json, String count, String min, String max, String mean, String dev) {
    long n = number(json, count);
    double deviation = decimal(json, dev);
    return new Statistics(
        n,
        number(json, min),
        number(json, max),
        decimal(json, mean),
        n > 1 ? deviation * deviation * (n - 1) : 0);
  }

  @SuppressWarnings("unchecked")
  private static SteadyState steadyState(Map<String, Object> json) {
    Map<String, Object> data = map(json, "data");
    return new SteadyState(
        SteadyState.Figure.IOPS,
        false,
        50,
        true,
        number(json, "duration"),
        number(json, "attained") == 1,
        0.249,
        decimal(json, "max_deviation"),
        decimal(json, "slope"),
        ((List<Number>) data.get("bw")).stream().map(Number::longValue).toList(),
        ((List<Number>) data.get("iops")).stream().map(Number::longValue).toList(),
        List.of());
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Map<String, Object> json, String key) {
    return (Map<String, Object>) json.getOrDefault(key, Map.of());
  }

  private static Map<String, String> strings(Map<String, Object> json) {
    Map<String, String> strings = new LinkedHashMap<>();
    json.forEach((key, value) -> strings.put(key, (String) value));
    return strings;
  }

  private static long number(Map<String, Object> json, String key) {
    return ((Number) json.get(key)).longValue();
  }

  private static double decimal(Map<String, Object> json, String key) {
    return ((Number) json.get(key)).doubleValue();
  }
}
