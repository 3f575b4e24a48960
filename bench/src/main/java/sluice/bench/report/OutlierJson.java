package sluice.bench.report;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import sluice.bench.result.Io;
import sluice.bench.result.SlowIo;
import sluice.bench.result.SlowestIos;
import sluice.bench.result.StuckIo;
import sluice.bench.result.StuckIos;

/** Writes single I/Os: those that were stuck, and the slowest. */
final class OutlierJson {
  private final JsonGenerator out;

  OutlierJson(JsonGenerator out) {
    this.out = out;
  }

  /** The object {@code stuck} of a job. */
  void write(StuckIos stuck) throws IOException {
    out.writeObjectFieldStart("stuck");
    out.writeNumberField("threshold_ns", stuck.thresholdNanos());
    out.writeNumberField("count", stuck.count());
    out.writeNumberField("longest_ns", stuck.longestNanos());
    out.writeArrayFieldStart("first");
    for (StuckIo each : stuck.first()) {
      out.writeStartObject();
      writeIo(each.io());
      out.writeNumberField("ns", each.nanos());
      out.writeBooleanField("over", each.isOver());
      out.writeStringField("end", each.end());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  /** The list {@code slowest} of a job. */
  void write(SlowestIos slowest) throws IOException {
    out.writeArrayFieldStart("slowest");
    for (SlowIo each : slowest.ios()) {
      out.writeStartObject();
      writeIo(each.io());
      out.writeNumberField("ns", each.nanos());
      out.writeNumberField("others_out", each.others());
      out.writeNumberField("stalled_ns", each.stalledNanos());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private void writeIo(Io io) throws IOException {
    out.writeStringField("rw", io.command());
    out.writeNumberField("at_ns", io.startNanos());
    out.writeNumberField("drive", io.drive());
    out.writeNumberField("queue", io.queue());
    out.writeNumberField("offset", io.offset());
    out.writeNumberField("lba", io.lba());
    out.writeNumberField("bytes", io.length());
  }
}
