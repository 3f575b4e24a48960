package sluice.bench.report;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import sluice.bench.result.Io;
import sluice.bench.result.StuckIo;
import sluice.bench.result.StuckIos;

/** Writes single I/Os: those that were stuck. */
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
