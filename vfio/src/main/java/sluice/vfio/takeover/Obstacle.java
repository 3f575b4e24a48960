package sluice.vfio.takeover;

import sluice.support.text.PlainText;

/**
 * Why a function should not be taken from the kernel.
 *
 * @param kind what can be done about it
 * @param reason in words, as the end of a sentence that begins with the function
 */
public record Obstacle(Kind kind, String reason) {
  public Obstacle {
    reason = PlainText.mask(reason);
  }

  /** What stands behind an obstacle. */
  public enum Kind {
    /** Somebody uses it: taking it would pull it away from under them. */
    IN_USE,

    /** It holds data, which nobody uses now, and which what comes next may destroy. */
    DATA,

    /** Not in the way, but to be known. */
    NOTE
  }

  static Obstacle inUse(String reason) {
    return new Obstacle(Kind.IN_USE, reason);
  }

  static Obstacle data(String reason) {
    return new Obstacle(Kind.DATA, reason);
  }

  static Obstacle note(String reason) {
    return new Obstacle(Kind.NOTE, reason);
  }

  @Override
  public String toString() {
    return reason;
  }
}
