package sluice.virtual.personality;

/**
 * Something that goes wrong.
 *
 * @param kind what
 * @param where whether {@code from} and {@code to} are logical blocks or numbers of commands
 * @param from the first block; or the number of the command, from 1
 * @param to the last block, or the number of the last command
 * @param status of an error
 */
public record Fault(Kind kind, Where where, long from, long to, int status) {
  public enum Kind {
    ERROR,
    STUCK,
    FLIP
  }

  public enum Where {
    LBA,
    COUNT
  }

  boolean overlaps(long first, long count) {
    return first <= to && first + count > from;
  }
}
