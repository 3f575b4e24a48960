package sluice.recorder.read;

import java.util.Arrays;
import sluice.nvme.spec.Status;
import sluice.recorder.drive.Drive;
import sluice.recorder.drive.DriveQueue;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.EntryBuffer;
import sluice.recorder.format.IndexChain;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.format.SealedBlock;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/**
 * Walks over a recording's index entries in order and verifies each; reads ahead by one piece while
 * the other is walked over. Nothing waits: the owner polls the queue and hands on what completes
 * with a tag that is {@link #isTag one of these}.
 */
public final class IndexCursor implements AutoCloseable {
  /** Entries that are read at once. */
  private static final int PIECE = 1024;

  private static final long FIRST_TAG = -10;
  private static final int HALVES = 2;
  private static final int RETRIES = 3;
  private static final long NONE = -1;

  /** What there is at the cursor. */
  public enum State {
    /** The entry is being read. */
    WAITING,
    /** A valid entry. */
    ENTRY,
    /** The recording's last entry lies behind. */
    END,
    /** What should be the next entry is not valid. */
    INVALID,
    /** The drive could not read it, see {@link #failure}. */
    FAILED
  }

  private final DriveQueue queue;
  private final DmaSpace dma;
  private final long indexAddress;
  private final long entries;

  /** Entries before the drive's end; less than there should be if the drive is truncated. */
  private final long reachable;

  private final long key;
  private final DmaMemory memory;
  private final EntryBuffer buffer;

  // By half of the buffer: the piece that it holds or will hold, and how that stands.
  private final long[] piece = new long[HALVES];
  private final boolean[] requested = new boolean[HALVES];
  private final boolean[] loaded = new boolean[HALVES];
  private final int[] attempts = new int[HALVES];
  private final int[] failed = new int[HALVES];

  private IndexChain chain;
  private State state;
  private boolean seeking;
  private long position;
  private int failure;

  /** At a recording's first entry. */
  public IndexCursor(DriveQueue queue, Drive drive, CatalogueEntry recording) {
    this.queue = queue;
    this.dma = drive.dma();
    this.reachable = reachable(drive.bytes(), recording);
    this.indexAddress = recording.indexAddress();
    this.entries = recording.indexEntries();
    this.key = recording.key();
    this.memory = dma.allocate((long) HALVES * PIECE * IndexEntry.SIZE);
    this.buffer = new EntryBuffer(memory.segment());
    Arrays.fill(piece, NONE);
    rewind();
  }

  static boolean isTag(long tag) {
    return tag <= FIRST_TAG && tag > FIRST_TAG - HALVES;
  }

  /** Back to the first entry. */
  public void rewind() {
    seek(0);
  }

  /**
   * To an entry within the recording. Its place in the stream and in the chain is taken from the
   * entry before it.
   */
  public void seek(long sequence) {
    position = sequence;
    failure = 0;
    Arrays.fill(failed, 0);
    seeking = sequence > 0;
    chain = seeking ? null : new IndexChain(key);
    state = sequence >= entries && !seeking ? State.END : State.WAITING;
  }

  /** How many entries the recording has, or has room for. */
  public long entries() {
    return entries;
  }

  /** The sequence of the entry at the cursor. */
  public long position() {
    return position;
  }

  /** Requests what will be needed, and looks at what has come. */
  public int doWork() {
    long first = (seeking ? position - 1 : position) / PIECE;
    int work = request(first);
    if ((first + 1) * PIECE < entries) {
      work += request(first + 1);
    }
    if (state == State.WAITING) {
      look();
    }
    return work;
  }

  private int request(long wanted) {
    int half = (int) (wanted % HALVES);
    boolean held = piece[half] == wanted && (loaded[half] || failed[half] != 0);
    if (held || requested[half] || state == State.FAILED || state == State.END) {
      return 0;
    }
    long first = wanted * PIECE;
    long count = Math.min(PIECE, reachable - first);
    if (count <= 0) {
      return 0;
    }
    if (!queue.read(
        indexAddress + first * IndexEntry.SIZE,
        (int) (count * IndexEntry.SIZE),
        memory,
        (long) half * PIECE * IndexEntry.SIZE,
        FIRST_TAG - half)) {
      return 0;
    }
    piece[half] = wanted;
    requested[half] = true;
    loaded[half] = false;
    failed[half] = 0;
    return 1;
  }

  /** How many of a recording's entries a drive of a size has, in whole blocks. */
  public static long reachable(long driveBytes, CatalogueEntry recording) {
    long blocks = Math.ceilDiv(recording.indexEntries(), IndexEntry.PER_BLOCK);
    long present = Math.max(0, driveBytes - recording.indexAddress()) / SealedBlock.SIZE;
    return Math.min(blocks, present) * IndexEntry.PER_BLOCK;
  }

  void completed(long tag, int status) {
    int half = (int) (FIRST_TAG - tag);
    requested[half] = false;
    if (status == 0) {
      loaded[half] = true;
      attempts[half] = 0;
    } else if (++attempts[half] > RETRIES || !Status.isRetryable(status)) {
      // Of no account before the cursor comes to it: what lies before can be read.
      failed[half] = status;
      attempts[half] = 0;
    }
  }

  private boolean isLoaded(long sequence) {
    int half = (int) (sequence / PIECE % HALVES);
    if (piece[half] != sequence / PIECE) {
      return false;
    }
    if (failed[half] != 0) {
      failure = failed[half];
      state = State.FAILED;
    }
    return loaded[half];
  }

  private static int slot(long sequence) {
    return (int) (sequence % (HALVES * PIECE));
  }

  private void look() {
    if (seeking) {
      if (position - 1 >= reachable) {
        state = State.INVALID;
        return;
      }
      if (!isLoaded(position - 1)) {
        return;
      }
      int before = slot(position - 1);
      chain = IndexChain.after(buffer, before, key, position - 1);
      if (chain == null) {
        state = State.INVALID;
        return;
      }
      seeking = false;
    }
    if (position >= entries) {
      state = State.END;
    } else if (position >= reachable) {
      state = State.INVALID;
    } else if (isLoaded(position)) {
      state = chain.accept(buffer, slot(position)) ? State.ENTRY : State.INVALID;
    }
  }

  public State state() {
    return state;
  }

  /** The status of the read that failed. */
  public int failure() {
    return failure;
  }

  /** The address in memory of the entry at the cursor, see {@link IndexEntry}. */
  public long entry() {
    assert state == State.ENTRY : state;
    return buffer.entry(slot(position));
  }

  /** The stream offset behind the last valid entry. */
  public long streamOffset() {
    return chain == null ? 0 : chain.streamOffset();
  }

  /** The chain of the last valid entry; 0 if there was none. */
  public int chain() {
    return chain == null ? 0 : chain.chain();
  }

  /** To the next entry. */
  public void advance() {
    assert state == State.ENTRY : state;
    position++;
    state = State.WAITING;
    look();
  }

  @Override
  public void close() {
    dma.free(memory);
  }
}
