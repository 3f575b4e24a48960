package sluice.bench.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What differs between two JSON reports, ours or fio's, job by job, and whether it is more than
 * noise.
 *
 * <p>The noise of a rate is three standard errors of the difference: both reports tell the
 * deviation and the number of their samples (one per half second), and the error of a mean is the
 * deviation over the root of the number. Commands within a sample depend on one another, so that
 * their own spread would promise too much: the error of a latency, as a share of it, is at least
 * that of the rate. Besides, a percentile with fewer than ten commands above it is not judged, and
 * none is finer than fio's histograms, whose bins are 1/64 wide.
 */
public final class Comparison {
  private static final double ERRORS = 3;
  private static final Errors UNKNOWN = new Errors(Double.NaN, Double.NaN);

  /** Half a bin of fio's histograms, as if it were three standard errors. */
  private static final Errors BINS = new Errors(1 / 128.0 / ERRORS, 1 / 128.0 / ERRORS);

  private static final double LEAST_ABOVE = 10;
  private static final List<Double> PERCENTILES = List.of(50.0, 99.0, 99.9);

  private final ReportFile before;
  private final ReportFile after;
  private final List<Difference> differences = new ArrayList<>();

  private Comparison(ReportFile before, ReportFile after) {
    this.before = before;
    this.after = after;
    for (String row : before.rows()) {
      if (after.has(row)) {
        compare(row);
      }
    }
  }

  /**
   * Compares two reports.
   *
   * @throws IllegalArgumentException when one cannot be read, is not a report, or when they have no
   *     job in common; the message is one line
   */
  public static Comparison of(Path before, Path after) {
    Comparison comparison = new Comparison(ReportFile.read(before), ReportFile.read(after));
    if (comparison.differences.isEmpty()) {
      throw new IllegalArgumentException(
          before + " and " + after + " have no job of the same name and direction in common");
    }
    return comparison;
  }

  /** All figures that both reports have. */
  public List<Difference> differences() {
    return List.copyOf(differences);
  }

  private void compare(String row) {
    Errors iops = errors(row, "iops_mean", "iops_stddev", "iops_samples");
    Errors bandwidth = errors(row, "bw_mean", "bw_dev", "bw_samples");
    add(row, "iops", iops, true, "iops");
    add(row, "bw KiB/s", bandwidth, true, "bw");
    add(row, "clat mean us", iops.atLeast(latencyErrors(row)), false, "clat_ns", "mean");
    for (double percentile : PERCENTILES) {
      double commands =
          Math.min(before.figure(row, "clat_ns", "N"), after.figure(row, "clat_ns", "N"));
      boolean enough = commands * (1 - percentile / 100) >= LEAST_ABOVE;
      Errors errors = enough ? iops.atLeast(BINS) : UNKNOWN;
      String name = "clat p" + (percentile % 1 == 0 ? FioFigures.fixed(percentile, 0) : percentile);
      String key = FioFigures.fixed(percentile, 6);
      add(row, name + " us", errors, false, "clat_ns", "percentile", key);
    }
  }

  private void add(String row, String name, Errors errors, boolean moreIsBetter, String... keys) {
    double scale = keys[0].equals("clat_ns") ? 1e-3 : 1;
    double a = before.figure(row, keys) * scale;
    double b = after.figure(row, keys) * scale;
    if (Double.isFinite(a) && Double.isFinite(b)) {
      double noise = ERRORS * Math.hypot(errors.before() * a, errors.after() * b) / a;
      differences.add(new Difference(row, name, a, b, noise, moreIsBetter));
    }
  }

  /**
   * Standard errors of a figure in both reports, as shares of the figure; NaN when not known.
   *
   * @param before in the first
   * @param after in the second
   */
  private record Errors(double before, double after) {
    Errors atLeast(Errors other) {
      return new Errors(Math.max(before, other.before), Math.max(after, other.after));
    }
  }

  private Errors errors(String row, String mean, String deviation, String samples) {
    return new Errors(
        error(before, row, mean, deviation, samples), error(after, row, mean, deviation, samples));
  }

  private static double error(
      ReportFile report, String row, String mean, String deviation, String samples) {
    double count = report.figure(row, samples);
    return count < 2
        ? Double.NaN
        : report.figure(row, deviation) / Math.sqrt(count) / report.figure(row, mean);
  }

  private Errors latencyErrors(String row) {
    return new Errors(latencyError(before, row), latencyError(after, row));
  }

  private static double latencyError(ReportFile report, String row) {
    double count = report.figure(row, "clat_ns", "N");
    return count < 2
        ? Double.NaN
        : report.figure(row, "clat_ns", "stddev")
            / Math.sqrt(count)
            / report.figure(row, "clat_ns", "mean");
  }

  /** The table, and below it how noise was judged; with a line feed at its end. */
  public String toText() {
    StringBuilder out = new StringBuilder();
    int width = differences.stream().mapToInt(d -> d.row().length()).max().orElse(0);
    String pattern = "%-" + Math.max(width, 4) + "s  %-14s %14s %14s %9s %8s  %s%n";
    out.append("a: ").append(before.path()).append("\nb: ").append(after.path()).append("\n\n");
    out.append(String.format(Locale.ROOT, pattern, "job", "", "a", "b", "change", "noise", ""));
    String last = "";
    for (Difference difference : differences) {
      String row = difference.row().equals(last) ? "" : difference.row();
      last = difference.row();
      out.append(
          String.format(
              Locale.ROOT,
              pattern,
              row,
              difference.figure(),
              grouped(difference.before()),
              grouped(difference.after()),
              percent(difference.change(), "+"),
              Double.isNaN(difference.noise()) ? "?" : percent(difference.noise(), ""),
              difference.verdict().name().toLowerCase(Locale.ROOT)));
    }
    nameMissing(out, before, after);
    nameMissing(out, after, before);
    out.append('\n').append(HOW);
    return out.toString();
  }

  private static final String HOW =
      """
      noise: three standard errors of the difference, from deviation and number of the rates' samples;
      of a latency at least that of the rate, of a percentile at least half a bin of fio's (0.8%).
      unknown: fewer than two samples, or fewer than ten commands above the percentile.
      """;

  private static void nameMissing(StringBuilder out, ReportFile has, ReportFile hasNot) {
    for (String row : has.rows()) {
      if (!hasNot.has(row)) {
        out.append("only in ").append(has.path()).append(": ").append(row).append('\n');
      }
    }
  }

  private static String grouped(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%,.2f" : "%,.0f", value);
  }

  private static String percent(double share, String sign) {
    return Double.isFinite(share)
        ? String.format(Locale.ROOT, "%" + sign + ".1f%%", share * 100)
        : "?";
  }
}
