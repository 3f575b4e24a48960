package sluice.bench.report;

/**
 * How one figure differs between two reports.
 *
 * @param row job and direction
 * @param figure its name
 * @param before in the first report, in the figure's unit
 * @param after in the second
 * @param noise how far the two may be apart by chance, as a share of {@code before}; NaN when the
 *     reports do not tell
 * @param moreIsBetter whether a higher figure is the better one
 */
public record Difference(
    String row, String figure, double before, double after, double noise, boolean moreIsBetter) {

  /** What a difference means. */
  public enum Verdict {
    BETTER,
    WORSE,
    /** Not more than chance explains. */
    NOISE,
    /** The reports do not tell how much chance explains. */
    UNKNOWN
  }

  /** The change as a share of the first figure. */
  public double change() {
    return (after - before) / before;
  }

  public Verdict verdict() {
    if (Double.isNaN(noise) || !Double.isFinite(change())) {
      return Verdict.UNKNOWN;
    }
    if (Math.abs(change()) <= noise) {
      return Verdict.NOISE;
    }
    return change() > 0 == moreIsBetter ? Verdict.BETTER : Verdict.WORSE;
  }
}
