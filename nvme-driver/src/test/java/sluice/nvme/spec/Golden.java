package sluice.nvme.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/** Native memory whose bytes a test compares with literal ones. */
public final class Golden {
  private Golden() {}

  public static MemorySegment memory(long size) {
    return Arena.ofAuto().allocate(size, 8);
  }

  /**
   * Asserts that the memory holds these bytes and no others.
   *
   * @param spans {@code "offset: hex bytes"}, the offset in decimal; all bytes not named are zeros
   */
  public static void assertBytes(MemorySegment memory, String... spans) {
    byte[] expected = new byte[(int) memory.byteSize()];
    for (String span : spans) {
      String[] parts = span.split(": ?", 2);
      byte[] bytes = HexFormat.of().parseHex(parts[1].replace(" ", ""));
      System.arraycopy(bytes, 0, expected, Integer.parseInt(parts[0]), bytes.length);
    }
    byte[] actual = memory.toArray(ValueLayout.JAVA_BYTE);
    assertThat(dump(actual)).isEqualTo(dump(expected));
  }

  /** The bytes, 16 to a line, without the lines that are all zeros. */
  private static String dump(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < bytes.length; at += 16) {
      int end = Math.min(at + 16, bytes.length);
      String line = HexFormat.ofDelimiter(" ").formatHex(bytes, at, end);
      if (!line.matches("[0 ]*")) {
        text.append(String.format("%5d: %s%n", at, line));
      }
    }
    return text.toString();
  }
}
