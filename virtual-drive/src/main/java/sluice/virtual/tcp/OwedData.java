package sluice.virtual.tcp;

/**
 * What a host was asked for and has not given: of how many commands, and for how long. Used by the
 * target's thread.
 */
final class OwedData {
  private int commands;

  /** When it gave some of that last, or was asked for the first of it. */
  private long gaveAt;

  /** Whether no data is waited for. */
  boolean isEmpty() {
    return commands == 0;
  }

  /** It is asked for all data of one more command. */
  void ask(long now) {
    if (commands++ == 0) {
      gaveAt = now;
    }
  }

  /** It has given some. */
  void given(long now) {
    gaveAt = now;
  }

  /** It has given all of a command's. */
  void satisfied() {
    commands--;
  }

  /** Of no more than so many commands data is waited for: the others are over. */
  void keep(int left) {
    commands = left;
  }

  /** How long it has given nothing of what it was asked for, in nanoseconds. */
  long nanos(long now) {
    return commands > 0 ? now - gaveAt : 0;
  }
}
