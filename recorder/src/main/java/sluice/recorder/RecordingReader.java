package sluice.recorder;

import java.lang.foreign.MemorySegment;
import sluice.nvme.NvmeException;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.Patience;
import sluice.nvme.spec.Status;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.FormatException;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.format.RecordingState;
import sluice.recorder.read.IndexCursor;
import sluice.recorder.read.ReadAhead;
import sluice.recorder.read.TimeSearch;
import sluice.support.memory.OffHeap;

/**
 * Reads a recording range by range: data, every byte of it verified, and the gaps between. Several
 * chunks are under way at once.
 *
 * <p>{@link #next} goes to the next range and waits for it; {@link #poll} does not wait. The range
 * is then told by {@link #streamOffset}, {@link #length} and, for data, {@link #address} or {@link
 * #data}, until the next call. Used by one thread; polling allocates nothing.
 */
public final class RecordingReader implements AutoCloseable {
  /** What {@link #next} came to. */
  public enum Range {
    /** Nothing is there yet; {@link #poll} alone says so. */
    NONE,
    /** Bytes of the stream. */
    DATA,
    /** Bytes that were lost before they were recorded. */
    GAP,
    /** The recording is over. */
    END
  }

  private final CatalogueEntry recording;
  private final ReadAhead entries;
  private final Patience patience;
  private Range range = Range.NONE;
  private long skip;
  private long from;

  RecordingReader(Drive drive, CatalogueEntry recording, int depth) {
    this.recording = recording;
    this.patience = new Patience("recording '" + recording.name() + "'");
    this.entries = new ReadAhead(drive, recording, depth);
  }

  /** What is read. */
  public CatalogueEntry recording() {
    return recording;
  }

  /**
   * Goes to a place in the stream; {@link #next} begins there, within a chunk if need be.
   *
   * @param streamOffset 0 to the stream's length
   */
  public void seek(long streamOffset) {
    if (streamOffset < 0 || streamOffset > recording.totals().streamBytes()) {
      throw new IllegalArgumentException(
          "recording '%s' has no stream offset %d: it has %d bytes"
              .formatted(recording.name(), streamOffset, recording.totals().streamBytes()));
    }
    from = streamOffset;
    goTo(find(streamOffset));
  }

  /**
   * Goes to what arrived at a time: to the chunk or gap that was begun then or was the latest to be
   * begun before, so that at most one chunk of what came earlier is read too. Where the clock was
   * set while the recording was made, times may come twice or never: the first place in the stream
   * counts whose time it was, and if there is none, the first whose time is later.
   *
   * @param timeNanos nanoseconds since the epoch
   * @return the stream offset of that place; -1 if nothing arrived at that time or later, and the
   *     reader stands at the end
   */
  public long seekTime(long timeNanos) {
    from = 0;
    TimeSearch search = new TimeSearch(timeNanos);
    survey(0);
    patience.renew();
    while (!search.isFound() && !entries.isAtEnd()) {
      if (entries.hasEntry()) {
        search.pass(entries.kind(), entries.sequence(), entries.streamOffset(), entries.time());
        entries.pop();
      } else {
        patience.idle(entries.doWork());
      }
    }
    search.end(recording.state() == RecordingState.CLOSED ? recording.closedNanos() : 0);
    goTo(search.isFound() ? search.sequence() : recording.indexEntries());
    return search.isFound() ? search.streamOffset() : -1;
  }

  /**
   * The entry that has a stream offset. Of what lies between, nothing is read, and what is damaged
   * is passed over, so that all that is there can be reached.
   */
  private long find(long wanted) {
    long low = 0;
    long high = Math.max(0, recording.indexEntries() - 1);
    while (low < high) {
      long middle = (low + high + 1) >>> 1;
      look(middle);
      if (entries.hasEntry() && entries.streamOffset() <= wanted) {
        low = entries.sequence();
      } else {
        high = middle - 1;
      }
    }
    look(low);
    long before = 0;
    if (entries.hasEntry() && entries.streamOffset() <= wanted) {
      before = entries.streamOffset() + entries.length();
      if (wanted < before) {
        return entries.sequence();
      }
      entries.pop();
      awaitData();
    }
    if (wanted == recording.totals().streamBytes() && !entries.hasEntry()) {
      return recording.indexEntries();
    }
    throw new FormatException(
        "recording '%s': the index is damaged where it tells of stream offset %d; what is before"
                .formatted(recording.name(), wanted)
            + " %d%s can be read"
                .formatted(
                    before,
                    entries.hasEntry() ? ", and from " + entries.streamOffset() + " on," : ""));
  }

  /** Looks at the first chunk or gap from an entry on that can be read, without reading data. */
  private void look(long sequence) {
    survey(sequence);
    awaitData();
  }

  private void survey(long sequence) {
    settle();
    entries.dataFrom(Long.MAX_VALUE);
    entries.survey(sequence);
  }

  private void goTo(long sequence) {
    settle();
    entries.dataFrom(0);
    entries.seek(sequence);
  }

  /** Waits until nothing is under way. */
  private void settle() {
    range = Range.NONE;
    patience.renew();
    while (!entries.isIdle()) {
      patience.idle(entries.poll());
    }
  }

  /** Waits for a chunk or a gap, or the end. */
  private void awaitData() {
    patience.renew();
    while (!isDataOrEnd()) {
      patience.idle(entries.doWork());
    }
  }

  private boolean isDataOrEnd() {
    while (entries.hasEntry() && entries.kind() == IndexEntry.MARK) {
      entries.pop();
    }
    return entries.hasEntry() || entries.isAtEnd();
  }

  private void requireIndex() {
    if (entries.hasEntry()) {
      return;
    }
    IndexCursor index = entries.index();
    switch (entries.indexState()) {
      case END -> requireEnd(index);
      case FAILED ->
          throw new NvmeException(
              "the index of recording '%s' cannot be read at entry %d: %s; what is before stream"
                      .formatted(recording.name(), index.position(), Status.format(index.failure()))
                  + " offset %d can be read".formatted(index.streamOffset()));
      default ->
          throw new FormatException(
              "recording '%s': index entry %d is damaged; what is before stream offset %d can be"
                      .formatted(recording.name(), index.position(), index.streamOffset())
                  + " read");
    }
  }

  /** The end is where the catalogue says, and by the same entries. */
  private void requireEnd(IndexCursor index) {
    if (index.streamOffset() != recording.totals().streamBytes()
        || index.chain() != recording.chain()) {
      throw new FormatException(
          "recording '%s': the index ends at stream offset %d, and the catalogue tells of %d bytes%s"
              .formatted(
                  recording.name(),
                  index.streamOffset(),
                  recording.totals().streamBytes(),
                  index.streamOffset() == recording.totals().streamBytes()
                      ? " by other entries"
                      : ""));
    }
  }

  /**
   * Goes to the next range and waits for it.
   *
   * @throws FormatException if what should be there is damaged
   * @throws NvmeException if the drive fails
   */
  public Range next() {
    patience.renew();
    Range next = poll();
    while (next == Range.NONE) {
      patience.idle(0);
      next = poll();
    }
    return next;
  }

  /** As {@link #next}, but {@link Range#NONE} where that would wait. */
  public Range poll() {
    if (range == Range.DATA || range == Range.GAP) {
      entries.pop();
    }
    range = Range.NONE;
    entries.doWork();
    if (!isDataOrEnd()) {
      return range;
    }
    requireIndex();
    if (!entries.hasEntry()) {
      range = Range.END;
      return range;
    }
    skip = Math.max(0, from - entries.streamOffset());
    if (entries.kind() == IndexEntry.GAP) {
      range = Range.GAP;
    } else if (entries.isDataRight()) {
      range = Range.DATA;
    } else {
      throw new FormatException(
          "recording '%s': %s".formatted(recording.name(), entries.problem()));
    }
    return range;
  }

  private void requireRange() {
    if (range != Range.DATA && range != Range.GAP) {
      throw new IllegalStateException("there is no range; ask for the next");
    }
  }

  /** Where in the stream the range begins. */
  public long streamOffset() {
    requireRange();
    return entries.streamOffset() + skip;
  }

  /** The range's bytes. */
  public long length() {
    requireRange();
    return entries.length() - skip;
  }

  /** Whether this is a gap whose size is an estimate; so are the stream offsets behind it. */
  public boolean isEstimate() {
    requireRange();
    return entries.isEstimate();
  }

  /**
   * When the chunk's first byte, or the first lost one, arrived: nanoseconds since the epoch.
   * Within a chunk that was sought into it is still the chunk's first byte.
   */
  public long timeNanos() {
    requireRange();
    return entries.time();
  }

  /**
   * The address in memory of the range's data, which is there until the next range is asked for.
   */
  public long address() {
    requireRange();
    if (range != Range.DATA) {
      throw new IllegalStateException("a gap has no data");
    }
    return entries.dataAddress() + skip;
  }

  /** The range's data, which is there until the next range is asked for. */
  public MemorySegment data() {
    return OffHeap.segment(address(), length()).asReadOnly();
  }

  /** Frees its memory, after what is under way has come. */
  @Override
  public void close() {
    try {
      settle();
    } finally {
      entries.close();
    }
  }
}
