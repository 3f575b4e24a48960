package sluice.bench.report;

import java.util.List;
import java.util.Locale;
import sluice.bench.result.Backlog;

/** A backlog over time, as inline SVG. */
final class BacklogPlot {
  /** More pieces of time than this would not be told apart. */
  private static final int MOST_COLUMNS = 320;

  private BacklogPlot() {}

  static String of(Backlog backlog) {
    List<Backlog.Slice> slices = backlog.slices();
    double unit = backlog.greatestBytes() >= 1 << 20 ? 1 << 20 : 1 << 10;
    Axis x = Axis.linear(slices.getLast().endMillis() / 1e3, Svg.LEFT, Svg.RIGHT);
    Axis y = Axis.linear(backlog.greatestBytes() / unit * 1.08, Svg.BOTTOM, Svg.TOP);
    Svg svg = new Svg("Backlog over time").vertical(y, Plots::plain);
    svg.horizontal(x, Plots::plain, (unit > 1 << 10 ? "MiB" : "KiB") + " behind, over seconds");
    StringBuilder path = new StringBuilder();
    int each = (slices.size() + MOST_COLUMNS - 1) / MOST_COLUMNS;
    for (int i = 0; i < slices.size(); i += each) {
      List<Backlog.Slice> part = slices.subList(i, Math.min(i + each, slices.size()));
      long most = part.stream().mapToLong(Backlog.Slice::bytes).max().orElse(0);
      double height = y.place(most / unit);
      path.append(path.isEmpty() ? 'M' : 'L')
          .append(point(x.place(part.getFirst().startMillis() / 1e3), height))
          .append('L')
          .append(point(x.place(part.getLast().endMillis() / 1e3), height));
    }
    String first = point(x.place(slices.getFirst().startMillis() / 1e3), Svg.BOTTOM);
    String last = point(x.place(slices.getLast().endMillis() / 1e3), Svg.BOTTOM);
    svg.draw()
        .format("<g class=\"backlog\"><path class=\"area\" d=\"M%s", first)
        .format("L%sL%sZ\"/>", path.substring(1), last)
        .format("<path class=\"line\" d=\"%s\"/></g>\n", path);
    for (int i = 0; i < slices.size(); i += each) {
      List<Backlog.Slice> part = slices.subList(i, Math.min(i + each, slices.size()));
      long most = part.stream().mapToLong(Backlog.Slice::bytes).max().orElse(0);
      svg.hit(
          x.place(part.getFirst().startMillis() / 1e3),
          x.place(part.getLast().endMillis() / 1e3),
          "%.1f s: %s behind"
              .formatted(part.getFirst().startMillis() / 1e3, FioFigures.binaryBytes(most)));
    }
    return svg.end();
  }

  private static String point(double x, double y) {
    return String.format(Locale.ROOT, "%.1f %.1f", x, y);
  }
}
