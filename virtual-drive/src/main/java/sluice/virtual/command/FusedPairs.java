package sluice.virtual.command;

import java.util.Arrays;

/** Which of the commands that are out are halves of fused pairs (section 4.12), by slot. */
final class FusedPairs {
  private final int[] partners;
  private final boolean[] isFirst;

  FusedPairs(int capacity) {
    partners = new int[capacity];
    isFirst = new boolean[capacity];
    Arrays.fill(partners, CommandTable.NONE);
  }

  void join(int first, int second) {
    partners[first] = second;
    partners[second] = first;
    isFirst[first] = true;
    isFirst[second] = false;
  }

  /** Whether it is half of a pair. */
  boolean isHalf(int slot) {
    return partners[slot] != CommandTable.NONE;
  }

  /** Whether it is the first half of a pair. */
  boolean isFirst(int slot) {
    return isHalf(slot) && isFirst[slot];
  }

  /** The other half; {@link CommandTable#NONE} if it is none. */
  int partner(int slot) {
    return partners[slot];
  }

  /**
   * From now on neither is a half.
   *
   * @return the second half, if the slot had the first one; else {@link CommandTable#NONE}
   */
  int part(int slot) {
    int partner = partners[slot];
    if (partner == CommandTable.NONE) {
      return CommandTable.NONE;
    }
    partners[slot] = CommandTable.NONE;
    partners[partner] = CommandTable.NONE;
    return isFirst[slot] ? partner : CommandTable.NONE;
  }
}
