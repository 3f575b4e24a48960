package sluice.recorder.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Little-endian fields of a payload. Not for hot paths. */
final class Fields {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong BIG_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private Fields() {}

  static int u8(MemorySegment payload, long offset) {
    return Byte.toUnsignedInt(payload.get(JAVA_BYTE, offset));
  }

  static void u8(MemorySegment payload, long offset, int value) {
    payload.set(JAVA_BYTE, offset, (byte) value);
  }

  static int u32(MemorySegment payload, long offset) {
    return payload.get(INT, offset);
  }

  static void u32(MemorySegment payload, long offset, int value) {
    payload.set(INT, offset, value);
  }

  static long u64(MemorySegment payload, long offset) {
    return payload.get(LONG, offset);
  }

  static void u64(MemorySegment payload, long offset, long value) {
    payload.set(LONG, offset, value);
  }

  static UUID uuid(MemorySegment payload, long offset) {
    return new UUID(payload.get(BIG_LONG, offset), payload.get(BIG_LONG, offset + 8));
  }

  static void uuid(MemorySegment payload, long offset, UUID value) {
    payload.set(BIG_LONG, offset, value.getMostSignificantBits());
    payload.set(BIG_LONG, offset + 8, value.getLeastSignificantBits());
  }

  static String text(MemorySegment payload, long offset, int bytes) {
    byte[] text = payload.asSlice(offset, bytes).toArray(JAVA_BYTE);
    return new String(text, StandardCharsets.UTF_8);
  }

  static void text(MemorySegment payload, long offset, byte[] utf8) {
    MemorySegment.copy(utf8, 0, payload, JAVA_BYTE, offset, utf8.length);
  }

  static String magic(MemorySegment payload) {
    return new String(payload.asSlice(0, 8).toArray(JAVA_BYTE), StandardCharsets.ISO_8859_1);
  }

  static void magic(MemorySegment payload, String magic) {
    text(payload, 0, magic.getBytes(StandardCharsets.ISO_8859_1));
  }
}
