package sluice.recorder.read;

import java.util.Arrays;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveQueue;
import sluice.nvme.drive.Retry;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.EntryBuffer;
import sluice.recorder.format.IndexChain;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.format.IndexRange;
import sluice.recorder.format.SealedBlock;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/**
 * Walks over a recording's index entries in order and verifies each; reads ahead by one piece while
 * the other is walked over. Nothing waits: the owner polls the queue and hands on what completes
 * with a tag that is {@link #isTag one of these}.
 *
 * <p>A piece that the drive cannot read as a whole is read block by block, so that a bad block
 * takes no more entries with it than are in it.
 */
public final class IndexCursor implements AutoCloseable {
  /** Entries that are read at once. */
  private static final int PIECE = IndexRange.PIECE;

  private static final int WHOLE = -1;

  private static final long FIRST_TAG = -10;
  private static final int HALVES = 2;
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

  private final Drive drive;
  private final DriveQueue queue;
  private final DmaSpace dma;
  private final IndexRange index;
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
  private final Retry[] retry = {new Retry(), new Retry()};

  /** The block of the piece that is read next, or {@link #WHOLE}. */
  private final int[] block = new int[HALVES];

  /** A bit for each block of the piece that the drive could not read, and why. */
  private final long[] bad = new long[HALVES];

  private final int[] failed = new int[HALVES];

  private final IndexChain own;
  private IndexChain chain;
  private State state;
  private boolean seeking;
  private boolean skipping;
  private long position;
  private int failure;

  /** At a recording's first entry. */
  public IndexCursor(DriveQueue queue, Drive drive, CatalogueEntry recording) {
    this.drive = drive;
    this.queue = queue;
    this.dma = drive.dma();
    this.reachable = reachable(drive.bytes(), recording);
    this.index = recording.index();
    this.entries = recording.indexEntries();
    this.key = recording.key();
    this.memory = dma.allocate((long) HALVES * PIECE * IndexEntry.SIZE);
    this.buffer = new EntryBuffer(memory.segment());
    this.own = new IndexChain(key);
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
   * entry before it; from its own word if that one is damaged.
   */
  public void seek(long sequence) {
    position = sequence;
    failure = 0;
    skipping = false;
    seeking = sequence > 0;
    chain = seeking ? null : new IndexChain(key);
    state = sequence >= entries && !seeking ? State.END : State.WAITING;
  }

  /**
   * To the first entry from a place on that can be read, and from there to each that can: what is
   * damaged is passed over, and each entry is taken on its own word. For finding a place, not for
   * proving anything.
   */
  public void survey(long sequence) {
    seek(sequence);
    skipping = true;
    seeking = false;
    state = State.WAITING;
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
    if ((first + 1) * PIECE < Math.min(entries, reachable)) {
      work += request(first + 1);
    }
    if (state == State.WAITING) {
      look();
    }
    return work;
  }

  private int request(long wanted) {
    int half = (int) (wanted % HALVES);
    boolean held = piece[half] == wanted && loaded[half];
    if (held || requested[half] || state == State.FAILED || state == State.END) {
      return 0;
    }
    int blocks = blocks(wanted);
    if (blocks <= 0) {
      return 0;
    }
    if (piece[half] != wanted) {
      piece[half] = wanted;
      loaded[half] = false;
      block[half] = WHOLE;
      bad[half] = 0;
      retry[half].reset();
    }
    if (!retry[half].isDue(System.nanoTime())) {
      return 0;
    }
    boolean whole = block[half] == WHOLE;
    long skipped = whole ? 0 : (long) block[half] * SealedBlock.SIZE;
    requested[half] =
        queue.read(
            index.pieceAddress(wanted) + skipped,
            whole ? blocks * SealedBlock.SIZE : SealedBlock.SIZE,
            memory,
            (long) half * PIECE * IndexEntry.SIZE + skipped,
            FIRST_TAG - half);
    return requested[half] ? 1 : 0;
  }

  /** Blocks of a piece that the drive has; 0 of one that is beyond it, however far. */
  private int blocks(long wanted) {
    return Math.clamp(
        (reachable - wanted * PIECE) / IndexEntry.PER_BLOCK, 0, PIECE / IndexEntry.PER_BLOCK);
  }

  /** How many of a recording's entries a drive of a size has, in whole blocks. */
  public static long reachable(long driveBytes, CatalogueEntry recording) {
    return recording.index().reachable(driveBytes);
  }

  void completed(long tag, int status) {
    int half = (int) (FIRST_TAG - tag);
    requested[half] = false;
    if (status != 0 && retry[half].failed(drive, status, System.nanoTime())) {
      return;
    }
    retry[half].reset();
    int blocks = blocks(piece[half]);
    if (block[half] == WHOLE) {
      loaded[half] = status == 0;
      block[half] = status == 0 ? WHOLE : 0;
      return;
    }
    if (status != 0) {
      // Of no account before the cursor comes to it: what lies before can be read.
      bad[half] |= 1L << block[half];
      failed[half] = status;
    }
    block[half]++;
    loaded[half] = block[half] == blocks;
  }

  /** Whether the drive was asked for an entry and has answered. */
  private boolean isPresent(long sequence) {
    int half = (int) (sequence / PIECE % HALVES);
    return piece[half] == sequence / PIECE && loaded[half];
  }

  /** Whether an entry that is present is in a block that the drive could not read. */
  private boolean isBad(long sequence) {
    int half = (int) (sequence / PIECE % HALVES);
    return (bad[half] >>> (sequence % PIECE / IndexEntry.PER_BLOCK) & 1) != 0;
  }

  private void fail(long sequence) {
    failure = failed[(int) (sequence / PIECE % HALVES)];
    state = State.FAILED;
  }

  private static int slot(long sequence) {
    return (int) (sequence % (HALVES * PIECE));
  }

  private void look() {
    if (skipping) {
      lookOnward();
      return;
    }
    if (seeking) {
      begin();
      return;
    }
    if (position >= entries) {
      state = State.END;
    } else if (position >= reachable) {
      state = State.INVALID;
    } else if (isPresent(position)) {
      if (isBad(position)) {
        fail(position);
      } else {
        state = chain.accept(buffer, slot(position)) ? State.ENTRY : State.INVALID;
      }
    }
  }

  /** Learns from the entry before where in the stream this one is. */
  private void begin() {
    if (position - 1 >= reachable) {
      state = State.INVALID;
      return;
    }
    if (!isPresent(position - 1)) {
      return;
    }
    if (!isBad(position - 1)) {
      chain = IndexChain.after(buffer, slot(position - 1), key, position - 1);
      if (chain != null) {
        seeking = false;
        look();
        return;
      }
    }
    if (position >= reachable || position >= entries) {
      state = State.INVALID;
    } else if (isPresent(position)) {
      if (isBad(position)) {
        fail(position);
        return;
      }
      chain = IndexChain.after(buffer, slot(position), key, position);
      state = chain == null ? State.INVALID : State.ENTRY;
      seeking = chain == null;
    }
  }

  private void lookOnward() {
    long end = Math.min(entries, reachable);
    while (position < end) {
      if (!isPresent(position)) {
        return;
      }
      if (isBad(position)) {
        position = (position / IndexEntry.PER_BLOCK + 1) * IndexEntry.PER_BLOCK;
      } else if (own.isOwn(buffer, slot(position), position)) {
        state = State.ENTRY;
        return;
      } else {
        position++;
      }
    }
    state = State.END;
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
