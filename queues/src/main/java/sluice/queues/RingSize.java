package sluice.queues;

/** The sizes a hand-over ring may have. */
final class RingSize {
  private RingSize() {}

  static void check(int capacity, int recordBytes) {
    // From 2: with a single place, a stamp could not tell "filled" from "free for the next round".
    if (capacity < 2 || Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException(
          "a ring's capacity is a power of two from 2, not " + capacity);
    }
    if (recordBytes < Long.BYTES || recordBytes % Long.BYTES != 0) {
      throw new IllegalArgumentException("a record has a multiple of 8 bytes, not " + recordBytes);
    }
  }
}
