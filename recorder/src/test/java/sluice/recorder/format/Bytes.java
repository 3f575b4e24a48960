package sluice.recorder.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;

/** Native memory for tests, and its bytes as hexadecimal digits. */
final class Bytes {
  private Bytes() {}

  static MemorySegment allocate(long size) {
    return Arena.ofAuto().allocate(size, 4096);
  }

  static String hex(MemorySegment memory, long from, long to) {
    return HexFormat.of().formatHex(memory.asSlice(from, to - from).toArray(JAVA_BYTE));
  }

  static void flip(MemorySegment memory, long bit) {
    long at = bit / 8;
    memory.set(JAVA_BYTE, at, (byte) (memory.get(JAVA_BYTE, at) ^ 1 << bit % 8));
  }
}
