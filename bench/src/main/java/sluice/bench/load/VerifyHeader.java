package sluice.bench.load;

import sluice.support.memory.OffHeap;

/**
 * What each block begins with that is to be known again: static accessors on its address.
 *
 * <pre>
 *     63                                                    0
 *  0 |  magic "SLCVRFY1"                                     |
 *  8 |  offset of the block on the drive, in bytes           |
 * 16 |  number of the I/O that wrote it, from 0              |
 * 24 |  seed of what follows; says the number once more      |
 * 32 |  CRC-32C of what follows  |  bytes, header included   |
 * 40 |  0                        |  CRC-32C of bytes 0 to 39 |
 * </pre>
 *
 * All of a block follows from its offset, its length and its number, so that a check can say which
 * byte is wrong and what it should be.
 */
final class VerifyHeader {
  static final int BYTES = 48;
  static final int CHECKED_BYTES = 40;
  static final long MAGIC = 0x3159_4652_5643_4c53L;

  private static final long ODD = 0x9e3779b97f4a7c15L;
  private static final long INVERSE = inverse(ODD);

  private VerifyHeader() {}

  /** Newton's iteration doubles the right bits of the inverse modulo 2^64. */
  private static long inverse(long odd) {
    long x = odd;
    for (int i = 0; i < 6; i++) {
      x *= 2 - odd * x;
    }
    return x;
  }

  static long magic(long address) {
    return OffHeap.getLong(address);
  }

  static void magic(long address, long value) {
    OffHeap.putLong(address, value);
  }

  static long offset(long address) {
    return OffHeap.getLong(address + 8);
  }

  static void offset(long address, long value) {
    OffHeap.putLong(address + 8, value);
  }

  static long number(long address) {
    return OffHeap.getLong(address + 16);
  }

  static void number(long address, long value) {
    OffHeap.putLong(address + 16, value);
  }

  static long seed(long address) {
    return OffHeap.getLong(address + 24);
  }

  static void seed(long address, long value) {
    OffHeap.putLong(address + 24, value);
  }

  static int length(long address) {
    return OffHeap.getInt(address + 32);
  }

  static void length(long address, int value) {
    OffHeap.putInt(address + 32, value);
  }

  static int dataCrc(long address) {
    return OffHeap.getInt(address + 36);
  }

  static void dataCrc(long address, int value) {
    OffHeap.putInt(address + 36, value);
  }

  static int headerCrc(long address) {
    return OffHeap.getInt(address + 40);
  }

  static void headerCrc(long address, int value) {
    OffHeap.putInt(address + 40, value);
    OffHeap.putInt(address + 44, 0);
  }

  /** The seed of a block: tells its number again, at another place of the header. */
  static long seedOf(long offset, long number) {
    return (number + offset) * ODD;
  }

  /** The number that a seed belongs to. */
  static long numberOf(long offset, long seed) {
    return seed * INVERSE - offset;
  }
}
