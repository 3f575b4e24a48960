package sluice.nvme.spec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/** A view of native memory with little-endian fields: what all structures of a page share. */
public abstract class Structure {
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment segment;

  /**
   * @param segment native memory; heap segments would slow every accessor down for good
   * @param size the structure's bytes
   * @throws IllegalArgumentException if the memory is not native or too small
   */
  Structure(MemorySegment segment, long size) {
    if (!segment.isNative() || segment.byteSize() < size) {
      throw new IllegalArgumentException(
          getClass().getSimpleName() + " needs " + size + " bytes of native memory: " + segment);
    }
    this.segment = segment.asSlice(0, size);
  }

  /** The structure's bytes. */
  public final MemorySegment segment() {
    return segment;
  }

  /** Sets every byte to zero. */
  public final void clear() {
    segment.fill((byte) 0);
  }

  final int u8(long offset) {
    return Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, offset));
  }

  final void u8(long offset, int value) {
    segment.set(ValueLayout.JAVA_BYTE, offset, (byte) Bits.checkWidth(value, 8));
  }

  final int u16(long offset) {
    return Short.toUnsignedInt(segment.get(U16, offset));
  }

  final void u16(long offset, int value) {
    segment.set(U16, offset, (short) Bits.checkWidth(value, 16));
  }

  final int u24(long offset) {
    return u16(offset) | u8(offset + 2) << 16;
  }

  final void u24(long offset, int value) {
    Bits.checkWidth(value, 24);
    u16(offset, value & 0xffff);
    u8(offset + 2, value >>> 16);
  }

  final int i32(long offset) {
    return segment.get(U32, offset);
  }

  final void i32(long offset, int value) {
    segment.set(U32, offset, value);
  }

  final long u32(long offset) {
    return Integer.toUnsignedLong(segment.get(U32, offset));
  }

  final void u32(long offset, long value) {
    segment.set(U32, offset, (int) Bits.checkWidth(value, 32));
  }

  final long u64(long offset) {
    return segment.get(U64, offset);
  }

  final void u64(long offset, long value) {
    segment.set(U64, offset, value);
  }

  /** A number of 16 bytes; what does not fit reads as {@link Long#MAX_VALUE}. */
  final long u128(long offset) {
    long low = u64(offset);
    return u64(offset + 8) != 0 || low < 0 ? Long.MAX_VALUE : low;
  }

  final void u128(long offset, long value) {
    Bits.checkWidth(value, 63);
    u64(offset, value);
    u64(offset + 8, 0);
  }

  final String text(long offset, int length) {
    return Text.ascii(segment.asSlice(offset, length));
  }

  final void text(long offset, int length, String value) {
    Text.ascii(segment.asSlice(offset, length), value);
  }

  final String utf8(long offset, int length) {
    return Text.utf8(segment.asSlice(offset, length));
  }

  final void utf8(long offset, int length, String value) {
    Text.utf8(segment.asSlice(offset, length), value);
  }

  final byte[] bytes(long offset, int length) {
    return segment.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
  }

  final void bytes(long offset, int length, byte[] value) {
    if (value.length != length) {
      throw new IllegalArgumentException(length + " bytes are needed, not " + value.length);
    }
    MemorySegment.copy(value, 0, segment, ValueLayout.JAVA_BYTE, offset, length);
  }

  /** The memory of one of {@code count} equal parts. */
  final MemorySegment part(long offset, int index, int count, int size) {
    return segment.asSlice(offset + (long) size * Objects.checkIndex(index, count), size);
  }
}
