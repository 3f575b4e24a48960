package sluice.virtual.array;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.support.memory.OffHeap;
import sluice.virtual.media.Media;

/**
 * RAM as a read cache over a media. What is read comes out of it if all of it is there, at once;
 * what is not goes to the media into the memory of whoever asked, and is kept on the way back. The
 * media has whatever is written first: the cache never has bytes that the media did not answer as
 * written, and losing it loses nothing. Flushes go to the media, and mean what they mean there.
 *
 * <p>What overlaps may be under way at the same time; then nobody can say which came first, and
 * nothing of it is kept. While something is being written it is not in the cache, and after a write
 * that failed it is not either. After a flush that failed the media may have lost what it answered
 * as written: from then on the cache is out of use, and all goes to the media.
 *
 * <p>It depends on this: nobody else changes the media; tags are below {@value #TAGS}, and two
 * requests that are under way have different ones; memory that {@link #read} and {@link #write}
 * name is changed by nobody but the media until they have ended. A host may change its memory at
 * any time: that is why what {@link #readNow} and {@link #writeNow} name is never kept.
 *
 * <p>Besides the bytes that it is given, the cache takes about one hundredth of them on the heap.
 * Used in the drive's turns; allocates nothing once it is made.
 */
public final class CacheMedia implements Media {
  /** More than a virtual drive has commands; each has a tag. */
  private static final int TAGS = 16_384;

  /** The least that a cache may have, in bytes. */
  public static final long LEAST_BYTES = 1 << 20;

  /**
   * What a host's pages have, and most of its small reads. In lines of 64 KiB a hit costs some tens
   * of nanoseconds less, and each of those reads takes the memory of sixteen.
   */
  private static final int LINE_BYTES = 4096;

  /** How much is read at once for a host: it stays in the processor's cache until it is copied. */
  private static final int BOUNCE_BYTES = 128 << 10;

  // What is under way with a tag, besides flushes.
  private static final byte FLUSH = 0;
  private static final byte READ = 1;
  private static final byte WRITE = 2;

  /** A change after which nothing is known of the bytes. */
  private static final byte FORGET = 3;

  private final Media media;
  private final boolean isThrough;
  private final CachedLines lines;
  private final PendingRanges pending = new PendingRanges(TAGS);
  private final CacheStatistics statistics;
  private final Completions completions = this::completed;

  /** What is read at once, before a host has it, who may change it. */
  private final MemorySegment bounce = Arena.ofAuto().allocate(BOUNCE_BYTES, LINE_BYTES);

  // By tag.
  private final byte[] ops = new byte[TAGS];
  private final long[] addresses = new long[TAGS];

  /** Who is told of what has ended, in a {@link #poll}. */
  private Completions told;

  /** A flush has failed. */
  private boolean isOff;

  /**
   * @param media closed with this
   * @param bytes how much of it to keep, {@link #LEAST_BYTES} or more; no more than it has is taken
   * @throws IllegalArgumentException if that is too little
   * @throws IllegalStateException if there is no such memory
   */
  public CacheMedia(Media media, long bytes, CacheMode mode) {
    this(media, lines(bytes, media.size()), LINE_BYTES, mode);
  }

  /**
   * @param lineBytes a power of two, 512 or more
   */
  CacheMedia(Media media, int lines, int lineBytes, CacheMode mode) {
    this.media = media;
    this.isThrough = mode == CacheMode.THROUGH;
    this.lines = new CachedLines(lines, lineBytes);
    this.statistics = new CacheStatistics(this.lines.capacityBytes());
  }

  private static int lines(long bytes, long size) {
    if (bytes < LEAST_BYTES) {
      throw new IllegalArgumentException(
          "a cache of " + bytes + " bytes: must be " + LEAST_BYTES + " at least");
    }
    long lines = Math.min(bytes / LINE_BYTES, Math.ceilDiv(size, (long) LINE_BYTES));
    if (lines > Integer.MAX_VALUE / 2) {
      throw new IllegalArgumentException("a cache of " + bytes + " bytes: must be less than 4 TiB");
    }
    return (int) lines;
  }

  /** What it has done; may be asked by any thread. */
  public CacheStatistics statistics() {
    return statistics;
  }

  @Override
  public long size() {
    return media.size();
  }

  // ---- reading

  @Override
  public int readNow(long offset, long address, long length) {
    if (isHit(offset, address, length)) {
      return DONE;
    }
    if (length > BOUNCE_BYTES) {
      return LATER;
    }
    int status = media.readNow(offset, bounce.address(), length);
    if (status == DONE) {
      statistics.missed(length);
      keepRead(offset, bounce.address(), length);
      OffHeap.copy(bounce.address(), address, length);
    }
    return status;
  }

  @Override
  public int read(long offset, long address, long length, int tag) {
    if (isHit(offset, address, length)) {
      return DONE;
    }
    statistics.missed(length);
    int status = media.read(offset, address, length, tag);
    if (status == LATER) {
      begin(READ, address, tag);
      pending.beginRead(tag, offset, offset + length);
    } else if (status == DONE) {
      keepRead(offset, address, length);
    }
    return status;
  }

  private boolean isHit(long offset, long address, long length) {
    if (isOff || !lines.get(offset, address, length)) {
      return false;
    }
    statistics.hit(length);
    return true;
  }

  /** Keeps what was read at once, unless it is being changed. */
  private void keepRead(long offset, long address, long length) {
    fill(offset, address, length, pending.isChanging(offset, offset + length));
  }

  private void fill(long offset, long address, long length, boolean isSpoiled) {
    if (isSpoiled) {
      statistics.fillDropped();
    } else if (!isOff) {
      lines.fill(offset, address, length);
      countLines();
    }
  }

  private void countLines() {
    statistics.lines(lines.evictions(), lines.bytes());
  }

  // ---- changing

  /** {@inheritDoc} What the cache is to keep is not written from memory that a host may change. */
  @Override
  public int writeNow(long offset, long address, long length) {
    if (isThrough && !isOff && lines.hasPart(offset, length)) {
      return LATER;
    }
    int status = media.writeNow(offset, address, length);
    // Though it is to be had later only, a part of it may have been written.
    changed(FORGET, status, offset, address, length);
    return status;
  }

  @Override
  public int write(long offset, long address, long length, int tag) {
    int status = media.write(offset, address, length, tag);
    change(WRITE, status, offset, address, length, tag);
    return status;
  }

  @Override
  public int zero(long offset, long length, int tag) {
    int status = media.zero(offset, length, tag);
    change(FORGET, status, offset, 0, length, tag);
    return status;
  }

  @Override
  public int deallocate(long offset, long length, int tag) {
    int status = media.deallocate(offset, length, tag);
    change(FORGET, status, offset, 0, length, tag);
    return status;
  }

  /** A change was given to the media, which answered. */
  private void change(byte op, int status, long offset, long address, long length, int tag) {
    if (status == LATER) {
      begin(op, address, tag);
      pending.beginChange(tag, offset, offset + length);
      lines.drop(offset, length, op == WRITE && isThrough);
      countLines();
    } else {
      changed(op, status, offset, address, length);
    }
  }

  /** A change was made at once. */
  private void changed(byte op, int status, long offset, long address, long length) {
    boolean isChanging = pending.spoil(offset, offset + length);
    keepWritten(op, status, offset, address, length, isChanging);
  }

  private void keepWritten(
      byte op, int status, long offset, long address, long length, boolean isSpoiled) {
    if (op == WRITE && isThrough && status == DONE && !isSpoiled && !isOff) {
      lines.update(offset, address, length);
    } else {
      lines.drop(offset, length, false);
      countLines();
    }
  }

  @Override
  public int flush(long offset, long length, int tag) {
    int status = media.flush(offset, length, tag);
    if (status == LATER) {
      ops[tag] = FLUSH;
    } else {
      flushed(status);
    }
    return status;
  }

  private void flushed(int status) {
    isOff |= status != DONE;
  }

  // ---- what has ended

  private void begin(byte op, long address, int tag) {
    ops[tag] = op;
    addresses[tag] = address;
  }

  @Override
  public int poll(Completions completions) {
    told = completions;
    return media.poll(this.completions);
  }

  private void completed(int tag, int status) {
    byte op = ops[tag];
    if (op == FLUSH) {
      flushed(status);
    } else {
      ended(op, tag, status);
    }
    told.completed(tag, status);
  }

  /** Before who asked is told of it: the memory is the media's until then. */
  private void ended(byte op, int tag, int status) {
    boolean isSpoiled = pending.end(tag);
    long offset = pending.start(tag);
    long length = pending.length(tag);
    if (op != READ) {
      keepWritten(op, status, offset, addresses[tag], length, isSpoiled);
    } else if (status == DONE) {
      fill(offset, addresses[tag], length, isSpoiled);
    }
  }

  @Override
  public void close() {
    try {
      media.close();
    } finally {
      lines.close();
    }
  }
}
