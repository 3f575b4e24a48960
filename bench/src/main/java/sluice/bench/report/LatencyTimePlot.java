package sluice.bench.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import sluice.bench.result.Direction;
import sluice.bench.result.Interval;

/** Percentiles of latency over time: the median, the 99th, and the greatest of each piece. */
final class LatencyTimePlot {
  private LatencyTimePlot() {}

  /**
   * @param columns pieces of time of each direction
   * @param x the axis of time, in seconds
   */
  static String draw(Map<Direction, List<Interval>> columns, Axis x) {
    long lowest = Long.MAX_VALUE;
    long highest = 1;
    for (List<Interval> intervals : columns.values()) {
      for (Interval interval : intervals) {
        if (interval.ios() > 0) {
          lowest = Math.min(lowest, interval.latency().getValueAtPercentile(50));
          highest = Math.max(highest, interval.latency().getMaxValue());
        }
      }
    }
    Axis y = Axis.logarithmic(Math.min(lowest, highest), highest, Svg.BOTTOM, Svg.TOP);
    Svg svg = new Svg("Percentiles of latency over time").vertical(y, Plots::duration);
    svg.horizontal(x, Plots::plain, "p50 (thin), p99, greatest (dashed) over seconds");
    for (Direction direction : Direction.values()) {
      List<Interval> intervals = columns.get(direction);
      addLine(svg, x, y, direction, intervals, 50, "line thin");
      addLine(svg, x, y, direction, intervals, 99, "line");
      addLine(svg, x, y, direction, intervals, 100, "line thin dash");
    }
    int count = columns.values().stream().mapToInt(List::size).max().orElse(0);
    for (int i = 0; i < count; i++) {
      addHit(svg, x, columns, i);
    }
    return svg.end();
  }

  private static void addLine(
      Svg svg,
      Axis x,
      Axis y,
      Direction direction,
      List<Interval> intervals,
      double percentile,
      String style) {
    StringBuilder path = new StringBuilder();
    boolean goesOn = false;
    for (Interval interval : intervals) {
      if (interval.ios() > 0) {
        double height = y.place((double) interval.latency().getValueAtPercentile(percentile));
        path.append(
            String.format(
                Locale.ROOT,
                "%s%.1f %.1fL%.1f %.1f",
                goesOn ? "L" : "M",
                x.place(interval.startMillis() / 1e3),
                height,
                x.place(interval.endMillis() / 1e3),
                height));
      }
      goesOn = interval.ios() > 0;
    }
    if (!path.isEmpty()) {
      svg.draw().format("<path class=\"%s %s\" d=\"%s\"/>\n", direction.lowerCase(), style, path);
    }
  }

  private static void addHit(Svg svg, Axis x, Map<Direction, List<Interval>> columns, int column) {
    StringBuilder text = new StringBuilder();
    Interval any = null;
    for (Direction direction : Direction.values()) {
      List<Interval> intervals = columns.get(direction);
      if (column < intervals.size() && intervals.get(column).ios() > 0) {
        any = intervals.get(column);
        Histogram latency = any.latency();
        text.append(text.isEmpty() ? "" : "; ")
            .append(direction.lowerCase())
            .append(" p50 ")
            .append(Plots.duration(latency.getValueAtPercentile(50)))
            .append(", p99 ")
            .append(Plots.duration(latency.getValueAtPercentile(99)))
            .append(", p99.9 ")
            .append(Plots.duration(latency.getValueAtPercentile(99.9)))
            .append(", greatest ")
            .append(Plots.duration(latency.getMaxValue()));
      }
    }
    if (any != null) {
      svg.hit(
          x.place(any.startMillis() / 1e3),
          x.place(any.endMillis() / 1e3),
          "%.1f s: %s".formatted(any.startMillis() / 1e3, text));
    }
  }
}
