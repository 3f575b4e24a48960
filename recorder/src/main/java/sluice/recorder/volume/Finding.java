package sluice.recorder.volume;

/**
 * Something that a look at a volume has brought up.
 *
 * @param severity what it means
 * @param where for example "superblock copy B" or "recording 'a'"
 * @param text one line: what is so, and what to do if there is something to do
 */
public record Finding(Severity severity, String where, String text) {
  public enum Severity {
    /** What a crash leaves behind: nothing is lost by it, and writing goes on. */
    LEFTOVER,
    /** A place that the drive cannot read, of which there is a copy: writing goes on. */
    WORN,
    /** What no crash explains: nothing is written until it is repaired on purpose. */
    DAMAGE
  }

  public static Finding leftover(String where, String text) {
    return new Finding(Severity.LEFTOVER, where, text);
  }

  public static Finding worn(String where, String text) {
    return new Finding(Severity.WORN, where, text);
  }

  public static Finding damage(String where, String text) {
    return new Finding(Severity.DAMAGE, where, text);
  }

  /** Whether something is not as it was written. What a crash leaves behind is. */
  public boolean isDamage() {
    return severity != Severity.LEFTOVER;
  }

  /** Whether nothing may be written before a repair. */
  public boolean forbidsWriting() {
    return severity == Severity.DAMAGE;
  }

  @Override
  public String toString() {
    return where + ": " + text;
  }
}
