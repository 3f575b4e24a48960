package sluice.nvme.spec;

/** Fields of registers and command dwords: some bits of a number. */
final class Bits {
  private Bits() {}

  static int get(long word, int shift, int width) {
    return (int) (word >>> shift & mask(width));
  }

  static long set(long word, int shift, int width, long value) {
    checkWidth(value, width);
    return (word & ~(mask(width) << shift)) | (value << shift);
  }

  static int get(int word, int shift, int width) {
    return (int) (word >>> shift & mask(width));
  }

  static int set(int word, int shift, int width, int value) {
    return (int) set(Integer.toUnsignedLong(word), shift, width, Integer.toUnsignedLong(value));
  }

  static boolean is(long word, int bit) {
    return (word >>> bit & 1) != 0;
  }

  /**
   * @throws IllegalArgumentException if the value has bits above the field's width
   */
  static long checkWidth(long value, int width) {
    if (value >>> width != 0) {
      throw new IllegalArgumentException(value + " does not fit into " + width + " bits");
    }
    return value;
  }

  private static long mask(int width) {
    return (1L << width) - 1;
  }
}
