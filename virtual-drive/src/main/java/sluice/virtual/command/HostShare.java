package sluice.virtual.command;

/**
 * How much a controller has of what all controllers of a drive use together: places for commands,
 * and memory for their data. Used in the drive's turns.
 *
 * <p>A host that is slow to give its data has both for as long, and others must not wait for it.
 * Where hosts share a drive, each may have as much as it leaves free: one alone half of all, one
 * more half of the rest, and a little however many there are.
 */
final class HostShare {
  /** Memory in use before a host that is alone by nature begins no more commands. */
  private static final long MOST_BYTES = 16 << 20;

  /** The same for all hosts together, half of which one can have. */
  private static final long MOST_SHARED_BYTES = 2 * MOST_BYTES;

  /** What each host can have, and a command more. */
  private static final long LEAST_BYTES = 256 << 10;

  /** How many commands each host can have out. */
  private static final int LEAST_COMMANDS = 16;

  /** Places that only the least is taken of: enough for 128 hosts. */
  private static final int KEPT_COMMANDS = 128 * LEAST_COMMANDS;

  private final boolean isShared;
  private int commands;
  private long bytes;

  HostShare(boolean isShared) {
    this.isShared = isShared;
  }

  void addCommand() {
    commands++;
  }

  void removeCommand() {
    commands--;
  }

  void addBytes(long count) {
    bytes += count;
  }

  void removeBytes(long count) {
    bytes -= count;
  }

  /**
   * How many more commands it may begin.
   *
   * @param free how many find a place at all
   */
  int commandsToBegin(int free) {
    return isShared
        ? Math.min(free, Math.max(LEAST_COMMANDS, free - KEPT_COMMANDS) - commands)
        : free;
  }

  /**
   * Whether it may begin a command, however much data that has.
   *
   * @param all bytes that all have
   */
  boolean hasRoom(long all) {
    return isShared ? bytes < Math.max(LEAST_BYTES, MOST_SHARED_BYTES - all) : all < MOST_BYTES;
  }
}
