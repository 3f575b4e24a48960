package sluice.queues;

/**
 * Command identifiers, each out at most once: 0 to {@code count - 1}, so that they index the arrays
 * in which a queue keeps what it knows of its commands.
 *
 * <p>The identifier that came back last goes out first: its memory is still in the cache. Used by
 * one thread.
 */
public final class CommandSlots {
  private final char[] free;
  private final boolean[] out;
  private int freeCount;

  /**
   * @param count 1 to 65535; the identifier 65535 is never used, because some devices report it as
   *     "none"
   */
  public CommandSlots(int count) {
    if (count < 1 || count > 0xffff) {
      throw new IllegalArgumentException("1 to 65535 command slots, not " + count);
    }
    free = new char[count];
    out = new boolean[count];
    for (int i = 0; i < count; i++) {
      free[i] = (char) (count - 1 - i);
    }
    freeCount = count;
  }

  /** How many there are. */
  public int count() {
    return free.length;
  }

  /** How many are out. */
  public int outstanding() {
    return free.length - freeCount;
  }

  /**
   * Takes an identifier.
   *
   * @return -1 when all are out
   */
  public int acquire() {
    if (freeCount == 0) {
      return -1;
    }
    int id = free[--freeCount];
    out[id] = true;
    return id;
  }

  /** Whether the identifier is out: a device that completes one that is not has lost its way. */
  public boolean isOutstanding(int id) {
    return id < out.length && out[id];
  }

  /** Gives an identifier back. Its command must have completed, or can no longer complete. */
  public void release(int id) {
    assert out[id] : "command " + id + " is not out";
    out[id] = false;
    free[freeCount++] = (char) id;
  }
}
