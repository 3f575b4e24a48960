package sluice.bench.report;

import java.util.Formatter;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** A plot as inline SVG: frame, axes and shapes. Colours come from the page's style sheet. */
final class Svg {
  static final int WIDTH = 440;
  static final int HEIGHT = 240;
  static final int LEFT = 56;
  static final int RIGHT = WIDTH - 12;
  static final int TOP = 10;
  static final int BOTTOM = HEIGHT - 34;

  private final StringBuilder out = new StringBuilder();
  private final Formatter draw = new Formatter(out, Locale.ROOT);

  /** Begins a picture; the label is read to those who do not see it. */
  Svg(String label) {
    draw.format(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n",
        WIDTH, HEIGHT, escaped(label));
  }

  /** Draws a horizontal line and a figure for each mark of the vertical axis. */
  Svg vertical(Axis axis, DoubleFunction<String> text) {
    for (Axis.Tick tick : axis.ticks()) {
      draw.format(
          "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
          LEFT, RIGHT, tick.place(), tick.place());
      draw.format(
          "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
          LEFT - 6, tick.place() + 4, escaped(text.apply(tick.value())));
    }
    return this;
  }

  /** Writes a figure below each mark of the horizontal axis, and what it is of. */
  Svg horizontal(Axis axis, DoubleFunction<String> text, String title) {
    for (Axis.Tick tick : axis.ticks()) {
      below(tick.place(), text.apply(tick.value()));
    }
    return title(title);
  }

  /** Writes what the horizontal axis is of. */
  Svg title(String title) {
    draw.format(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n",
        RIGHT, HEIGHT - 4, escaped(title));
    return this;
  }

  /** Writes a figure below the plot; at its right edge it ends there. */
  Svg below(double x, String text) {
    boolean edge = x > RIGHT - 20;
    draw.format(
        "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>\n",
        edge ? RIGHT : x, BOTTOM + 15, edge ? "end" : "middle", escaped(text));
    return this;
  }

  /** An invisible stripe that tells its text when it is pointed at or touched. */
  void hit(double left, double right, String text) {
    draw.format(
        "<rect class=\"hit\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\">",
        left, TOP, Math.max(0, right - left), BOTTOM - TOP);
    draw.format("<title>%s</title></rect>\n", escaped(text));
  }

  /** Where shapes of its own are written to. */
  Formatter draw() {
    return draw;
  }

  String end() {
    return out.append("</svg>\n").toString();
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
