package sluice.recorder.format;

import sluice.support.memory.OffHeap;

/**
 * An entry of the index (FORMAT.md, "Index"), by its address in memory: 64 bytes that check
 * themselves.
 *
 * <pre>
 *   0  crc32c of bytes 4..63 u32 | kind u8 | gap: flags u8 | zero
 *   8  key of the recording u64
 *  16  sequence u64
 *  24  stream offset u64
 *  32  chunk: address u64        | gap: 0           | mark: durable stream offset
 *  40  chunk: length u64         | gap: bytes lost  | mark: high-water bytes
 *  48  time i64 ns
 *  56  chunk: data crc32c u32    | gap: 0           | mark: temperature, kelvin
 *  60  chain u32
 * </pre>
 *
 * Written and verified by {@link IndexChain}.
 */
public final class IndexEntry {
  public static final int SIZE = 64;

  /** Entries in a block of the drive. */
  public static final int PER_BLOCK = SealedBlock.SIZE / SIZE;

  public static final int CHUNK = 1;
  public static final int GAP = 2;
  public static final int MARK = 3;

  /** A gap's flag: its size is an estimate. */
  static final int ESTIMATE = 1;

  /** A gap's flag: it was recorded, and the drive has lost it since. */
  static final int LOSS = 2;

  static final int CRC = 0;
  static final int CHECKED = 4;
  static final int KIND = 4;
  static final int FLAGS = 5;
  static final int KEY = 8;
  static final int SEQUENCE = 16;
  static final int STREAM_OFFSET = 24;
  static final int ADDRESS = 32;
  static final int LENGTH = 40;
  static final int TIME = 48;
  static final int VALUE = 56;
  static final int CHAIN = 60;

  private IndexEntry() {}

  /** {@link #CHUNK}, {@link #GAP} or {@link #MARK}; of an entry that is not valid, anything. */
  public static int kind(long entry) {
    return OffHeap.getByte(entry + KIND);
  }

  public static long key(long entry) {
    return OffHeap.getLong(entry + KEY);
  }

  public static long sequence(long entry) {
    return OffHeap.getLong(entry + SEQUENCE);
  }

  public static long streamOffset(long entry) {
    return OffHeap.getLong(entry + STREAM_OFFSET);
  }

  /** A chunk's address on the drive. */
  public static long address(long entry) {
    return OffHeap.getLong(entry + ADDRESS);
  }

  /** A mark's durable stream offset. */
  public static long durable(long entry) {
    return OffHeap.getLong(entry + ADDRESS);
  }

  /** Bytes of a chunk or of a gap. */
  public static long length(long entry) {
    return OffHeap.getLong(entry + LENGTH);
  }

  /** Whether a gap's size is an estimate. */
  public static boolean isEstimate(long entry) {
    return (OffHeap.getByte(entry + FLAGS) & ESTIMATE) != 0;
  }

  /** Whether a gap was recorded first, and lost by the drive; that loss was accepted. */
  public static boolean isLoss(long entry) {
    return (OffHeap.getByte(entry + FLAGS) & LOSS) != 0;
  }

  /** A mark's high-water mark since the mark before, in bytes. */
  public static long highWater(long entry) {
    return OffHeap.getLong(entry + LENGTH);
  }

  /** Nanoseconds since the epoch. */
  public static long time(long entry) {
    return OffHeap.getLong(entry + TIME);
  }

  public static int dataCrc(long entry) {
    return OffHeap.getInt(entry + VALUE);
  }

  /** A mark's temperature in kelvin; 0 if unknown. */
  public static int kelvin(long entry) {
    return OffHeap.getInt(entry + VALUE);
  }

  public static int chain(long entry) {
    return OffHeap.getInt(entry + CHAIN);
  }

  /** By how much an entry advances the stream. */
  public static long advance(long entry) {
    return kind(entry) == MARK ? 0 : length(entry);
  }
}
