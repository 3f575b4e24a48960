package sluice.bench.report;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import sluice.bench.result.Backlog;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.DriveInfo;
import sluice.bench.result.DriveShare;
import sluice.bench.result.JobResult;
import sluice.bench.result.Pauses;
import sluice.bench.result.RoundFigure;
import sluice.bench.result.Rounds;
import sluice.bench.result.Rounds.Series;
import sluice.bench.result.Span;
import sluice.bench.result.Stalls;

/** Writes what fio has no key for: the object {@code sluice} of the root and of each job. */
final class OwnJson {
  private final JsonGenerator out;
  private final DirectionJson directions;
  private final boolean bins;

  OwnJson(JsonGenerator out, DirectionJson directions, boolean bins) {
    this.out = out;
    this.directions = directions;
    this.bins = bins;
  }

  /**
   * Of a job: pauses and stalls, its buffer, latencies from the intended issue, processor time,
   * verify, its part on each of several drives, and its figures in each round.
   *
   * @param place of the job in the report, from 0
   */
  void write(JobResult job, BenchResult result, int place) throws IOException {
    out.writeObjectFieldStart("sluice");
    out.writeNumberField("members", job.members());
    DirectionJson.writeDouble(out, "cpu_ns_per_io", job.processorNanosPerIo());
    DirectionJson.writeDouble(out, "cpu_wait_share", job.processor().waitShare());
    writePauses(job.pauses());
    writeStalls(job.stalls());
    OutlierJson outliers = new OutlierJson(out);
    outliers.write(job.stuck());
    outliers.write(job.slowest());
    writeBuffer(job.backlog());
    out.writeObjectFieldStart("intended_ns");
    for (Direction direction : Direction.values()) {
      directions.writeLatency(
          direction.lowerCase(), job.direction(direction).intended(), true, job.reporting(), bins);
    }
    out.writeEndObject();
    out.writeObjectFieldStart("verify");
    out.writeNumberField("blocks", job.verify().blocks());
    out.writeNumberField("failures", job.verify().failures());
    out.writeStringField("first_failure", job.verify().firstFailure());
    out.writeEndObject();
    out.writeStringField("error_text", job.errorText());
    writeShares(job, result);
    writeRounds(result.rounds(), place);
    out.writeEndObject();
  }

  private void writeShares(JobResult job, BenchResult result) throws IOException {
    if (job.drives().isEmpty()) {
      return;
    }
    out.writeArrayFieldStart("drives");
    for (DriveShare share : job.drives()) {
      out.writeStartObject();
      out.writeNumberField("drive", share.drive());
      out.writeStringField("address", result.drives().get(share.drive()).address());
      writePauses(share.pauses());
      for (Direction direction : Direction.values()) {
        DirectionResult done = share.direction(direction);
        if (done.ios() > 0) {
          out.writeObjectFieldStart(direction.lowerCase());
          out.writeNumberField("io_bytes", done.bytes());
          out.writeNumberField("total_ios", done.ios());
          out.writeNumberField("bw_bytes", (long) done.bytesPerSecond());
          DirectionJson.writeDouble(out, "iops", done.iosPerSecond());
          directions.writeLatency("clat_ns", done.completion(), true, job.reporting(), bins);
          out.writeEndObject();
        }
      }
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private void writeRounds(Rounds rounds, int place) throws IOException {
    if (!rounds.isWanted() || place >= rounds.jobs().size()) {
      return;
    }
    Rounds.JobRounds job = rounds.jobs().get(place);
    out.writeObjectFieldStart("rounds");
    for (Map.Entry<String, Rounds.Way> way : job.ways().entrySet()) {
      out.writeObjectFieldStart(way.getKey());
      out.writeNumberField("fewest_ios", way.getValue().fewestIos());
      for (Map.Entry<RoundFigure, Series> figure : way.getValue().figures().entrySet()) {
        writeSeries(figure.getKey().key(), figure.getValue());
      }
      out.writeEndObject();
    }
    writeSeries("longest_pause_ns", job.longestPauseNanos());
    writeSeries("buffer_bytes", job.bufferBytes());
    writeSeries("cpu_wait_share", job.waitShare());
    out.writeEndObject();
  }

  private void writeSeries(String name, Series series) throws IOException {
    if (series.isEmpty()) {
      return;
    }
    out.writeObjectFieldStart(name);
    DirectionJson.writeDouble(out, "median", series.median());
    DirectionJson.writeDouble(out, "min", series.min());
    DirectionJson.writeDouble(out, "max", series.max());
    out.writeFieldName("each");
    out.writeRawValue(
        series.values().stream()
            .map(value -> FioFigures.fixed(value, 6))
            .collect(Collectors.joining(", ", "[", "]")));
    out.writeEndObject();
  }

  private void writePauses(Pauses pauses) throws IOException {
    out.writeObjectFieldStart("pauses");
    out.writeNumberField("threshold_ns", pauses.thresholdNanos());
    out.writeNumberField("count", pauses.count());
    out.writeNumberField("total_ns", pauses.totalNanos());
    out.writeNumberField("longest_ns", pauses.longestNanos());
    out.writeNumberField("held_up_bytes", pauses.heldUpBytes());
    writeSpans(pauses.longest());
    out.writeEndObject();
  }

  private void writeStalls(Stalls stalls) throws IOException {
    out.writeObjectFieldStart("stalls");
    out.writeNumberField("threshold_ns", stalls.thresholdNanos());
    out.writeNumberField("count", stalls.count());
    out.writeNumberField("total_ns", stalls.totalNanos());
    out.writeNumberField("longest_ns", stalls.longestNanos());
    out.writeNumberField("latencies", stalls.latencies());
    writeSpans(stalls.longest());
    out.writeEndObject();
  }

  /** When they began, in milliseconds after the job's start, and how long they took. */
  private void writeSpans(List<Span> spans) throws IOException {
    out.writeFieldName("longest");
    out.writeRawValue(
        spans.stream()
            .map(span -> "[" + span.startMillis() + ", " + span.nanos() + "]")
            .collect(Collectors.joining(", ", "[", "]")));
  }

  /** Only where there is a pace. */
  private void writeBuffer(Backlog backlog) throws IOException {
    if (backlog.isEmpty()) {
      return;
    }
    out.writeObjectFieldStart("buffer");
    out.writeBooleanField("rate_kept", backlog.verdict() != Backlog.Verdict.GROWING);
    out.writeNumberField("bytes", backlog.greatestBytes());
    out.writeNumberField("at_ms", backlog.greatestMillis());
    out.writeNumberField("behind_bytes", backlog.endBytes());
    out.writeNumberField("behind_at_ms", backlog.endMillis());
    out.writeNumberField("slice_ms", backlog.sliceMillis());
    out.writeFieldName("backlog");
    StringBuilder slices = new StringBuilder();
    for (Backlog.Slice slice : backlog.slices()) {
      slices.append(slices.isEmpty() ? "[" : ", ");
      slices.append('[').append(slice.startMillis()).append(", ").append(slice.bytes()).append(']');
    }
    out.writeRawValue(slices.append(']').toString());
    out.writeEndObject();
  }

  /** Of the run: the drives, and what the user was warned of. */
  void write(BenchResult result) throws IOException {
    out.writeObjectFieldStart("sluice");
    out.writeStringField("version", result.version());
    out.writeNumberField("start_ms", result.start().toEpochMilli());
    out.writeBooleanField("interrupted", result.interrupted());
    if (result.rounds().isWanted()) {
      out.writeObjectFieldStart("rounds");
      out.writeNumberField("wanted", result.rounds().wanted());
      out.writeNumberField("whole", result.rounds().whole());
      out.writeNumberField("shown", result.rounds().shown());
      out.writeEndObject();
    }
    out.writeFieldName("drive");
    write(result.drive());
    if (result.drives().size() > 1) {
      out.writeArrayFieldStart("drives");
      for (DriveInfo drive : result.drives()) {
        write(drive);
      }
      out.writeEndArray();
    }
    writeBuffer(result.backlog());
    out.writeObjectFieldStart("warm_up");
    out.writeNumberField("ns", result.conditions().warmUp().nanos());
    out.writeBooleanField("steady", result.conditions().warmUp().isSteady());
    out.writeEndObject();
    out.writeObjectFieldStart("conditions");
    for (Map.Entry<String, String> fact : result.conditions().facts().entrySet()) {
      out.writeStringField(fact.getKey(), fact.getValue());
    }
    out.writeEndObject();
    out.writeArrayFieldStart("warnings");
    for (String warning : result.warnings()) {
      out.writeString(warning);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private void write(DriveInfo drive) throws IOException {
    out.writeStartObject();
    out.writeStringField("address", drive.address());
    out.writeStringField("model", drive.model());
    out.writeStringField("serial", drive.serial());
    out.writeStringField("firmware", drive.firmware());
    out.writeNumberField("capacity_bytes", drive.capacityBytes());
    out.writeNumberField("block_bytes", drive.blockBytes());
    if (!drive.iommu().isEmpty()) {
      out.writeStringField("iommu", drive.iommu());
    }
    if (drive.kelvinsBefore() > 0) {
      out.writeNumberField("temperature_before_kelvin", drive.kelvinsBefore());
    }
    if (drive.kelvinsAfter() > 0) {
      out.writeNumberField("temperature_after_kelvin", drive.kelvinsAfter());
    }
    out.writeEndObject();
  }
}
