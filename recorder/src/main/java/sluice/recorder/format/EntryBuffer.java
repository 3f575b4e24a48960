package sluice.recorder.format;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import sluice.support.memory.OffHeap;

/** Native memory as an array of index entries, with the views that checksums need ready made. */
public final class EntryBuffer {
  private final long address;
  private final int capacity;
  private final ByteBuffer bytes;

  /**
   * @param memory native, aligned to 8 bytes, a multiple of {@link IndexEntry#SIZE}; it must
   *     outlive this buffer
   */
  public EntryBuffer(MemorySegment memory) {
    this.address = memory.address();
    this.capacity = Math.toIntExact(memory.byteSize() / IndexEntry.SIZE);
    this.bytes = memory.asByteBuffer();
  }

  /** How many entries there is room for. */
  public int capacity() {
    return capacity;
  }

  /** An entry's address in memory. */
  public long entry(int i) {
    assert i >= 0 && i < capacity : i;
    return address + (long) i * IndexEntry.SIZE;
  }

  /** Copies entries within or between buffers that do not overlap there. */
  public void copyTo(int from, EntryBuffer target, int to, int count) {
    OffHeap.copy(entry(from), target.entry(to), (long) count * IndexEntry.SIZE);
  }

  /** Zeros entries. */
  public void clear(int from, int count) {
    for (long a = entry(from), end = a + (long) count * IndexEntry.SIZE; a < end; a += 8) {
      OffHeap.putLong(a, 0);
    }
  }

  /** Whether an entry's own checksum holds. */
  public boolean isIntact(int i, CRC32C crc) {
    return OffHeap.getInt(entry(i)) == checksum(i, crc);
  }

  int checksum(int i, CRC32C crc) {
    crc.reset();
    update(crc, i, IndexEntry.CHECKED, IndexEntry.SIZE);
    return (int) crc.getValue();
  }

  void update(CRC32C crc, int i, int from, int to) {
    bytes.limit(i * IndexEntry.SIZE + to).position(i * IndexEntry.SIZE + from);
    crc.update(bytes);
  }
}
