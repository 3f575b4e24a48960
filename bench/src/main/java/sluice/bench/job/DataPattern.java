package sluice.bench.job;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes that are repeated over a buffer: {@code 0xdeadbeef}, {@code "text"}, {@code 170}, {@code
 * %o}, and any of them one after the other, as {@code "abc"0xff%o}.
 *
 * <p>Hexadecimal digits are bytes in the order in which they stand; a decimal number is stored with
 * its lowest byte first, in as many as it needs; a negative one has four; {@code %o} is the offset
 * of the block on the drive, 8 bytes, lowest first.
 */
public final class DataPattern {
  private static final int MOST_BYTES = 512;

  private final byte[] bytes;
  private final int[] offsets;

  private DataPattern(byte[] bytes, int[] offsets) {
    this.bytes = bytes;
    this.offsets = offsets;
  }

  /** The bytes; zeros where a block's offset belongs. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** How many bytes are repeated. */
  public int length() {
    return bytes.length;
  }

  /** Where in the bytes the offset of a block belongs. */
  public int[] offsetPositions() {
    return offsets.clone();
  }

  static DataPattern parse(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int[] offsets = new int[MOST_BYTES];
    int count = 0;
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"') {
        int end = text.indexOf('"', at + 1);
        if (end < 0) {
          throw new IllegalArgumentException(Values.quote(text) + " has no closing quote");
        }
        bytes.writeBytes(text.substring(at + 1, end).getBytes(StandardCharsets.UTF_8));
        at = end + 1;
      } else if (text.startsWith("%o", at)) {
        if (count == offsets.length) {
          throw tooLong();
        }
        offsets[count++] = bytes.size();
        bytes.writeBytes(new byte[Long.BYTES]);
        at += 2;
      } else if (c == '-') {
        at = negative(text, at, bytes);
      } else {
        at = number(text, at, bytes);
      }
      if (bytes.size() > MOST_BYTES) {
        throw tooLong();
      }
    }
    if (bytes.size() == 0) {
      throw new IllegalArgumentException("has no value; write a pattern such as 0xdeadbeef");
    }
    return new DataPattern(bytes.toByteArray(), Arrays.copyOf(offsets, count));
  }

  private static IllegalArgumentException tooLong() {
    return new IllegalArgumentException("it has more than " + MOST_BYTES + " bytes");
  }

  /** A whole word of 32 bits, lowest byte first, as fio has it. */
  private static int negative(String text, int from, ByteArrayOutputStream bytes) {
    int end = from + 1;
    while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
      end++;
    }
    end = beforeHexadecimal(text, end);
    int number;
    try {
      number = Integer.parseInt(text, from, end, 10);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          Values.quote(text) + " has no number from -2147483648 on behind its minus", e);
    }
    for (int i = 0; i < Integer.BYTES; i++) {
      bytes.write(number >> (i * Byte.SIZE));
    }
    return end;
  }

  /** In {@code 120xff} the second number begins at its {@code 0x}. */
  private static int beforeHexadecimal(String text, int end) {
    boolean begins = end > 0 && text.regionMatches(true, end - 1, "0x", 0, 2);
    return begins ? end - 1 : end;
  }

  private static int number(String text, int from, ByteArrayOutputStream bytes) {
    boolean hex = text.startsWith("0x", from) || text.startsWith("0X", from);
    int begin = hex ? from + 2 : from;
    int end = begin;
    while (end < text.length()
        && Character.digit(text.charAt(end), hex ? 16 : 10) >= 0
        && text.charAt(end) < 128) {
      end++;
    }
    end = hex ? end : beforeHexadecimal(text, end);
    if (end == begin) {
      throw new IllegalArgumentException(
          Values.quote(text) + " is not a pattern such as 0xdeadbeef, 170, \"text\" or %o");
    }
    String digits = text.substring(begin, end);
    if (digits.length() > 2 * MOST_BYTES) {
      throw tooLong();
    }
    if (hex) {
      for (int i = 0; i < digits.length(); i += 2) {
        bytes.write(Integer.parseInt(digits, i, Math.min(i + 2, digits.length()), 16));
      }
    } else {
      BigInteger left = new BigInteger(digits);
      do {
        bytes.write(left.byteValue());
        left = left.shiftRight(Byte.SIZE);
      } while (left.signum() > 0);
    }
    return end;
  }
}
