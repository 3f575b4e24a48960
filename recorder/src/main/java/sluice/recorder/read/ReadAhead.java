package sluice.recorder.read;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import sluice.nvme.CompletionHandler;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveQueue;
import sluice.nvme.drive.Retry;
import sluice.nvme.spec.Status;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.Extent;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.format.Placement;
import sluice.vfio.DmaMemory;

/**
 * The entries of a recording in order, the data of the chunks among them already read or on its
 * way. Nothing waits: {@link #doWork} does what can be done. Used by one thread; allocates nothing
 * per entry.
 */
public final class ReadAhead implements AutoCloseable {
  /** Memory for data where slots are large: fewer of them are read ahead then. */
  private static final long MEMORY = 64 << 20;

  /** Slots are so large at the most before a chunk turns up that needs more. */
  private static final int FIRST_SLOT_BYTES = 1 << 20;

  // What is noted of a gap.
  private static final int ESTIMATE = 1;
  private static final int LOSS = 2;

  private static final int EMPTY = 0;
  private static final int READING = 1;
  private static final int READY = 2;
  private static final int AGAIN = 3;
  private static final int FAILED = 4;

  private final Drive drive;
  private final DriveQueue queue;
  private final IndexCursor cursor;
  private final CompletionHandler handler = this::completed;
  private final int depth;

  /** No chunk is longer. */
  private final int longest;

  private final ByteBuffer[] buffers;

  /** For data; null before any is read. */
  private DmaMemory memory;

  /** Slots in the memory, and the bytes of each. */
  private int slots;

  private int slotBytes;

  private final CRC32C crc = new CRC32C();

  // By slot.
  private final int[] state;
  private final Retry[] retry;
  private final int[] status;
  private final int[] kind;
  private final long[] sequence;
  private final long[] offset;
  private final long[] address;
  private final long[] length;
  private final long[] time;
  private final int[] value;
  private final int[] chain;

  /** Entries taken from the index and given to the reader, in all: slots lie between. */
  private long taken;

  private long given;
  private int again;
  private long dataFrom;

  /**
   * @param depth chunks to have under way at once, as far as memory allows
   */
  public ReadAhead(Drive drive, CatalogueEntry recording, int depth) {
    this.drive = drive;
    this.longest = longest(recording, drive.bytes());
    this.slotBytes = Math.min(longest, FIRST_SLOT_BYTES);
    this.depth = Math.clamp(MEMORY / slotBytes, 1, Math.max(2, depth));
    this.slots = slots();
    this.buffers = new ByteBuffer[this.depth];
    this.queue = drive.openQueue(Math.min(this.depth + 2, drive.maxQueueDepth()));
    this.cursor = new IndexCursor(queue, drive, recording);
    this.state = new int[this.depth];
    this.retry = new Retry[this.depth];
    Arrays.setAll(retry, i -> new Retry());
    this.status = new int[this.depth];
    this.kind = new int[this.depth];
    this.sequence = new long[this.depth];
    this.offset = new long[this.depth];
    this.address = new long[this.depth];
    this.length = new long[this.depth];
    this.time = new long[this.depth];
    this.value = new int[this.depth];
    this.chain = new int[this.depth];
  }

  /**
   * No chunk is longer than a slot, the place that the recording has for its data, or the drive.
   */
  private static int longest(CatalogueEntry recording, long driveBytes) {
    long largest = recording.extents().stream().mapToLong(Extent::bytes).max().orElse(0);
    long place = Math.min(largest, driveBytes & -4096);
    long slot = Placement.padded(recording.ring().slotBytes());
    return Math.clamp(Math.min(slot, place), 4096, Integer.MAX_VALUE & -4096);
  }

  private DmaMemory memory() {
    if (memory == null) {
      memory = drive.dma().allocate((long) slotBytes * slots);
      for (int i = 0; i < slots; i++) {
        buffers[i] = memory.segment().asSlice((long) i * slotBytes, slotBytes).asByteBuffer();
      }
    }
    return memory;
  }

  /**
   * Makes slots for a longer chunk, fewer of them, when none is in use any more. What the catalogue
   * says of slots is no reason to take memory: only a chunk is that there is, by the index.
   */
  private void grow(long length) {
    if (given < taken) {
      return;
    }
    if (memory != null) {
      drive.dma().free(memory);
      memory = null;
    }
    slotBytes = (int) Math.min(longest, Long.highestOneBit(length - 1) * 2);
    slots = slots();
  }

  /** As many as there is memory for, and no more than would hold the whole drive. */
  private int slots() {
    return Math.clamp(Math.min(MEMORY, drive.bytes()) / slotBytes, 1, depth);
  }

  /** Chunks that end at or below this stream offset are not read, only told. */
  public void dataFrom(long streamOffset) {
    dataFrom = streamOffset;
  }

  /**
   * Goes on from another entry. What was under way is waited for by {@link #isIdle}, before which
   * this must not be called.
   */
  public void seek(long newSequence) {
    drop();
    cursor.seek(newSequence);
  }

  /**
   * As {@link #seek}, but passing over what is damaged in the index, see {@link
   * IndexCursor#survey}.
   */
  public void survey(long newSequence) {
    drop();
    cursor.survey(newSequence);
  }

  private void drop() {
    assert isIdle();
    while (given < taken) {
      state[slot(given++)] = EMPTY;
    }
    again = 0;
  }

  /** Whether nothing is under way. */
  public boolean isIdle() {
    return queue.outstanding() == 0;
  }

  /** Takes completions in, without asking for more. */
  public int poll() {
    return queue.poll(handler);
  }

  /** Takes completions in, and asks for what comes next. */
  public int doWork() {
    int work = queue.poll(handler);
    work += cursor.doWork();
    long now = again > 0 ? System.nanoTime() : 0;
    for (long entry = given; again > 0 && entry < taken; entry++) {
      int slot = slot(entry);
      if (state[slot] == AGAIN && retry[slot].isDue(now) && request(slot)) {
        again--;
        work++;
      }
    }
    while (taken - given < slots && cursor.state() == IndexCursor.State.ENTRY) {
      if (!take()) {
        break;
      }
      cursor.advance();
      work++;
    }
    queue.ring();
    return work;
  }

  private int slot(long entry) {
    return (int) (entry % slots);
  }

  private boolean take() {
    long entry = cursor.entry();
    int slot = slot(taken);
    kind[slot] = IndexEntry.kind(entry);
    sequence[slot] = cursor.position();
    offset[slot] = IndexEntry.streamOffset(entry);
    address[slot] = IndexEntry.address(entry);
    length[slot] = IndexEntry.length(entry);
    time[slot] = IndexEntry.time(entry);
    value[slot] =
        IndexEntry.kind(entry) == IndexEntry.GAP
            ? (IndexEntry.isEstimate(entry) ? ESTIMATE : 0) | (IndexEntry.isLoss(entry) ? LOSS : 0)
            : IndexEntry.dataCrc(entry);
    chain[slot] = IndexEntry.chain(entry);
    retry[slot].reset();
    status[slot] = 0;
    boolean isRead = kind[slot] == IndexEntry.CHUNK && offset[slot] + length[slot] > dataFrom;
    if (!isRead || !isReadable(slot)) {
      state[slot] = READY;
    } else if (length[slot] > slotBytes) {
      grow(length[slot]);
      return false;
    } else if (!request(slot)) {
      return false;
    }
    taken++;
    return true;
  }

  /** Whether a chunk's place and size are such that it can be read at all. */
  private boolean isReadable(int slot) {
    return length[slot] <= longest
        && address[slot] >= 0
        && address[slot] % 4096 == 0
        && address[slot] <= drive.bytes() - Placement.padded(length[slot]);
  }

  private boolean request(int slot) {
    if (!queue.read(
        address[slot],
        (int) Placement.padded(length[slot]),
        memory(),
        (long) slot * slotBytes,
        slot)) {
      return false;
    }
    state[slot] = READING;
    return true;
  }

  private void completed(long tag, int ended) {
    if (IndexCursor.isTag(tag)) {
      cursor.completed(tag, ended);
      return;
    }
    int slot = (int) tag;
    if (ended == 0) {
      state[slot] = READY;
    } else if (retry[slot].failed(drive, ended, System.nanoTime())) {
      state[slot] = AGAIN;
      again++;
    } else {
      state[slot] = FAILED;
      status[slot] = ended;
    }
  }

  /** Whether the next entry is there, data and all; if not, see {@link #isAtEnd}. */
  public boolean hasEntry() {
    return given < taken && (state[slot(given)] == READY || state[slot(given)] == FAILED);
  }

  /** Whether all entries were given that could be: now {@link #indexState} tells why. */
  public boolean isAtEnd() {
    return given == taken
        && switch (cursor.state()) {
          case END, INVALID, FAILED -> true;
          case WAITING, ENTRY -> false;
        };
  }

  public IndexCursor.State indexState() {
    return cursor.state();
  }

  public IndexCursor index() {
    return cursor;
  }

  // ------------------------------------------------------------------- the next entry, if hasEntry

  /** {@link IndexEntry#CHUNK}, {@link IndexEntry#GAP} or {@link IndexEntry#MARK}. */
  public int kind() {
    return kind[slot(given)];
  }

  public long sequence() {
    return sequence[slot(given)];
  }

  public long streamOffset() {
    return offset[slot(given)];
  }

  /** Bytes of a chunk or a gap; a mark's high-water mark. */
  public long length() {
    return length[slot(given)];
  }

  /** A chunk's address on the drive; a mark's durable stream offset. */
  public long driveAddress() {
    return address[slot(given)];
  }

  public long time() {
    return time[slot(given)];
  }

  /** A chunk's CRC as recorded; a mark's temperature in kelvin. */
  public int value() {
    return value[slot(given)];
  }

  /** Whether this is a gap whose size is an estimate. */
  public boolean isEstimate() {
    return kind() == IndexEntry.GAP && (value() & ESTIMATE) != 0;
  }

  /**
   * Whether this is a gap where something was recorded; the drive has lost it, which was accepted.
   */
  public boolean isAccepted() {
    return kind() == IndexEntry.GAP && (value() & LOSS) != 0;
  }

  /** The chain up to this entry. */
  public int chain() {
    return chain[slot(given)];
  }

  /** Where a chunk's data is in memory, until {@link #pop}. */
  public long dataAddress() {
    return memory.address() + (long) slot(given) * slotBytes;
  }

  /** Whether a chunk's data is what was recorded; true of a chunk that was not read. */
  public boolean isDataRight() {
    int slot = slot(given);
    if (offset[slot] + length[slot] <= dataFrom) {
      return true;
    }
    if (state[slot] == FAILED || !isReadable(slot)) {
      return false;
    }
    crc.reset();
    crc.update(buffers[slot].position(0).limit((int) length[slot]));
    return (int) crc.getValue() == value[slot];
  }

  /** Why a chunk's data is not right, for people. */
  public String problem() {
    int slot = slot(given);
    String what =
        state[slot] == FAILED
            ? "the drive cannot read it: " + Status.format(status[slot])
            : isReadable(slot) ? "its checksum is wrong" : "its place cannot be";
    return "the chunk of %d bytes at stream offset %d (drive address %d): %s"
        .formatted(length[slot], offset[slot], address[slot], what);
  }

  /** Done with the entry. */
  public void pop() {
    state[slot(given)] = EMPTY;
    given++;
  }

  /** Frees its memory. The drive must have nothing under way for it any more. */
  @Override
  public void close() {
    queue.close();
    cursor.close();
    if (memory != null) {
      drive.dma().free(memory);
    }
  }
}
