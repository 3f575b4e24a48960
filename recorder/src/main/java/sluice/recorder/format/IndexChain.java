package sluice.recorder.format;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import sluice.support.memory.OffHeap;

/**
 * The sequence of a recording's index entries: appends the next one, or says whether one that was
 * read is the next one (FORMAT.md, "Index"). Used by one thread; allocates nothing per entry.
 */
public final class IndexChain {
  private final long key;
  private final CRC32C crc = new CRC32C();
  private final long chainAddress;
  private final ByteBuffer chainBytes;

  private long sequence;
  private long streamOffset;
  private int chain;

  /** From a recording's first entry on. */
  public IndexChain(long key) {
    this(key, 0, 0, 0);
  }

  /**
   * From within a recording.
   *
   * @param sequence of the next entry
   * @param streamOffset of the next entry
   * @param chain of the entry before it; 0 before the first
   */
  public IndexChain(long key, long sequence, long streamOffset, int chain) {
    this.key = key;
    this.sequence = sequence;
    this.streamOffset = streamOffset;
    this.chain = chain;
    MemorySegment memory = Arena.ofAuto().allocate(Integer.BYTES, Long.BYTES);
    this.chainAddress = memory.address();
    this.chainBytes = memory.asByteBuffer();
  }

  /**
   * From behind an entry that was read, on its own word.
   *
   * @return null if it is not {@link #isOwn an entry of that recording and place}
   */
  public static IndexChain after(EntryBuffer buffer, int i, long key, long sequence) {
    long entry = buffer.entry(i);
    IndexChain chain =
        new IndexChain(
            key,
            sequence + 1,
            IndexEntry.streamOffset(entry) + IndexEntry.advance(entry),
            IndexEntry.chain(entry));
    return chain.isOwn(buffer, i, sequence) ? chain : null;
  }

  /**
   * Whether an entry that was read is one of this recording and that place in its index, by all
   * that it says itself; what is before it is not asked.
   */
  public boolean isOwn(EntryBuffer buffer, int i, long atSequence) {
    long entry = buffer.entry(i);
    return IndexEntry.sequence(entry) == atSequence
        && IndexEntry.key(entry) == key
        && buffer.isIntact(i, crc)
        && IndexEntry.streamOffset(entry) >= 0
        && isPossible(entry, IndexEntry.streamOffset(entry));
  }

  /** The next entry's sequence; so, how many there are. */
  public long sequence() {
    return sequence;
  }

  /** The next entry's stream offset; so, the stream's bytes. */
  public long streamOffset() {
    return streamOffset;
  }

  /** The last entry's chain; 0 if there is none. */
  public int chain() {
    return chain;
  }

  public void appendChunk(
      EntryBuffer buffer, int i, long address, long length, long timeNanos, int dataCrc) {
    append(buffer, i, IndexEntry.CHUNK, 0, address, length, timeNanos, dataCrc);
    streamOffset += length;
  }

  /**
   * @param isEstimate whether the size is an estimate
   */
  public void appendGap(
      EntryBuffer buffer, int i, long lostBytes, long timeNanos, boolean isEstimate) {
    int flags = isEstimate ? IndexEntry.ESTIMATE : 0;
    append(buffer, i, IndexEntry.GAP, flags, 0, lostBytes, timeNanos, 0);
    streamOffset += lostBytes;
  }

  /** A gap where something was recorded that the drive has lost. */
  public void appendLoss(EntryBuffer buffer, int i, long bytes, long timeNanos) {
    append(buffer, i, IndexEntry.GAP, IndexEntry.LOSS, 0, bytes, timeNanos, 0);
    streamOffset += bytes;
  }

  /**
   * @param durable stream offset below which all was durable before this entry is written
   */
  public void appendMark(
      EntryBuffer buffer, int i, long durable, long highWaterBytes, long timeNanos, int kelvin) {
    append(buffer, i, IndexEntry.MARK, 0, durable, highWaterBytes, timeNanos, kelvin);
  }

  private void append(
      EntryBuffer buffer,
      int i,
      int kind,
      int flags,
      long address,
      long length,
      long time,
      int value) {
    long entry = buffer.entry(i);
    OffHeap.putLong(entry, 0);
    OffHeap.putByte(entry + IndexEntry.KIND, (byte) kind);
    OffHeap.putByte(entry + IndexEntry.FLAGS, (byte) flags);
    OffHeap.putLong(entry + IndexEntry.KEY, key);
    OffHeap.putLong(entry + IndexEntry.SEQUENCE, sequence);
    OffHeap.putLong(entry + IndexEntry.STREAM_OFFSET, streamOffset);
    OffHeap.putLong(entry + IndexEntry.ADDRESS, address);
    OffHeap.putLong(entry + IndexEntry.LENGTH, length);
    OffHeap.putLong(entry + IndexEntry.TIME, time);
    OffHeap.putInt(entry + IndexEntry.VALUE, value);
    chain = nextChain(buffer, i);
    OffHeap.putInt(entry + IndexEntry.CHAIN, chain);
    OffHeap.putInt(entry + IndexEntry.CRC, buffer.checksum(i, crc));
    sequence++;
  }

  /**
   * Takes an entry that was read, if it is the next one of this recording; otherwise nothing
   * changes.
   */
  public boolean accept(EntryBuffer buffer, int i) {
    long entry = buffer.entry(i);
    if (!buffer.isIntact(i, crc)
        || IndexEntry.key(entry) != key
        || IndexEntry.sequence(entry) != sequence
        || IndexEntry.streamOffset(entry) != streamOffset
        || !isPossible(entry, streamOffset)) {
      return false;
    }
    int next = nextChain(buffer, i);
    if (IndexEntry.chain(entry) != next) {
      return false;
    }
    chain = next;
    sequence++;
    streamOffset += IndexEntry.advance(entry);
    return true;
  }

  private static boolean isPossible(long entry, long offset) {
    return switch (IndexEntry.kind(entry)) {
      case IndexEntry.CHUNK, IndexEntry.GAP ->
          IndexEntry.length(entry) > 0 && offset + IndexEntry.length(entry) > 0;
      case IndexEntry.MARK -> IndexEntry.durable(entry) >= 0 && IndexEntry.durable(entry) <= offset;
      default -> false;
    };
  }

  private int nextChain(EntryBuffer buffer, int i) {
    OffHeap.putInt(chainAddress, chain);
    crc.reset();
    crc.update(chainBytes.clear());
    buffer.update(crc, i, IndexEntry.CHECKED, IndexEntry.CHAIN);
    return (int) crc.getValue();
  }
}
