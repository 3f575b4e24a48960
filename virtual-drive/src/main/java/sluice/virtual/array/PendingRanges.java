package sluice.virtual.array;

/**
 * What a media works on for a cache, by tag: reads whose bytes are to be kept, and changes. What
 * overlapped a change at any time is <i>spoiled</i>: nobody can say which of the two came first, so
 * its bytes are not kept. Allocates nothing once it is made.
 */
final class PendingRanges {
  private final int[] tags;
  private int count;

  // By tag.
  private final int[] places;
  private final long[] starts;
  private final long[] ends;
  private final boolean[] isChange;
  private final boolean[] isSpoiled;

  /**
   * @param capacity above all tags
   */
  PendingRanges(int capacity) {
    tags = new int[capacity];
    places = new int[capacity];
    starts = new long[capacity];
    ends = new long[capacity];
    isChange = new boolean[capacity];
    isSpoiled = new boolean[capacity];
  }

  /** A read is under way. */
  void beginRead(int tag, long start, long end) {
    isSpoiled[tag] = isChanging(start, end);
    add(tag, start, end, false);
  }

  /** A change is under way: it spoils what overlaps it, and is spoiled by other changes. */
  void beginChange(int tag, long start, long end) {
    isSpoiled[tag] = spoil(start, end);
    add(tag, start, end, true);
  }

  private void add(int tag, long start, long end, boolean changes) {
    places[tag] = count;
    tags[count++] = tag;
    starts[tag] = start;
    ends[tag] = end;
    isChange[tag] = changes;
  }

  /** Whether a change of part of a range is under way. */
  boolean isChanging(long start, long end) {
    for (int i = 0; i < count; i++) {
      int tag = tags[i];
      if (isChange[tag] && start < ends[tag] && starts[tag] < end) {
        return true;
      }
    }
    return false;
  }

  /**
   * Spoils all that overlaps a range.
   *
   * @return whether there was a change among that
   */
  boolean spoil(long start, long end) {
    boolean isChanging = false;
    for (int i = 0; i < count; i++) {
      int tag = tags[i];
      if (start < ends[tag] && starts[tag] < end) {
        isSpoiled[tag] = true;
        isChanging |= isChange[tag];
      }
    }
    return isChanging;
  }

  /**
   * It is over.
   *
   * @return whether it was spoiled
   */
  boolean end(int tag) {
    int place = places[tag];
    int last = tags[--count];
    tags[place] = last;
    places[last] = place;
    return isSpoiled[tag];
  }

  long start(int tag) {
    return starts[tag];
  }

  /** Bytes of what a tag is about. */
  long length(int tag) {
    return ends[tag] - starts[tag];
  }
}
