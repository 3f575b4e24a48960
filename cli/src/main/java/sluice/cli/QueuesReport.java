package sluice.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import sluice.bench.modes.Figures;
import sluice.bench.modes.LayoutResult;
import sluice.bench.modes.LayoutResult.Row;

/**
 * What {@code bench queues} prints.
 *
 * @param drives their addresses
 * @param rounds of which the figures are the medians
 */
record QueuesReport(List<String> drives, int rounds, LayoutResult result) {
  private static final double MIB = 1 << 20;

  /** For people: a line for each layout of each job, of all drives together. */
  void print(PrintStream out) {
    out.printf(
        "%s: %s%n",
        String.join(", ", drives), rounds == 1 ? "one round" : "medians of " + rounds + " rounds");
    Output.Table table =
        new Output.Table(
            "job",
            "rw",
            "queues",
            ">IOPS",
            ">spread",
            ">to first",
            ">MiB/s",
            ">p50 us",
            ">p99 us",
            ">p99.9 us",
            ">CPU us/IO");
    String last = "";
    for (Row row : result.rows()) {
      if (row.drive() == LayoutResult.ALL) {
        Figures figures = row.figures();
        String job = row.job() + " " + row.direction();
        table.row(
            job.equals(last) ? "" : row.job(),
            job.equals(last) ? "" : row.direction().lowerCase(),
            row.layout().toString(),
            "%.0f".formatted(figures.iops()),
            "%.0f%%".formatted(100 * row.spread()),
            "%.2fx".formatted(row.toFirst()),
            "%.1f".formatted(row.bytesPerSecond() / MIB),
            micros(figures.p50()),
            micros(figures.p99()),
            micros(figures.p999()),
            micros(figures.processor()));
        last = job;
      }
    }
    table.print(out);
  }

  private static String micros(double nanos) {
    return "%.2f".formatted(nanos / 1000);
  }

  /** For spreadsheets: also a line for each drive of a job that is on several. */
  String csv() {
    StringBuilder text =
        new StringBuilder(
            "job,rw,drive,queues,iops,spread,to_first,mib_per_s,p50_us,p99_us,p999_us,cpu_us_per_io\n");
    for (Row row : result.rows()) {
      Figures figures = row.figures();
      boolean isAll = row.drive() == LayoutResult.ALL;
      text.append(
          String.format(
              Locale.ROOT,
              "%s,%s,%s,%s,%.1f,%.4f,%.4f,%.3f,%.3f,%.3f,%.3f,%s\n",
              quoted(row.job()),
              row.direction().lowerCase(),
              isAll ? "all" : row.drive(),
              row.layout(),
              figures.iops(),
              row.spread(),
              row.toFirst(),
              row.bytesPerSecond() / MIB,
              figures.p50() / 1000,
              figures.p99() / 1000,
              figures.p999() / 1000,
              isAll ? String.format(Locale.ROOT, "%.3f", figures.processor() / 1000) : ""));
    }
    return text.toString();
  }

  private static String quoted(String text) {
    return text.matches("[^,\"\\r\\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  /** For programs. */
  Map<String, Object> json() {
    List<Object> rows = new ArrayList<>();
    result.rows().forEach(row -> rows.add(json(row)));
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("drives", drives);
    all.put("rounds", rounds);
    all.put("rows", rows);
    return all;
  }

  private static Map<String, Object> json(Row row) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("job", row.job());
    values.put("rw", row.direction().lowerCase());
    if (row.drive() != LayoutResult.ALL) {
      values.put("drive", row.drive());
    }
    values.put("queues", row.layout().toString());
    values.put("iops", row.figures().iops());
    values.put("spread", row.spread());
    values.put("toFirst", row.toFirst());
    values.put("bytesPerSecond", row.bytesPerSecond());
    values.put("p50Nanos", row.figures().p50());
    values.put("p99Nanos", row.figures().p99());
    values.put("p99.9Nanos", row.figures().p999());
    if (row.drive() == LayoutResult.ALL) {
      values.put("processorNanosPerIo", row.figures().processor());
    }
    return values;
  }
}
