package sluice.bench.result;

import java.util.Arrays;
import java.util.Optional;

/**
 * A figure that rounds of the same jobs, and runs, are set side by side by. Latencies are from
 * submission to completion, but for {@link #INTENDED_P99}.
 */
public enum RoundFigure {
  /** Commands per second. */
  IOPS("iops", "iops", "iops", 1, true, 0),
  /** The rate in KiB/s, as fio has it. */
  BANDWIDTH("bw", "bw", "bw KiB/s", 1, true, 0),
  /** The mean latency in nanoseconds. */
  MEAN("mean", "clat_mean_ns", "clat mean us", 1e-3, false, 0),
  /** A percentile of the latency in nanoseconds; so are those that follow. */
  P50("p50", "clat_p50_ns", "clat p50 us", 1e-3, false, 50),
  P99("p99", "clat_p99_ns", "clat p99 us", 1e-3, false, 99),
  P999("p99.9", "clat_p99.9_ns", "clat p99.9 us", 1e-3, false, 99.9),
  /** From the moment at which a paced job should have issued the command. */
  INTENDED_P99("intended-p99", "intended_p99_ns", "intended p99 us", 1e-3, false, 99);

  private final String word;
  private final String key;
  private final String label;
  private final double scale;
  private final boolean moreIsBetter;
  private final double percentile;

  RoundFigure(
      String word,
      String key,
      String label,
      double scale,
      boolean moreIsBetter,
      double percentile) {
    this.word = word;
    this.key = key;
    this.label = label;
    this.scale = scale;
    this.moreIsBetter = moreIsBetter;
    this.percentile = percentile;
  }

  /** The figure that a command line calls so; empty if there is none. */
  public static Optional<RoundFigure> ofWord(String word) {
    return Arrays.stream(values()).filter(figure -> figure.word.equals(word)).findFirst();
  }

  /** Its name on a command line. */
  public String word() {
    return word;
  }

  /** Its name in JSON, with the unit. */
  public String key() {
    return key;
  }

  /** Its name in a report for people, with the unit in which it stands there. */
  public String label() {
    return label;
  }

  /** What it is multiplied by for a report for people. */
  public double scale() {
    return scale;
  }

  /** Which percentile it is; 0 if none. */
  public double percentile() {
    return percentile;
  }

  public boolean moreIsBetter() {
    return moreIsBetter;
  }

  /** NaN where there is none: no command, or latencies that were not measured. */
  double of(DirectionResult way) {
    LatencyResult latency = this == INTENDED_P99 ? way.intended() : way.completion();
    return switch (this) {
      case IOPS -> way.iosPerSecond();
      case BANDWIDTH -> way.bytesPerSecond() / 1024;
      case MEAN -> latency.isEmpty() ? Double.NaN : latency.exact().mean();
      case P50, P99, P999, INTENDED_P99 ->
          latency.isEmpty() ? Double.NaN : latency.percentileNanos(percentile);
    };
  }
}
