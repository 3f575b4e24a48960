package sluice.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;
import sluice.bench.result.Interval;

/** A plot of how often each latency was seen over time: the more often, the stronger the colour. */
final class HeatMap {
  private static final int ROWS_PER_DECADE = 8;
  private static final int LEVELS = 8;

  private HeatMap() {}

  /** Draws a column per histogram; latencies by powers of ten, counts by their logarithm. */
  static String draw(List<Interval> times, List<Histogram> columns, Axis x) {
    long lowest = Long.MAX_VALUE;
    long highest = 1;
    for (Histogram column : columns) {
      if (column.getTotalCount() > 0) {
        lowest = Math.min(lowest, Math.max(column.getMinValue(), 1));
        highest = Math.max(highest, column.getMaxValue());
      }
    }
    lowest = Math.min(lowest, highest);
    int bottomRow = rowOf(lowest);
    int rows = rowOf(highest) - bottomRow + 1;
    long[][] counts = new long[columns.size()][rows];
    long most = 1;
    for (int i = 0; i < counts.length; i++) {
      for (HistogramIterationValue value : columns.get(i).recordedValues()) {
        int row = Math.clamp(rowOf(value.getValueIteratedTo()) - bottomRow, 0, rows - 1);
        counts[i][row] += value.getCountAddedInThisIterationStep();
        most = Math.max(most, counts[i][row]);
      }
    }
    Axis y = Axis.logarithmic(lowest, highest, Svg.BOTTOM, Svg.TOP);
    Svg svg = new Svg("Heat map of latency over time").vertical(y, Plots::duration);
    svg.horizontal(x, Plots::plain, "latency over seconds; stronger: more often");
    List<StringBuilder> levels = new ArrayList<>();
    for (int i = 0; i < LEVELS; i++) {
      levels.add(new StringBuilder());
    }
    for (int i = 0; i < counts.length; i++) {
      double left = x.place(times.get(i).startMillis() / 1e3);
      double width = x.place(times.get(i).endMillis() / 1e3) - left;
      for (int row = 0; row < rows; row++) {
        if (counts[i][row] > 0) {
          double share = Math.log1p((double) counts[i][row]) / Math.log1p((double) most);
          int level = Math.min((int) (share * LEVELS), LEVELS - 1);
          double top = y.place(limitOf(bottomRow + row + 1));
          double height = y.place(limitOf(bottomRow + row)) - top;
          levels.get(level).append(cell(left, top, width, height));
        }
      }
    }
    for (int i = 0; i < LEVELS; i++) {
      if (!levels.get(i).isEmpty()) {
        double opacity = 0.12 + 0.88 * i / (LEVELS - 1);
        svg.draw()
            .format(
                "<path class=\"cell\" fill-opacity=\"%.2f\" d=\"%s\"/>\n", opacity, levels.get(i));
      }
    }
    for (int i = 0; i < columns.size(); i++) {
      Histogram column = columns.get(i);
      if (column.getTotalCount() > 0) {
        svg.hit(
            x.place(times.get(i).startMillis() / 1e3),
            x.place(times.get(i).endMillis() / 1e3),
            "%.1f s: %d I/Os counted, %s to %s, half of them up to %s"
                .formatted(
                    times.get(i).startMillis() / 1e3,
                    column.getTotalCount(),
                    Plots.duration(column.getMinValue()),
                    Plots.duration(column.getMaxValue()),
                    Plots.duration(column.getValueAtPercentile(50))));
      }
    }
    return svg.end();
  }

  private static int rowOf(long nanos) {
    return (int) Math.floor(Math.log10((double) Math.max(nanos, 1)) * ROWS_PER_DECADE);
  }

  private static double limitOf(int row) {
    return Math.pow(10, (double) row / ROWS_PER_DECADE);
  }

  private static String cell(double left, double top, double width, double height) {
    return String.format(
        Locale.ROOT,
        "M%.1f %.1fh%.1fv%.1fh-%.1fz",
        left,
        top,
        Math.max(width, 0.6),
        height,
        Math.max(width, 0.6));
  }
}
