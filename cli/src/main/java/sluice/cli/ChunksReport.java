package sluice.cli;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import sluice.bench.chunks.ChunksBench.Load;
import sluice.bench.chunks.ChunksResult;
import sluice.bench.chunks.ChunksResult.Full;
import sluice.bench.chunks.ChunksResult.Session;
import sluice.bench.chunks.ChunksResult.Times;
import sluice.bench.cliff.CliffResult;
import sluice.support.text.Units;

/**
 * What {@code bench chunks} prints.
 *
 * @param drive its address
 */
record ChunksReport(String drive, Load load, ChunksResult result) {
  private static final double MIB = 1 << 20;

  /** For people. */
  void print(PrintStream out) {
    out.printf(
        "%s: chunks of %d bytes, %d out at a time, %s%n",
        drive,
        load.shape().chunk(),
        load.shape().depth(),
        load.repeats() == 1 ? "one session" : "medians of " + load.repeats() + " sessions");
    Output.Table table =
        new Output.Table(
            ">chunks",
            ">bytes",
            ">write MiB/s",
            ">least",
            ">most",
            ">us",
            ">read MiB/s",
            ">least",
            ">most",
            ">us");
    for (Session session : result.sessions()) {
      Times write = session.write();
      Times read = session.read();
      table.row(
          Integer.toString(session.chunks()),
          Units.formatSize(session.bytes()),
          rate(session.bytes(), write.median()),
          rate(session.bytes(), write.most()),
          rate(session.bytes(), write.least()),
          micros(write.median()),
          rate(session.bytes(), read.median()),
          rate(session.bytes(), read.most()),
          rate(session.bytes(), read.least()),
          micros(read.median()));
    }
    table.print(out);
    result.full().ifPresent(full -> print(out, full));
    if (result.interrupted()) {
      out.println("It was interrupted: what is missing was not measured.");
    }
  }

  private static void print(PrintStream out, Full full) {
    CliffResult write = full.write();
    out.printf(
        Locale.ROOT,
        "full: %s written with %.1f MiB/s, %s read back with %.1f MiB/s%n",
        Units.formatSize(write.bytes()),
        write.rate(0, write.stepEnds().size()) / MIB,
        Units.formatSize(full.read().bytes()),
        full.read().rate(0, full.read().stepEnds().size()) / MIB);
    if (full.makingBytesPerSecond() > 0) {
      out.printf(
          Locale.ROOT,
          "      the data alone can be made with %.1f MiB/s here%n",
          full.makingBytesPerSecond() / MIB);
    }
    if (write.hasCliff()) {
      out.printf(
          Locale.ROOT,
          "      the cliff is at %s (to within %s): %.1f MiB/s before it, %.1f MiB/s sustained%n",
          Units.formatSize(write.cliffBytes()),
          Units.formatSize(write.errorBytes()),
          write.fastBytesPerSecond() / MIB,
          write.sustainedBytesPerSecond() / MIB);
    } else {
      out.println("      no cliff");
    }
    out.printf(
        "      pauses over %s: %d while it was written, the longest %s; %d while it was read%n",
        Units.formatDuration(write.pauses().thresholdNanos()),
        write.pauses().count(),
        Units.formatDuration(write.pauses().longestNanos()),
        full.read().pauses().count());
    out.printf(
        "      last byte written %d, last byte read %d%n",
        write.bytes() - 1, full.read().bytes() - 1);
    out.println(
        full.differentBlocks() == 0
            ? "      every byte that was read is as it was written"
            : "      %d blocks are not as they were written; the first: %s"
                .formatted(full.differentBlocks(), full.firstDifference()));
  }

  private static String rate(long bytes, long nanos) {
    return String.format(Locale.ROOT, "%.1f", bytes * 1e9 / Math.max(1, nanos) / MIB);
  }

  private static String micros(long nanos) {
    return String.format(Locale.ROOT, "%.1f", nanos / 1e3);
  }

  /** For programs: rates in bytes per second, times in nanoseconds. */
  Map<String, Object> json() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("drive", drive);
    all.put("chunkBytes", load.shape().chunk());
    all.put("iodepth", load.shape().depth());
    all.put("repeats", load.repeats());
    all.put("interrupted", result.interrupted());
    all.put("sessions", result.sessions().stream().map(ChunksReport::json).toList());
    result.full().ifPresent(full -> all.put("full", json(full)));
    return all;
  }

  private static Map<String, Object> json(Session session) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("chunks", session.chunks());
    values.put("bytes", session.bytes());
    values.put("write", json(session.write(), session.bytes()));
    values.put("read", json(session.read(), session.bytes()));
    return values;
  }

  private static Map<String, Object> json(Times times, long bytes) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("bytesPerSecond", times.bytesPerSecond(bytes));
    values.put("medianNanos", times.median());
    values.put("leastNanos", times.least());
    values.put("mostNanos", times.most());
    return values;
  }

  private static Map<String, Object> json(Full full) {
    Map<String, Object> values = new LinkedHashMap<>();
    CliffResult write = full.write();
    values.put("writtenBytes", write.bytes());
    values.put("writeBytesPerSecond", write.rate(0, write.stepEnds().size()));
    values.put("readBytes", full.read().bytes());
    values.put("readBytesPerSecond", full.read().rate(0, full.read().stepEnds().size()));
    values.put("makingBytesPerSecond", full.makingBytesPerSecond());
    values.put("cliff", write.hasCliff());
    values.put("cliffBytes", write.cliffBytes());
    values.put("errorBytes", write.errorBytes());
    values.put("sustainedBytesPerSecond", write.sustainedBytesPerSecond());
    values.put("writePauses", write.pauses().count());
    values.put("longestWritePauseNanos", write.pauses().longestNanos());
    values.put("differentBlocks", full.differentBlocks());
    values.put("firstDifference", full.firstDifference());
    return values;
  }
}
