package sluice.bench.compare;

import sluice.bench.result.RoundFigure;

/**
 * How one figure differs between two sides. Changes are shares of the first side: -0.1 is a tenth
 * less.
 *
 * @param row job and direction
 * @param figure which
 * @param before the median on the first side, in the figure's own unit
 * @param after the median on the second
 * @param change by how much the second is above the first, as estimated from all rounds
 * @param least the change is not below this; NaN when that is not known
 * @param most the change is not above this; NaN when that is not known
 * @param verdict what it means
 */
public record Difference(
    String row,
    RoundFigure figure,
    double before,
    double after,
    double change,
    double least,
    double most,
    Verdict verdict) {

  /** What a difference means. */
  public enum Verdict {
    BETTER("better"),
    WORSE("worse"),
    /** If there is a change, it is within what is called none. */
    SAME("same"),
    /** It may be a change or none. */
    SCATTERED("cannot tell: rounds differ too much"),
    /** There is a change, but others having the processors may be all that has changed. */
    BUSY("cannot tell: the machine was busy"),
    TOO_FEW_ROUNDS("cannot tell: too few rounds"),
    ONE_ROUND("cannot tell: one round"),
    /** Of a percentile: fewer than ten commands of a round were slower. */
    TOO_FEW_COMMANDS("cannot tell: too few commands");

    private final String words;

    Verdict(String words) {
      this.words = words;
    }

    public String words() {
      return words;
    }

    /** Whether it is known that there is a change, or that there is none. */
    public boolean isKnown() {
      return this == BETTER || this == WORSE || this == SAME;
    }
  }

  /** How much worse the second side is, as a share of the first; negative when it is better. */
  public double loss() {
    return figure.moreIsBetter() ? -change : change;
  }
}
