package sluice.bench.job;

import java.util.Locale;
import sluice.bench.result.SteadyState.Figure;

/**
 * The option {@code steadystate}: when a job's rate is steady enough to end it.
 *
 * @param figure what has to be steady
 * @param slope whether by the slope of a line through the samples, or by their largest deviation
 *     from their mean
 * @param limit of that, in units of the figure or as a part of the mean
 * @param relative whether the limit is a part, 0 to 1
 */
public record SteadyStateGoal(Figure figure, boolean slope, double limit, boolean relative) {
  /**
   * {@code iops:0.3%}, {@code bw:10m}, {@code iops_slope:0.1%}, {@code bw_slope:1000}, {@code
   * lat:5us}; a bare number of a latency is of microseconds.
   */
  static SteadyStateGoal parse(String text, int base) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException(
          Values.quote(text) + " has no limit; write it as iops:0.3% or bw_slope:0.1%");
    }
    String name = text.substring(0, colon).trim().toLowerCase(Locale.ROOT);
    boolean slope = name.endsWith("_slope");
    Figure figure =
        Values.choice(
            slope ? name.substring(0, name.length() - "_slope".length()) : name, Figure.class);
    String limit = text.substring(colon + 1).trim();
    boolean relative = limit.endsWith("%");
    double value =
        relative
            ? Values.percent(limit)
            : switch (figure) {
              case BW -> Values.size(limit, base);
              case LAT -> Values.duration(limit, 1000);
              case IOPS -> Values.decimal(limit, 0, 1e15);
            };
    return new SteadyStateGoal(figure, slope, value, relative);
  }
}
