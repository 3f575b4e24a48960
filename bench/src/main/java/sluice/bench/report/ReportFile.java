package sluice.bench.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A JSON report that was read again, ours or fio's: figures by name, job by job. */
final class ReportFile {
  private static final List<String> DIRECTIONS = List.of("read", "write", "trim", "mixed");

  private final Path path;

  /** By job and direction: {@code randread read}; the second job of a name is {@code NAME#2}. */
  private final Map<String, Map<?, ?>> rows = new LinkedHashMap<>();

  private ReportFile(Path path) {
    this.path = path;
  }

  /**
   * Reads a report. Lines before the first brace are passed over: fio puts its notes there.
   *
   * @throws IllegalArgumentException when it is not a report; the message names the file and says
   *     why
   */
  static ReportFile read(Path path) {
    ReportFile report = new ReportFile(path);
    try {
      report.take(JSON.std.mapFrom(onlyJson(path)));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(path + " is not JSON: " + reason(e), e);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("there is no file " + path, e);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + path + ": " + e.getMessage(), e);
    }
    return report;
  }

  /** The parser's first words, without what it says of itself. */
  private static String reason(JsonProcessingException e) {
    String words = e.getOriginalMessage().lines().findFirst().orElse("");
    int aside = words.indexOf(" (start marker");
    return aside < 0 ? words : words.substring(0, aside);
  }

  private static String onlyJson(Path path) throws IOException {
    String text = Files.readString(path);
    int start = text.startsWith("{") ? 0 : text.indexOf("\n{") + 1;
    if (!text.startsWith("{", start)) {
      throw new IllegalArgumentException(
          path + " has no JSON: run fio or sluice bench with --output-format=json");
    }
    int end = text.indexOf("\n}", start);
    return end < 0 ? text.substring(start) : text.substring(start, end + 2);
  }

  private void take(Map<String, Object> root) {
    if (!(root.get("jobs") instanceof List<?> jobs) || jobs.isEmpty()) {
      throw new IllegalArgumentException(
          path + " has no jobs: is it a report of fio or of sluice bench?");
    }
    Map<String, Integer> seen = new LinkedHashMap<>();
    for (Object item : jobs) {
      if (!(item instanceof Map<?, ?> job) || !(job.get("jobname") instanceof String name)) {
        throw new IllegalArgumentException(path + " has a job without a name");
      }
      int number = seen.merge(name, 1, Integer::sum);
      String unique = number == 1 ? name : name + "#" + number;
      for (String direction : DIRECTIONS) {
        if (job.get(direction) instanceof Map<?, ?> figures && number(figures, "total_ios") > 0) {
          rows.put(unique + " " + direction, figures);
        }
      }
    }
  }

  Path path() {
    return path;
  }

  /** Jobs and directions in which something was done. */
  List<String> rows() {
    return List.copyOf(rows.keySet());
  }

  /** Whether the row is there. */
  boolean has(String row) {
    return rows.containsKey(row);
  }

  /**
   * A figure of a row.
   *
   * @param keys the way to it: {@code clat_ns, percentile, 99.000000}
   * @return NaN when the report does not have it
   */
  double figure(String row, String... keys) {
    Map<?, ?> node = rows.get(row);
    for (int i = 0; node != null && i < keys.length - 1; i++) {
      node = node.get(keys[i]) instanceof Map<?, ?> inner ? inner : null;
    }
    return node == null ? Double.NaN : number(node, keys[keys.length - 1]);
  }

  private static double number(Map<?, ?> node, String key) {
    return node.get(key) instanceof Number number ? number.doubleValue() : Double.NaN;
  }
}
