package sluice.bench.report;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import org.HdrHistogram.HistogramIterationValue;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.LatencyResult;
import sluice.bench.result.Reporting;
import sluice.bench.result.Statistics;

/** Writes a direction of a job as fio's JSON has it. */
final class DirectionJson {
  private final JsonGenerator out;

  DirectionJson(JsonGenerator out) {
    this.out = out;
  }

  void write(
      String name, DirectionResult result, Reporting reporting, GroupRates group, boolean bins)
      throws IOException {
    long rate = (long) result.bytesPerSecond();
    out.writeObjectFieldStart(name);
    out.writeNumberField("io_bytes", result.bytes());
    out.writeNumberField("io_kbytes", result.bytes() >> 10);
    out.writeNumberField("bw_bytes", rate);
    out.writeNumberField("bw", rate >> 10);
    writeDouble(out, "iops", result.iosPerSecond());
    out.writeNumberField("runtime", result.runtimeMillis());
    out.writeNumberField("total_ios", result.ios());
    out.writeNumberField("short_ios", result.shortIos());
    out.writeNumberField("drop_ios", result.droppedIos());
    writeLatency(
        "slat_ns", result.submission(), reporting.submissionPercentiles(), reporting, bins);
    writeLatency(
        "clat_ns", result.completion(), reporting.completionPercentiles(), reporting, bins);
    writeLatency("lat_ns", result.total(), reporting.totalPercentiles(), reporting, bins);
    Statistics bandwidth = result.bandwidth();
    out.writeNumberField("bw_min", bandwidth.min());
    out.writeNumberField("bw_max", bandwidth.max());
    boolean sampled = bandwidth.count() > 0;
    writeDouble(out, "bw_agg", sampled ? group.percentOf(bandwidth.mean()) : 0);
    writeDouble(out, "bw_mean", bandwidth.mean());
    writeDouble(out, "bw_dev", bandwidth.standardDeviation());
    out.writeNumberField("bw_samples", bandwidth.count());
    Statistics iops = result.iops();
    out.writeNumberField("iops_min", iops.min());
    out.writeNumberField("iops_max", iops.max());
    writeDouble(out, "iops_mean", iops.mean());
    writeDouble(out, "iops_stddev", iops.standardDeviation());
    out.writeNumberField("iops_samples", iops.count());
    out.writeEndObject();
  }

  void writeSync(LatencyResult sync, Reporting reporting, boolean bins) throws IOException {
    out.writeObjectFieldStart("sync");
    out.writeNumberField("total_ios", sync.exact().count());
    writeLatency("lat_ns", sync, true, reporting, bins);
    out.writeEndObject();
  }

  /** Writes latencies: percentiles and bins only where they are wanted and there are any. */
  void writeLatency(
      String name, LatencyResult latency, boolean percentiles, Reporting reporting, boolean bins)
      throws IOException {
    Statistics exact = latency.exact();
    out.writeObjectFieldStart(name);
    out.writeNumberField("min", exact.min());
    out.writeNumberField("max", exact.max());
    writeDouble(out, "mean", exact.mean());
    writeDouble(out, "stddev", exact.standardDeviation());
    out.writeNumberField("N", exact.count());
    if (percentiles && !latency.isEmpty()) {
      out.writeObjectFieldStart("percentile");
      for (double percentile : reporting.percentiles()) {
        String key = FioFigures.fixed(percentile, 6);
        out.writeNumberField(key, latency.percentileNanos(percentile));
      }
      out.writeEndObject();
      if (bins) {
        writeBins(latency);
      }
    }
    out.writeEndObject();
  }

  private void writeBins(LatencyResult latency) throws IOException {
    out.writeObjectFieldStart("bins");
    for (HistogramIterationValue value : latency.histogram().recordedValues()) {
      out.writeNumberField(
          Long.toString(value.getValueIteratedTo()), value.getCountAddedInThisIterationStep());
    }
    out.writeEndObject();
  }

  /** With six decimals, as fio does; a figure in any case. */
  static void writeDouble(JsonGenerator out, String name, double value) throws IOException {
    out.writeFieldName(name);
    out.writeNumber(FioFigures.fixed(Double.isFinite(value) ? value : 0, 6));
  }
}
