package sluice.bench.report;

import java.util.ArrayList;
import java.util.List;

/** One axis of a plot: from values to places in the picture. */
final class Axis {
  /** A mark on the axis. */
  record Tick(double place, double value) {}

  private final double low;
  private final double high;
  private final double from;
  private final double to;
  private final boolean logarithmic;

  private Axis(double low, double high, double from, double to, boolean logarithmic) {
    this.low = low;
    this.high = high;
    this.from = from;
    this.to = to;
    this.logarithmic = logarithmic;
  }

  /** From 0 to a value; the places are those of 0 and of the value. */
  static Axis linear(double high, double from, double to) {
    return new Axis(0, high > 0 ? high : 1, from, to, false);
  }

  /** By powers of ten, from the power below the lowest value to the one above the highest. */
  static Axis logarithmic(long lowest, long highest, double from, double to) {
    double low = Math.floor(Math.log10((double) Math.max(lowest, 1)));
    double high = Math.max(Math.ceil(Math.log10((double) Math.max(highest, 1))), low + 1);
    return new Axis(low, high, from, to, true);
  }

  double place(double value) {
    double position = logarithmic ? Math.log10(Math.max(value, 1e-9)) : value;
    double share = (position - low) / (high - low);
    return from + Math.clamp(share, 0, 1) * (to - from);
  }

  /** Marks at round values: six at most, powers of ten on a logarithmic axis. */
  List<Tick> ticks() {
    List<Tick> ticks = new ArrayList<>();
    double step = logarithmic ? Math.max(1, Math.ceil((high - low) / 6)) : roundStep(high / 5);
    for (double position = low; position <= high * (1 + 1e-9); position += step) {
      double value = logarithmic ? Math.pow(10, position) : position;
      ticks.add(new Tick(place(value), value));
    }
    return ticks;
  }

  /** The next of 1, 2, 5, 10, 20, 50 and so on. */
  private static double roundStep(double atLeast) {
    double power = Math.pow(10, Math.floor(Math.log10(atLeast)));
    for (double factor : new double[] {1, 2, 5}) {
      if (power * factor >= atLeast * 0.999) {
        return power * factor;
      }
    }
    return power * 10;
  }
}
