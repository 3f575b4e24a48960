package sluice.bench.report;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.Interval;
import sluice.bench.result.JobResult;
import sluice.bench.result.LatencyResult;
import sluice.bench.result.Pauses;
import sluice.bench.result.Span;
import sluice.bench.result.Stalls;

/** The plots of a job, as inline SVG. */
final class Plots {
  /** More pieces of time than this would not be told apart. */
  private static final int MOST_COLUMNS = 160;

  private static final int PERCENTILE_STEPS = 90;
  private static final int HITS_PER_NINE = 4;

  /** How far from a stem it is still meant by a finger. */
  private static final int STEM_REACH = 3;

  private static final double MILLIS_PER_SECOND = 1e3;

  private final JobResult job;
  private final Map<Direction, List<Interval>> columns = new EnumMap<>(Direction.class);
  private final double seconds;

  Plots(JobResult job) {
    this.job = job;
    double end = 0;
    for (Direction direction : Direction.values()) {
      List<Interval> intervals = fewer(job.direction(direction).intervals());
      columns.put(direction, intervals);
      if (!intervals.isEmpty()) {
        end = Math.max(end, (double) intervals.getLast().endMillis());
      }
    }
    for (Span span : job.pauses().longest()) {
      end = Math.max(end, span.startMillis() + span.nanos() / 1e6);
    }
    this.seconds = end / MILLIS_PER_SECOND;
  }

  /** Whether there is anything over time. */
  boolean hasTime() {
    return columns.values().stream().anyMatch(intervals -> !intervals.isEmpty());
  }

  /** The rate of each direction over time. */
  String rate() {
    double highest = 0;
    for (List<Interval> intervals : columns.values()) {
      for (Interval interval : intervals) {
        highest = Math.max(highest, bytesPerSecond(interval));
      }
    }
    boolean mebi = highest >= 1 << 20;
    double unit = mebi ? 1 << 20 : 1 << 10;
    Axis x = time();
    Axis y = Axis.linear(highest / unit * 1.08, Svg.BOTTOM, Svg.TOP);
    Svg svg = new Svg("Rate over time").vertical(y, Plots::plain);
    svg.horizontal(x, Plots::plain, (mebi ? "MiB/s" : "KiB/s") + " over seconds");
    for (Direction direction : Direction.values()) {
      List<Interval> intervals = columns.get(direction);
      if (intervals.stream().allMatch(interval -> interval.ios() == 0)) {
        continue;
      }
      StringBuilder path = new StringBuilder();
      for (Interval interval : intervals) {
        double height = y.place(bytesPerSecond(interval) / unit);
        path.append(path.isEmpty() ? 'M' : 'L');
        path.append(point(x.place(interval.startMillis() / MILLIS_PER_SECOND), height));
        path.append('L');
        path.append(point(x.place(interval.endMillis() / MILLIS_PER_SECOND), height));
      }
      double start = intervals.getFirst().startMillis() / MILLIS_PER_SECOND;
      double end = intervals.getLast().endMillis() / MILLIS_PER_SECOND;
      String first = point(x.place(start), Svg.BOTTOM);
      String last = point(x.place(end), Svg.BOTTOM);
      String tone = direction.lowerCase();
      svg.draw()
          .format("<g class=\"%s\"><path class=\"area\" d=\"M%s", tone, first)
          .format("L%sL%sZ\"/>", path.substring(1), last)
          .format("<path class=\"line\" d=\"%s\"/></g>\n", path);
    }
    addPauses(svg, x);
    addHits(svg, x);
    return svg.end();
  }

  /** Where the drive paused, in their true width as far as that can be seen. */
  private void addPauses(Svg svg, Axis x) {
    for (Span span : job.pauses().longest()) {
      double from = x.place(span.startMillis() / MILLIS_PER_SECOND);
      double to = x.place(span.startMillis() / MILLIS_PER_SECOND + span.nanos() / 1e9);
      svg.draw()
          .format("<rect class=\"pause\" x=\"%.1f\" width=\"%.1f\"", from, Math.max(to - from, 0.8))
          .format(" y=\"%d\" height=\"%d\"/>\n", Svg.TOP, Svg.BOTTOM - Svg.TOP);
    }
  }

  /** Percentiles of latency over time. */
  String percentilesOverTime() {
    return LatencyTimePlot.draw(columns, time());
  }

  /** Invisible stripes that tell their figures when pointed at. */
  private void addHits(Svg svg, Axis x) {
    int count = columns.values().stream().mapToInt(List::size).max().orElse(0);
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      Interval any = null;
      for (Direction direction : Direction.values()) {
        List<Interval> intervals = columns.get(direction);
        if (i < intervals.size() && intervals.get(i).ios() > 0) {
          any = intervals.get(i);
          long millis = Math.max(any.endMillis() - any.startMillis(), 1);
          text.append(direction.lowerCase())
              .append(' ')
              .append(FioFigures.binaryBytes((long) bytesPerSecond(any)))
              .append("/s, ")
              .append(FioFigures.count(any.ios() * 1000 / millis))
              .append(" IOPS ");
        }
      }
      if (any != null) {
        double left = x.place(any.startMillis() / MILLIS_PER_SECOND);
        double right = x.place(any.endMillis() / MILLIS_PER_SECOND);
        svg.hit(left, right, "%.1f s: %s".formatted(middle(any), text));
      }
    }
  }

  /** Latency by percentile, both by powers of ten; the intended latency is dashed. */
  String percentiles() {
    long most = 10;
    long lowest = Long.MAX_VALUE;
    long highest = 1;
    for (Direction direction : Direction.values()) {
      DirectionResult result = job.direction(direction);
      for (LatencyResult latency : List.of(result.completion(), result.intended())) {
        if (!latency.isEmpty()) {
          most = Math.max(most, latency.exact().count());
          lowest = Math.min(lowest, latency.exact().min());
          highest = Math.max(highest, latency.exact().max());
        }
      }
    }
    double nines = Math.clamp(Math.log10((double) most), 2, 6);
    Axis x = Axis.linear(nines, Svg.LEFT, Svg.RIGHT);
    Axis y = Axis.logarithmic(Math.min(lowest, highest), highest, Svg.BOTTOM, Svg.TOP);
    Svg svg = new Svg("Latency by percentile").vertical(y, Plots::duration);
    svg.title("latency by percentile");
    for (int i = 0; i <= nines; i++) {
      double percent = 100 - 100 / Math.pow(10, i);
      double place = x.place(i);
      svg.below(place, i < 4 ? plain(percent) + "%" : i + " nines");
      svg.draw()
          .format(
              "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>\n",
              place, place, Svg.TOP, Svg.BOTTOM);
    }
    for (Direction direction : Direction.values()) {
      DirectionResult result = job.direction(direction);
      addPercentiles(svg, x, y, nines, direction, result.completion(), "line");
      addPercentiles(svg, x, y, nines, direction, result.intended(), "line dash");
    }
    for (double position = 0; position < nines; position += 1.0 / HITS_PER_NINE) {
      double next = Math.min(position + 1.0 / HITS_PER_NINE, nines);
      svg.hit(x.place(position), x.place(next), textAt(100 - 100 / Math.pow(10, position)));
    }
    return svg.end();
  }

  private String textAt(double percentile) {
    StringBuilder text = new StringBuilder();
    for (Direction direction : Direction.values()) {
      DirectionResult result = job.direction(direction);
      if (!result.completion().isEmpty()) {
        text.append(direction.lowerCase())
            .append(' ')
            .append(duration(result.completion().percentileNanos(percentile)))
            .append(' ');
      }
      if (!result.intended().isEmpty()) {
        text.append("(from the intended issue ")
            .append(duration(result.intended().percentileNanos(percentile)))
            .append(") ");
      }
    }
    return FioFigures.fixed(percentile, percentile < 99.9 ? 1 : 5) + "%: " + text;
  }

  private static void addPercentiles(
      Svg svg,
      Axis x,
      Axis y,
      double nines,
      Direction direction,
      LatencyResult latency,
      String style) {
    if (latency.isEmpty()) {
      return;
    }
    StringBuilder path = new StringBuilder();
    double end = Math.min(nines, Math.log10((double) latency.exact().count()) + 1e-9);
    for (int i = 0; i <= PERCENTILE_STEPS; i++) {
      double position = end * i / PERCENTILE_STEPS;
      long nanos = latency.percentileNanos(100 - 100 / Math.pow(10, position));
      path.append(path.isEmpty() ? 'M' : 'L')
          .append(point(x.place(position), y.place((double) nanos)));
    }
    svg.draw()
        .format(
            "<path class=\"%s %s\" d=\"%s\"><title>%s</title></path>\n",
            direction.lowerCase(), style, path, direction.lowerCase());
  }

  /** The longest pauses over time, and this machine's stalls; their lengths by powers of ten. */
  String pauses() {
    Pauses pauses = job.pauses();
    Stalls stalls = job.stalls();
    Axis x = time();
    // From below the shortest, so that it has a height too.
    long lowest = pauses.thresholdNanos() / 10;
    long highest = Math.max(pauses.longestNanos(), stalls.longestNanos());
    Axis y = Axis.logarithmic(lowest, highest, Svg.BOTTOM, Svg.TOP);
    Svg svg = new Svg("Pauses over time").vertical(y, Plots::duration);
    svg.horizontal(
        x, Plots::plain, stalls.count() == 0 ? "pauses over seconds" : "pauses, stalls (pale)");
    addStems(svg, x, y, stalls.longest(), "stem pale", "stall of this machine, ");
    addStems(svg, x, y, pauses.longest(), "stem", "");
    return svg.end();
  }

  private static void addStems(
      Svg svg, Axis x, Axis y, List<Span> spans, String style, String what) {
    for (Span span : spans) {
      double at = x.place(span.startMillis() / MILLIS_PER_SECOND);
      svg.draw()
          .format("<line class=\"%s\" x1=\"%.1f\" x2=\"%.1f\"", style, at, at)
          .format(" y1=\"%d\" y2=\"%.1f\"/>\n", Svg.BOTTOM, y.place((double) span.nanos()));
    }
    for (Span span : spans) {
      double at = x.place(span.startMillis() / MILLIS_PER_SECOND);
      svg.hit(
          at - STEM_REACH,
          at + STEM_REACH,
          "%s%.1f ms at %.3f s".formatted(what, span.nanos() / 1e6, span.startMillis() / 1e3));
    }
  }

  /** How often each latency was seen, over time; all directions together. */
  String heatMap() {
    List<Histogram> histograms = new ArrayList<>();
    List<Interval> times =
        columns.values().stream()
            .max((a, b) -> Integer.compare(a.size(), b.size()))
            .orElse(List.of());
    for (int i = 0; i < times.size(); i++) {
      Histogram all = new Histogram(2);
      for (List<Interval> intervals : columns.values()) {
        if (i < intervals.size()) {
          all.add(intervals.get(i).latency());
        }
      }
      histograms.add(all);
    }
    return HeatMap.draw(times, histograms, time());
  }

  private Axis time() {
    return Axis.linear(seconds, Svg.LEFT, Svg.RIGHT);
  }

  /** Neighbours joined until there are few enough. */
  private static List<Interval> fewer(List<Interval> intervals) {
    int each = (intervals.size() + MOST_COLUMNS - 1) / MOST_COLUMNS;
    if (each <= 1) {
      return intervals;
    }
    List<Interval> fewer = new ArrayList<>();
    for (int i = 0; i < intervals.size(); i += each) {
      List<Interval> part = intervals.subList(i, Math.min(i + each, intervals.size()));
      Histogram latency = new Histogram(2);
      part.forEach(interval -> latency.add(interval.latency()));
      fewer.add(
          new Interval(
              part.getFirst().startMillis(),
              part.getLast().endMillis(),
              part.stream().mapToLong(Interval::bytes).sum(),
              part.stream().mapToLong(Interval::ios).sum(),
              latency));
    }
    return fewer;
  }

  private static double bytesPerSecond(Interval interval) {
    return interval.bytes() * 1000.0 / Math.max(interval.endMillis() - interval.startMillis(), 1);
  }

  private static double middle(Interval interval) {
    return (interval.startMillis() + interval.endMillis()) / 2.0 / MILLIS_PER_SECOND;
  }

  private static String point(double x, double y) {
    return String.format(Locale.ROOT, "%.1f %.1f", x, y);
  }

  /** Without decimals that say nothing. */
  static String plain(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%.3g", value);
  }

  static String duration(long nanos) {
    return duration((double) nanos);
  }

  /** A time in the unit that fits. */
  static String duration(double nanos) {
    if (nanos < 1e3) {
      return plain(nanos) + " ns";
    }
    if (nanos < 1e6) {
      return plain(nanos / 1e3) + " µs";
    }
    return nanos < 1e9 ? plain(nanos / 1e6) + " ms" : plain(nanos / 1e9) + " s";
  }
}
