package sluice.nvme.spec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Text fields. What a device sends is not trusted: anything that is not printable is shown as
 * {@code \xNN}, so that a serial number cannot move a terminal's cursor.
 */
final class Text {
  private Text() {}

  /** ASCII, padded with spaces (NVMe 1.4, section 1.5); some devices pad with zero bytes. */
  static String ascii(MemorySegment field) {
    byte[] bytes = field.toArray(ValueLayout.JAVA_BYTE);
    int end = bytes.length;
    while (end > 0 && (bytes[end - 1] == ' ' || bytes[end - 1] == 0)) {
      end--;
    }
    int start = 0;
    while (start < end && bytes[start] == ' ') {
      start++;
    }
    return printable(bytes, start, end);
  }

  /**
   * @throws IllegalArgumentException if the text is too long, or has other than printable ASCII
   */
  static void ascii(MemorySegment field, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    for (byte b : bytes) {
      if (!isPrintable(b)) {
        throw new IllegalArgumentException(
            "not printable ASCII: " + printable(bytes, 0, bytes.length));
      }
    }
    checkLength(bytes.length, field.byteSize(), value);
    field.fill((byte) ' ');
    MemorySegment.copy(bytes, 0, field, ValueLayout.JAVA_BYTE, 0, bytes.length);
  }

  /** UTF-8, ended by a zero byte or by the field's end. */
  static String utf8(MemorySegment field) {
    byte[] bytes = field.toArray(ValueLayout.JAVA_BYTE);
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return printable(bytes, 0, end);
  }

  static void utf8(MemorySegment field, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    checkLength(bytes.length, field.byteSize(), value);
    field.fill((byte) 0);
    MemorySegment.copy(bytes, 0, field, ValueLayout.JAVA_BYTE, 0, bytes.length);
  }

  private static void checkLength(long length, long limit, String value) {
    if (length > limit) {
      throw new IllegalArgumentException("longer than " + limit + " bytes: " + value);
    }
  }

  private static String printable(byte[] bytes, int start, int end) {
    StringBuilder text = new StringBuilder(end - start);
    for (int i = start; i < end; i++) {
      if (isPrintable(bytes[i])) {
        text.append((char) bytes[i]);
      } else {
        text.append(String.format("\\x%02x", bytes[i]));
      }
    }
    return text.toString();
  }

  private static boolean isPrintable(byte b) {
    return b >= 0x20 && b < 0x7f;
  }
}
