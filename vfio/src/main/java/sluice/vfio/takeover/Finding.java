package sluice.vfio.takeover;

import sluice.support.text.PlainText;

/**
 * One thing about a machine that a recording needs.
 *
 * @param name what it is about, in a word or two
 * @param level how well it is
 * @param text what was found
 * @param remedy the command that mends it, or what else to do; empty when nothing is to be done
 */
public record Finding(String name, Level level, String text, String remedy) {
  public Finding {
    text = PlainText.mask(text);
    remedy = PlainText.mask(remedy);
  }

  /** How well it is. */
  public enum Level {
    GOOD,

    /** It works, but may be slower or less steady than it could. */
    COULD_BE_BETTER,

    /** Nothing can be recorded to a drive before this is mended. */
    MISSING
  }

  static Finding good(String name, String text) {
    return new Finding(name, Level.GOOD, text, "");
  }

  static Finding better(String name, String text, String remedy) {
    return new Finding(name, Level.COULD_BE_BETTER, text, remedy);
  }

  static Finding missing(String name, String text, String remedy) {
    return new Finding(name, Level.MISSING, text, remedy);
  }
}
