package sluice.bench.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.bench.result.JobNames;
import sluice.bench.result.RoundFigure;

/** A JSON report that was read again, ours or fio's: figures by name, job by job. */
final class ReportFile {
  private static final List<String> DIRECTIONS = List.of("read", "write", "trim", "mixed");

  /** Of a processor; so that shares can be divided by each other. */
  private static final double LEAST_SHARE = 1e-6;

  private static final String WAITED = "cpu_wait_share";

  /** More than any run of ours has. */
  private static final int MOST_ROUNDS = 1000;

  private final Path path;
  private boolean interrupted;

  /** By job and direction: {@code randread read}; the second job of a name is {@code NAME#2}. */
  private final Map<String, Row> rows = new LinkedHashMap<>();

  /**
   * A direction of a job.
   *
   * @param job its name
   * @param options the job's, with the global ones
   * @param figures as fio reports them
   * @param rounds ours; empty where the jobs ran once
   * @param waits by round, which share of its time the job waited for a processor; empty where that
   *     is not known
   */
  private record Row(
      String job,
      Map<String, String> options,
      Map<?, ?> figures,
      Map<?, ?> rounds,
      List<Double> waits) {}

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
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(path + " is not JSON: it is not text", e);
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
    interrupted = Boolean.TRUE.equals(map(root, "sluice").get("interrupted"));
    JobNames names = new JobNames();
    for (Object item : jobs) {
      if (!(item instanceof Map<?, ?> job) || !(job.get("jobname") instanceof String name)) {
        throw new IllegalArgumentException(path + " has a job without a name");
      }
      String unique = names.unique(name);
      Map<String, String> options = new LinkedHashMap<>();
      map(root, "global options").forEach((k, v) -> options.put(k.toString(), String.valueOf(v)));
      map(job, "job options").forEach((k, v) -> options.put(k.toString(), String.valueOf(v)));
      options.remove("name");
      Map<?, ?> rounds = map(map(job, "sluice"), "rounds");
      for (String direction : DIRECTIONS) {
        Map<?, ?> ours = map(rounds, direction);
        if (job.get(direction) instanceof Map<?, ?> figures
            && (number(figures, "total_ios") > 0 || !ours.isEmpty())) {
          rows.put(
              unique + " " + direction,
              new Row(unique, options, figures, ours, waits(unique, map(job, "sluice"), rounds)));
        }
      }
    }
  }

  private static Map<?, ?> map(Map<?, ?> node, String key) {
    return node.get(key) instanceof Map<?, ?> inner ? inner : Map.of();
  }

  Path path() {
    return path;
  }

  boolean isInterrupted() {
    return interrupted;
  }

  /** Jobs and directions in which something was done. */
  List<String> rows() {
    return List.copyOf(rows.keySet());
  }

  /** Whether the row is there. */
  boolean has(String row) {
    return rows.containsKey(row);
  }

  /** The job of a row that is there. */
  String job(String row) {
    return rows.get(row).job();
  }

  /** The options of the job of a row that is there, as they were written. */
  Map<String, String> options(String row) {
    return rows.get(row).options();
  }

  /**
   * A figure of each round of a row that is there; one value if the jobs ran once.
   *
   * @return empty when the report does not have it
   * @throws IllegalArgumentException if the file's rounds are no good
   */
  List<Double> rounds(String row, RoundFigure figure) {
    Map<?, ?> ours = rows.get(row).rounds();
    if (ours.isEmpty()) {
      double once = once(row, figure);
      return isPossible(once) ? List.of(once) : List.of();
    }
    return each(job(row), map(ours, figure.key()));
  }

  private List<Double> each(String job, Map<?, ?> series) {
    if (!(series.get("each") instanceof List<?> each)) {
      return List.of();
    }
    if (each.size() > MOST_ROUNDS) {
      throw new IllegalArgumentException(
          "%s has more than %d rounds of job %s".formatted(path, MOST_ROUNDS, job));
    }
    List<Double> values = new ArrayList<>();
    for (Object value : each) {
      if (!(value instanceof Number number) || !isPossible(number.doubleValue())) {
        throw new IllegalArgumentException(
            "%s has a round of job %s that is no figure: %s".formatted(path, job, value));
      }
      values.add(number.doubleValue());
    }
    return values;
  }

  private List<Double> waits(String job, Map<?, ?> ours, Map<?, ?> rounds) {
    List<Double> waits = each(job, map(rounds, WAITED));
    if (waits.isEmpty() && ours.get(WAITED) instanceof Number once) {
      waits = List.of(once.doubleValue());
    }
    if (waits.stream().anyMatch(wait -> !(wait >= 0 && wait <= 1))) {
      throw new IllegalArgumentException(
          "%s has a job %s that waited for more than all of its time".formatted(path, job));
    }
    return waits;
  }

  /**
   * By round, which share of its time the job of a row that is there had a processor: more than 0,
   * to 1. Empty where that is not known.
   */
  List<Double> hadProcessor(String row) {
    return rows.get(row).waits().stream().map(wait -> Math.max(LEAST_SHARE, 1 - wait)).toList();
  }

  private static boolean isPossible(double value) {
    return Double.isFinite(value) && value >= 0;
  }

  private double once(String row, RoundFigure figure) {
    return switch (figure) {
      case IOPS -> figure(row, "iops");
      case BANDWIDTH -> figure(row, "bw");
      case MEAN -> figure(row, "clat_ns", "mean");
      case P50 -> figure(row, "clat_ns", "percentile", "50.000000");
      case P99 -> figure(row, "clat_ns", "percentile", "99.000000");
      case P999 -> figure(row, "clat_ns", "percentile", "99.900000");
      case INTENDED_P99 -> Double.NaN;
    };
  }

  /** Commands of a row that is there, in the round that has the fewest. */
  double fewestIos(String row) {
    Map<?, ?> ours = rows.get(row).rounds();
    return ours.isEmpty() ? figure(row, "total_ios") : number(ours, "fewest_ios");
  }

  private double figure(String row, String... keys) {
    Map<?, ?> node = rows.get(row).figures();
    for (int i = 0; i < keys.length - 1; i++) {
      node = map(node, keys[i]);
    }
    return number(node, keys[keys.length - 1]);
  }

  private static double number(Map<?, ?> node, String key) {
    return node.get(key) instanceof Number number ? number.doubleValue() : Double.NaN;
  }
}
