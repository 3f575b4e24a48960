package sluice.bench.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.JobResult;
import sluice.bench.result.LatencyTarget;
import sluice.bench.result.Merging;
import sluice.bench.result.ProcessorUse;
import sluice.bench.result.Reporting.Unified;
import sluice.bench.result.SteadyState;

/**
 * The report for programs: fio's JSON, and its JSON+ with the bins of all histograms. Keys, types
 * and order are fio's; what fio has no key for is in the object {@code sluice} of the root and of
 * each job.
 */
public final class JsonReport {
  private final JsonGenerator out;
  private final DirectionJson directions;
  private final OwnJson own;
  private final boolean bins;

  private JsonReport(JsonGenerator out, boolean bins) {
    this.out = out;
    this.bins = bins;
    this.directions = new DirectionJson(out);
    this.own = new OwnJson(out, directions, bins);
  }

  /**
   * The report as text with a line feed at its end.
   *
   * @param bins whether histograms are put in: JSON+
   */
  public static String of(BenchResult result, boolean bins) {
    return of(result, bins, ZoneId.systemDefault());
  }

  static String of(BenchResult result, boolean bins, ZoneId zone) {
    StringWriter text = new StringWriter();
    DefaultIndenter lines = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter layout =
        new DefaultPrettyPrinter().withObjectIndenter(lines).withArrayIndenter(lines);
    try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
      out.setPrettyPrinter(layout);
      new JsonReport(out, bins).writeRoot(result, zone);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return text.append('\n').toString();
  }

  private void writeRoot(BenchResult result, ZoneId zone) throws IOException {
    Instant end = result.end();
    out.writeStartObject();
    out.writeStringField("fio version", FioVersion.of(result.version()));
    out.writeNumberField("timestamp", end.getEpochSecond());
    out.writeNumberField("timestamp_ms", end.toEpochMilli());
    out.writeStringField("time", FioFigures.ctime(end, zone));
    if (!result.globalOptions().isEmpty()) {
      writeStrings("global options", result.globalOptions());
    }
    out.writeArrayFieldStart("jobs");
    List<JobResult> jobs = result.reportedJobs();
    for (int place = 0; place < jobs.size(); place++) {
      writeJob(jobs.get(place), result, place);
    }
    out.writeEndArray();
    writeDriveUse(result);
    own.write(result);
    out.writeEndObject();
  }

  private void writeJob(JobResult job, BenchResult result, int place) throws IOException {
    Unified unified = job.reporting().unified();
    out.writeStartObject();
    out.writeStringField("jobname", job.name());
    out.writeNumberField("groupid", job.groupId());
    out.writeNumberField("job_start", job.start().toEpochMilli());
    out.writeNumberField("error", job.error());
    out.writeNumberField("eta", 0);
    out.writeNumberField("elapsed", job.elapsedSeconds());
    writeStrings("job options", job.options());
    if (unified != Unified.MIXED) {
      for (Direction direction : Direction.values()) {
        GroupRates group = GroupRates.of(result.reportedJobs(), job.groupId(), direction);
        directions.write(
            direction.lowerCase(), job.direction(direction), job.reporting(), group, bins);
      }
      directions.writeSync(job.sync(), job.reporting(), bins);
    }
    if (unified != Unified.NONE) {
      JobResult mixed = Merging.mixed(job);
      GroupRates group = GroupRates.ofMixed(result.reportedJobs(), job.groupId());
      directions.write("mixed", mixed.direction(Direction.READ), job.reporting(), group, bins);
    }
    writeProcessor(job);
    writePercents("iodepth_level", DepthShares.levels(job.depths().level()));
    writePercents("iodepth_submit", DepthShares.batches(job.depths().submit()));
    writePercents("iodepth_complete", DepthShares.batches(job.depths().complete()));
    LatencyClasses classes = LatencyClasses.of(job);
    writeClasses("latency_ns", classes.nanos());
    writeClasses("latency_us", classes.micros());
    writeClasses("latency_ms", classes.millis());
    LatencyTarget target = job.latencyTarget();
    out.writeNumberField("latency_depth", target.depth());
    out.writeNumberField("latency_target", target.targetNanos());
    writeDouble("latency_percentile", target.percentile());
    out.writeNumberField("latency_window", target.windowMicros());
    if (!job.description().isEmpty()) {
      out.writeStringField("desc", job.description());
    }
    if (job.steadyState().isPresent()) {
      writeSteadyState(job.steadyState().get());
    }
    own.write(job, result, place);
    out.writeEndObject();
  }

  private void writeProcessor(JobResult job) throws IOException {
    ProcessorUse use = job.processor();
    double percentPerNano = 100 / (1e6 * Math.max(job.runtimeMillis(), 1));
    out.writeNumberField("job_runtime", job.runtimeMillis());
    writeDouble("usr_cpu", use.userNanos() * percentPerNano);
    writeDouble("sys_cpu", use.systemNanos() * percentPerNano);
    out.writeNumberField("ctx", use.contextSwitches());
    out.writeNumberField("majf", use.majorFaults());
    out.writeNumberField("minf", use.minorFaults());
  }

  private void writeArray(String name, List<Long> values) throws IOException {
    out.writeArrayFieldStart(name);
    for (long value : values) {
      out.writeNumber(value);
    }
    out.writeEndArray();
  }

  private void writeSteadyState(SteadyState state) throws IOException {
    String what = state.figure().lowerCase() + (state.ofSlope() ? "_slope" : "");
    String unit = state.percent() ? "%" : "";
    out.writeObjectFieldStart("steadystate");
    out.writeStringField("ss", what + ":" + FioFigures.fixed(state.limit(), 6) + unit);
    out.writeNumberField("duration", state.durationSeconds());
    out.writeNumberField("attained", state.attained() ? 1 : 0);
    out.writeStringField("criterion", FioFigures.fixed(state.criterion(), 6) + unit);
    writeDouble("max_deviation", state.maxDeviation());
    writeDouble("slope", state.slope());
    out.writeObjectFieldStart("data");
    out.writeNumberField("bw_mean", (long) state.meanBandwidth());
    out.writeNumberField("iops_mean", (long) state.meanIops());
    if (state.figure() == SteadyState.Figure.LAT) {
      out.writeNumberField("lat_mean", (long) state.meanLatency());
      writeArray("lat_ns", state.latency());
    }
    writeArray("iops", state.iops());
    writeArray("bw", state.bandwidth());
    out.writeEndObject();
    out.writeEndObject();
  }

  private void writeDriveUse(BenchResult result) throws IOException {
    List<DriveUse> uses = DriveUse.ofAll(result);
    out.writeArrayFieldStart("disk_util");
    for (int drive = 0; drive < uses.size(); drive++) {
      DriveUse use = uses.get(drive);
      out.writeStartObject();
      out.writeStringField("name", result.drives().get(drive).address());
      out.writeNumberField("read_ios", use.readIos());
      out.writeNumberField("write_ios", use.writeIos());
      out.writeNumberField("read_merges", 0);
      out.writeNumberField("write_merges", 0);
      out.writeNumberField("read_ticks", use.readMillis());
      out.writeNumberField("write_ticks", use.writeMillis());
      out.writeNumberField("in_queue", use.totalMillis());
      writeDouble("util", use.percent());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private void writeStrings(String name, Map<String, String> values) throws IOException {
    out.writeObjectFieldStart(name);
    for (Map.Entry<String, String> value : values.entrySet()) {
      out.writeStringField(value.getKey(), value.getValue());
    }
    out.writeEndObject();
  }

  private void writePercents(String name, Map<String, Double> percents) throws IOException {
    out.writeObjectFieldStart(name);
    for (Map.Entry<String, Double> percent : percents.entrySet()) {
      writeDouble(percent.getKey(), percent.getValue());
    }
    out.writeEndObject();
  }

  private void writeClasses(String name, double[] percents) throws IOException {
    out.writeObjectFieldStart(name);
    for (int i = 0; i < percents.length; i++) {
      writeDouble(LatencyClasses.NAMES.get(i), percents[i]);
    }
    out.writeEndObject();
  }

  private void writeDouble(String name, double value) throws IOException {
    DirectionJson.writeDouble(out, name, value);
  }
}
