package sluice.recorder.write;

import java.util.ArrayList;
import java.util.List;
import sluice.nvme.drive.DriveQueue;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.EntryBuffer;
import sluice.recorder.format.IndexChain;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.format.IndexRange;
import sluice.recorder.format.SealedBlock;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/**
 * Appends a recording's index entries and writes them, block by block, the last one again as it
 * fills.
 *
 * <p>One write is in flight at a time, from one half of the memory, while entries are appended in
 * the other half: so no block is ever under way twice, and the bytes of a write do not change under
 * the drive. Used by the writer's thread; allocates nothing per entry.
 *
 * <p>A write stays within a piece of the index. Where one fails for good, that piece is left out:
 * all entries of it that there are by then, also those that were written well, are written to the
 * next. What is in the piece left out counts until the catalogue tells of that.
 */
final class IndexWriter implements RecordingIndex {
  /** Entries that a half has room for. */
  private static final int HALF = 4096;

  /** So many entries are written without being asked for: whole blocks, not tails. */
  private static final int EAGER = 4 * IndexEntry.PER_BLOCK;

  private final DriveQueue queue;
  private final DmaSpace dma;
  private final long address;
  private long capacity;
  private final boolean durable;
  private final DmaMemory memory;
  private final EntryBuffer[] halves = new EntryBuffer[2];
  private final IndexChain chain;

  /** The half that entries are appended to, and the sequence of its first entry. */
  private int filling;

  private long base;

  /** Entries that were written before the write in flight, and with it. */
  private long written;

  private long inFlightUpTo;
  private boolean inFlight;
  private boolean resend;

  /** Pieces that are left out: as entries are written now, and as all are that were written. */
  private List<Integer> leftOut;

  private List<Integer> settledLeftOut;

  // The write in flight, for another attempt.
  private int sentHalf;
  private long sentBase;
  private long sentAddress;
  private int sentLength;
  private long sentOffset;

  IndexWriter(DriveQueue queue, DmaSpace dma, CatalogueEntry recording, FlushPolicy policy) {
    this.queue = queue;
    this.dma = dma;
    this.address = recording.indexAddress();
    this.capacity = recording.indexEntries();
    this.leftOut = recording.index().leftOut();
    this.settledLeftOut = leftOut;
    this.durable = policy.forceUnitAccess();
    this.memory = dma.allocate(2L * HALF * IndexEntry.SIZE);
    for (int i = 0; i < halves.length; i++) {
      halves[i] =
          new EntryBuffer(
              memory.segment().asSlice((long) i * HALF * IndexEntry.SIZE, HALF * IndexEntry.SIZE));
    }
    this.chain = new IndexChain(recording.key());
  }

  @Override
  public boolean isKept() {
    return true;
  }

  @Override
  public boolean hasRoom(int entries) {
    return chain.sequence() - base + entries <= HALF;
  }

  @Override
  public List<Integer> leftOut() {
    return settledLeftOut;
  }

  @Override
  public long capacity(List<Integer> without) {
    return capacity + (long) (leftOut.size() - without.size()) * IndexRange.PIECE;
  }

  @Override
  public long remaining() {
    return capacity - chain.sequence();
  }

  @Override
  public long appended() {
    return chain.sequence();
  }

  @Override
  public long written() {
    return written;
  }

  /** The stream's bytes, of all entries. */
  long streamOffset() {
    return chain.streamOffset();
  }

  @Override
  public int chain() {
    return chain.chain();
  }

  @Override
  public void chunk(long driveAddress, long length, long timeNanos, int dataCrc) {
    chain.appendChunk(halves[filling], place(), driveAddress, length, timeNanos, dataCrc);
  }

  @Override
  public void gap(long lostBytes, long timeNanos, boolean isEstimate) {
    chain.appendGap(halves[filling], place(), lostBytes, timeNanos, isEstimate);
  }

  @Override
  public void mark(long durableOffset, long highWaterBytes, long timeNanos, int kelvin) {
    chain.appendMark(halves[filling], place(), durableOffset, highWaterBytes, timeNanos, kelvin);
  }

  private int place() {
    assert hasRoom(1);
    int i = (int) (chain.sequence() - base);
    if (i % IndexEntry.PER_BLOCK == 0) {
      // What follows the last entry of a block on the drive is zeros.
      halves[filling].clear(i, IndexEntry.PER_BLOCK);
    }
    return i;
  }

  @Override
  public int doWork(long wanted) {
    if (resend) {
      resend = !send();
      return resend ? 0 : 1;
    }
    long appended = chain.sequence();
    boolean enough = appended - written >= EAGER || written < wanted;
    if (inFlight || appended == written || !enough) {
      return 0;
    }
    long first = written / IndexEntry.PER_BLOCK * IndexEntry.PER_BLOCK;
    long end = (first / IndexRange.PIECE + 1) * IndexRange.PIECE;
    sentHalf = filling;
    sentBase = base;
    inFlightUpTo = Math.min(appended, end);
    aim(first);
    if (!send()) {
      return 0;
    }
    inFlight = true;
    turn(appended);
    return 1;
  }

  /** The write in flight is of the entries from this one on, all of them of one piece. */
  private void aim(long first) {
    int blocks = (int) Math.ceilDiv(inFlightUpTo - first, (long) IndexEntry.PER_BLOCK);
    sentAddress =
        IndexRange.pieceAddress(address, leftOut, first / IndexRange.PIECE)
            + first % IndexRange.PIECE * IndexEntry.SIZE;
    sentLength = blocks * SealedBlock.SIZE;
    sentOffset = ((long) sentHalf * HALF + (first - sentBase)) * IndexEntry.SIZE;
  }

  @Override
  public boolean leaveOut(long needed) {
    if (leftOut.size() == IndexRange.MAX_LEFT_OUT || remaining() - IndexRange.PIECE < needed) {
      return false;
    }
    long first = (inFlightUpTo - 1) / IndexRange.PIECE * IndexRange.PIECE;
    long place =
        (IndexRange.pieceAddress(address, leftOut, first / IndexRange.PIECE) - address)
            / IndexRange.PIECE_BYTES;
    List<Integer> more = new ArrayList<>(leftOut);
    more.add((int) place);
    leftOut = List.copyOf(more);
    capacity -= IndexRange.PIECE;
    aim(first);
    resend = true;
    return true;
  }

  private boolean send() {
    return queue.write(sentAddress, sentLength, memory, sentOffset, durable, Request.INDEX.tag());
  }

  /**
   * Goes on in the other half, from the start of the last piece if that is not full, so that each
   * half has all of the piece that is written from it.
   */
  private void turn(long appended) {
    int other = 1 - filling;
    long newBase = inFlightUpTo / IndexRange.PIECE * IndexRange.PIECE;
    int tail = Math.ceilDiv((int) (appended - newBase), IndexEntry.PER_BLOCK);
    if (tail > 0) {
      halves[filling].copyTo((int) (newBase - base), halves[other], 0, tail * IndexEntry.PER_BLOCK);
    }
    filling = other;
    base = newBase;
  }

  @Override
  public void completed() {
    inFlight = false;
    written = inFlightUpTo;
    settledLeftOut = leftOut;
  }

  @Override
  public void again() {
    resend = true;
  }

  @Override
  public void close() {
    dma.free(memory);
  }
}
