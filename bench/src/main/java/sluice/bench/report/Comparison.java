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
 * their own spread would promise too much: the noise of a latency is at least that of the rate.
 * Besides, a percentile that rests on fewer than ten commands above it is not judged, and none is
 * finer than the bins of fio's histograms, 1/64.
 */
public final class Comparison {
  private static final double ERRORS = 3;
  private static final double BIN = 1 / 64.0;
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
    double rateNoise = meanNoise(row, "iops_mean", "iops_stddev", "iops_samples");
    add(row, "iops", rateNoise, true, "iops");
    double bandwidthNoise = meanNoise(row, "bw_mean", "bw_dev", "bw_samples");
    add(row, "bw KiB/s", bandwidthNoise, true, "bw");
    double ownNoise = latencyNoise(row);
    add(row, "clat mean us", Math.max(rateNoise, ownNoise), false, "clat_ns", "mean");
    for (double percentile : PERCENTILES) {
      double commands =
          Math.min(before.figure(row, "clat_ns", "N"), after.figure(row, "clat_ns", "N"));
      boolean enough = commands * (1 - percentile / 100) >= LEAST_ABOVE;
      String key = Units.fixed(percentile, 6);
      String name = "clat p" + (percentile % 1 == 0 ? Units.fixed(percentile, 0) : percentile);
      double noise = enough ? Math.max(rateNoise, 2 * BIN) : Double.NaN;
      add(row, name + " us", noise, false, "clat_ns", "percentile", key);
    }
  }

  private void add(String row, String name, double noise, boolean moreIsBetter, String... keys) {
    double scale = keys[0].equals("clat_ns") ? 1e-3 : 1;
    double a = before.figure(row, keys) * scale;
    double b = after.figure(row, keys) * scale;
    if (Double.isFinite(a) && Double.isFinite(b)) {
      differences.add(new Difference(row, name, a, b, noise, moreIsBetter));
    }
  }

  private double meanNoise(String row, String mean, String deviation, String samples) {
    double a = error(before, row, deviation, samples);
    double b = error(after, row, deviation, samples);
    return ERRORS * Math.hypot(a, b) / before.figure(row, mean);
  }

  private static double error(ReportFile report, String row, String deviation, String samples) {
    double count = report.figure(row, samples);
    return count < 2 ? Double.NaN : report.figure(row, deviation) / Math.sqrt(count);
  }

  private double latencyNoise(String row) {
    double a = latencyError(before, row);
    double b = latencyError(after, row);
    return ERRORS * Math.hypot(a, b) / before.figure(row, "clat_ns", "mean");
  }

  private static double latencyError(ReportFile report, String row) {
    double count = report.figure(row, "clat_ns", "N");
    return count < 2 ? Double.NaN : report.figure(row, "clat_ns", "stddev") / Math.sqrt(count);
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
      of a latency at least that of the rate, of a percentile at least two bins of fio's (3.1%).
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
