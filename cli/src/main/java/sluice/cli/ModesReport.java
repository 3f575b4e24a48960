package sluice.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.bench.modes.Figures;
import sluice.bench.modes.ModeComparison.Load;
import sluice.bench.modes.ModeResult;
import sluice.bench.modes.ModeResult.Row;
import sluice.bench.modes.Shape;

/**
 * What {@code bench modes} prints.
 *
 * @param drive its address
 * @param rounds of which the figures are the medians
 */
record ModesReport(String drive, Load load, int rounds, ModeResult result) {
  private static final long MILLISECOND = 1_000_000;

  /** For people: a line for each mode of each shape. */
  void print(PrintStream out) {
    out.printf(
        "%s: %s of %d bytes, %s of %d ms%n",
        drive,
        load.access(),
        load.bytes(),
        rounds == 1 ? "one round" : "medians of " + rounds + " rounds",
        load.runtimeNanos() / MILLISECOND);
    if (!result.hasInterrupts()) {
      out.println("This drive has no interrupts for this process: it can only be polled.");
    }
    for (Shape shape : result.leftOut()) {
      out.printf(
          "%d queues of depth %d are left out: the drive has fewer queues.%n",
          shape.queues(), shape.depth());
    }
    Output.Table table =
        new Output.Table(
            ">out",
            ">queues",
            ">depth",
            "mode",
            ">IOPS",
            ">spread",
            ">to polled",
            ">p50 us",
            ">p99 us",
            ">p99.9 us",
            ">CPU us/IO");
    for (Row row : result.rows()) {
      Figures figures = row.figures();
      table.row(
          Integer.toString(row.shape().outstanding()),
          Integer.toString(row.shape().queues()),
          Integer.toString(row.shape().depth()),
          row.mode().toString(),
          "%.0f".formatted(figures.iops()),
          "%.0f%%".formatted(100 * row.spread()),
          "%.2fx".formatted(row.toPolled()),
          micros(figures.p50()),
          micros(figures.p99()),
          micros(figures.p999()),
          micros(figures.processor()));
    }
    table.print(out);
  }

  private static String micros(double nanos) {
    return "%.2f".formatted(nanos / 1000);
  }

  /** For programs. */
  Map<String, Object> json() {
    List<Object> rows = new ArrayList<>();
    for (Row row : result.rows()) {
      rows.add(json(row));
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("drive", drive);
    all.put("rw", load.access().toString());
    all.put("bytes", load.bytes());
    all.put("runtimeMillis", load.runtimeNanos() / MILLISECOND);
    all.put("rounds", rounds);
    all.put("interrupts", result.hasInterrupts());
    all.put("rows", rows);
    return all;
  }

  private static Map<String, Object> json(Row row) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("queues", row.shape().queues());
    values.put("depth", row.shape().depth());
    values.put("mode", row.mode().toString());
    values.put("iops", row.figures().iops());
    values.put("spread", row.spread());
    values.put("toPolled", row.toPolled());
    values.put("p50Nanos", row.figures().p50());
    values.put("p99Nanos", row.figures().p99());
    values.put("p99.9Nanos", row.figures().p999());
    values.put("processorNanosPerIo", row.figures().processor());
    return values;
  }
}
