package sluice.virtual.personality;

import java.util.function.LongSupplier;
import sluice.virtual.media.Media;

/**
 * A media as slow as a {@link Personality} says: what it has done is told of when its time has
 * come, and not while it makes a pause. For a slow media below something that is not. Used in the
 * drive's turns; allocates nothing once it is made.
 */
public final class PacedMedia implements Media {
  /** More than a virtual drive has commands; each has a tag. */
  private static final int TAGS = 16_384;

  private final Media media;
  private final LongSupplier clock;
  private final Timing timing;
  private final Completions completions = this::completed;

  // By tag.
  private final long[] dues = new long[TAGS];
  private final int[] statuses = new int[TAGS];

  /** Tags of what is done, and not told of yet. */
  private final int[] held = new int[TAGS];

  private int heldCount;

  /** Those of them that are told of now. */
  private final int[] ripe = new int[TAGS];

  /** The first due time of those; anything if there are none. */
  private long nextDue;

  /**
   * @param media closed with this
   * @param personality whose times count, and nothing else
   * @param clock nanoseconds, as {@link System#nanoTime}
   */
  public PacedMedia(Media media, Personality personality, LongSupplier clock) {
    this.media = media;
    this.clock = clock;
    this.timing = new Timing(personality, clock.getAsLong());
  }

  @Override
  public long size() {
    return media.size();
  }

  /** {@inheritDoc} Never: it takes its time. */
  @Override
  public int readNow(long offset, long address, long length) {
    return LATER;
  }

  /** {@inheritDoc} Never: it takes its time. */
  @Override
  public int writeNow(long offset, long address, long length) {
    return LATER;
  }

  @Override
  public int read(long offset, long address, long length, int tag) {
    dues[tag] = timing.due(clock.getAsLong(), length, false);
    return hold(tag, media.read(offset, address, length, tag));
  }

  @Override
  public int write(long offset, long address, long length, int tag) {
    dues[tag] = timing.due(clock.getAsLong(), length, true);
    return hold(tag, media.write(offset, address, length, tag));
  }

  @Override
  public int zero(long offset, long length, int tag) {
    dues[tag] = timing.due(clock.getAsLong(), 0, true);
    return hold(tag, media.zero(offset, length, tag));
  }

  @Override
  public int deallocate(long offset, long length, int tag) {
    dues[tag] = timing.due(clock.getAsLong(), 0, true);
    return hold(tag, media.deallocate(offset, length, tag));
  }

  @Override
  public int flush(long offset, long length, int tag) {
    dues[tag] = timing.due(clock.getAsLong(), 0, false);
    return hold(tag, media.flush(offset, length, tag));
  }

  private int hold(int tag, int status) {
    if (status != LATER) {
      completed(tag, status);
    }
    return LATER;
  }

  private void completed(int tag, int status) {
    statuses[tag] = status;
    held[heldCount++] = tag;
    nextDue = heldCount == 1 ? dues[tag] : Math.min(nextDue, dues[tag]);
  }

  @Override
  public int poll(Completions told) {
    int _ = media.poll(completions);
    long now = clock.getAsLong();
    if (heldCount == 0 || now < nextDue || timing.isPaused(now)) {
      return 0;
    }
    int count = takeRipe(now);
    for (int i = 0; i < count; i++) {
      told.completed(ripe[i], statuses[ripe[i]]);
    }
    return count;
  }

  /** Before anybody is told of them, who may ask for more. */
  private int takeRipe(long now) {
    int kept = 0;
    int count = 0;
    nextDue = Long.MAX_VALUE;
    for (int i = 0; i < heldCount; i++) {
      int tag = held[i];
      if (dues[tag] <= now) {
        ripe[count++] = tag;
      } else {
        held[kept++] = tag;
        nextDue = Math.min(nextDue, dues[tag]);
      }
    }
    heldCount = kept;
    return count;
  }

  @Override
  public void close() {
    media.close();
  }
}
