package sluice.recorder.volume;

/**
 * Something that a repair has done.
 *
 * @param action what
 * @param where for example "superblock copy B" or "recording 'a'"
 * @param text one line: what was wrong, and what is so now
 */
public record Repair(Action action, String where, String text) {
  public enum Action {
    /** A copy of metadata was written anew from the other. */
    REWRITTEN,
    /** An entry of the catalogue, or what an index tells, counts no more. */
    GIVEN_UP,
    /** A recording has the place now that its index tells of. */
    PLACED,
    /** An open recording was ended where it can be proved. */
    CUT,
    /** A recording that the catalogue had lost is in it again. */
    BROUGHT_BACK,
    /** What is damaged in a recording is a gap now, because the user said so. */
    ACCEPTED
  }

  @Override
  public String toString() {
    return where + ": " + text;
  }
}
