package sluice.virtual.array;

import java.util.Arrays;

/**
 * Which lines of a media are cached, and which one goes when another comes: the policy S3-FIFO. New
 * lines queue in a small queue, a twentieth of all; what is used again there, or comes back soon
 * after it left, gets into the main one. So what is read once, as by a scan, passes by what is in
 * use.
 *
 * <pre>
 *   new ──▶ small ──used──▶ main ◀─┐
 *             │               │    │ used since
 *           unused          unused─┘
 *             ▼               ▼
 *           ghosts ─back─▶  (gone)
 * </pre>
 *
 * <p>A hit reads two arrays and moves nothing. A line is an index below the number of lines; its
 * key says which part of the media it is. For one thread; allocates nothing once it is made.
 *
 * <p>Caffeine's W-TinyLFU has a node on the heap and boxed keys for each entry, and a hit goes
 * through buffers that another thread drains: not for a path that allocates nothing.
 */
final class LineTable {
  static final int NONE = -1;

  /** The small queue's part of all lines: one in so many. */
  private static final int SMALL_PART = 20;

  /** How often a line that was used leaves the main queue's end for its beginning. */
  private static final byte MOST_USES = 3;

  /** How many lines that are in use are passed by in looking for one that is not. */
  private static final int MOST_STEPS = 256;

  /** Lines next to each other have buckets next to each other, so many. */
  private static final int NEIGHBOURS_SHIFT = 4;

  private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

  private final int capacity;
  private final int smallTarget;
  private final Ghosts ghosts;

  // The index: chains of lines.
  private final int[] buckets;
  private final int groupShift;
  private final int[] chain;

  // By line.
  private final long[] keys;
  private final byte[] uses;
  private final boolean[] isMain;
  private final int[] newer;
  private final int[] older;

  private final Queue small = new Queue();
  private final Queue main = new Queue();

  /** Lines that were given back, chained by {@link #newer}. */
  private int free = NONE;

  /** Lines from here on were never used. */
  private int fresh;

  private long evictions;

  /** Lines from the oldest to the newest. */
  private final class Queue {
    int oldest = NONE;
    int newest = NONE;
    int count;

    void add(int line) {
      older[line] = newest;
      newer[line] = NONE;
      if (newest == NONE) {
        oldest = line;
      } else {
        newer[newest] = line;
      }
      newest = line;
      count++;
    }

    void remove(int line) {
      int before = older[line];
      int after = newer[line];
      if (before == NONE) {
        oldest = after;
      } else {
        newer[before] = after;
      }
      if (after == NONE) {
        newest = before;
      } else {
        older[after] = before;
      }
      count--;
    }
  }

  /**
   * @param capacity how many lines, more than 0
   */
  LineTable(int capacity) {
    this.capacity = capacity;
    this.smallTarget = Math.max(1, capacity / SMALL_PART);
    this.ghosts = new Ghosts(Math.max(1, capacity - smallTarget));
    int groups = Math.max(1, (Integer.highestOneBit(capacity) * 2) >> NEIGHBOURS_SHIFT);
    this.groupShift = Long.SIZE - Integer.numberOfTrailingZeros(groups);
    this.buckets = new int[groups << NEIGHBOURS_SHIFT];
    Arrays.fill(buckets, NONE);
    this.chain = new int[capacity];
    this.keys = new long[capacity];
    this.uses = new byte[capacity];
    this.isMain = new boolean[capacity];
    this.newer = new int[capacity];
    this.older = new int[capacity];
  }

  int capacity() {
    return capacity;
  }

  /** How many lines are in use. */
  int count() {
    return small.count + main.count;
  }

  /** How many lines had to go for others. */
  long evictions() {
    return evictions;
  }

  /** The key of a line that is in use. */
  long key(int line) {
    return keys[line];
  }

  private int bucket(long key) {
    // A shift by 64 is one by 0: a single group has all.
    long group = groupShift == Long.SIZE ? 0 : ((key >>> NEIGHBOURS_SHIFT) * GOLDEN) >>> groupShift;
    return (int) ((group << NEIGHBOURS_SHIFT) | (key & ((1 << NEIGHBOURS_SHIFT) - 1)));
  }

  /** The line of a key; {@link #NONE} if it has none. */
  int find(long key) {
    int line = buckets[bucket(key)];
    while (line != NONE && keys[line] != key) {
      line = chain[line];
    }
    return line;
  }

  /** A line was used. */
  void touch(int line) {
    byte count = uses[line];
    if (count < MOST_USES) {
      uses[line] = (byte) (count + 1);
    }
  }

  /** Gives a line to a key that has none: a free one, or one that goes for it. */
  int take(long key) {
    int line = free;
    if (line != NONE) {
      free = newer[line];
    } else if (fresh < capacity) {
      line = fresh++;
    } else {
      line = evict();
    }
    keys[line] = key;
    uses[line] = 0;
    isMain[line] = ghosts.has(key);
    (isMain[line] ? main : small).add(line);
    int bucket = bucket(key);
    chain[line] = buckets[bucket];
    buckets[bucket] = line;
    return line;
  }

  /** Gives a line back. */
  void release(int line) {
    leave(line);
    newer[line] = free;
    free = line;
  }

  private void leave(int line) {
    (isMain[line] ? main : small).remove(line);
    int bucket = bucket(keys[line]);
    int at = buckets[bucket];
    if (at == line) {
      buckets[bucket] = chain[line];
      return;
    }
    while (chain[at] != line) {
      at = chain[at];
    }
    chain[at] = chain[line];
  }

  private int evict() {
    evictions++;
    int line = NONE;
    for (int steps = 0; line == NONE; steps++) {
      boolean isLast = steps == MOST_STEPS;
      line = small.count >= smallTarget || main.count == 0 ? ofSmall(isLast) : ofMain(isLast);
    }
    leave(line);
    return line;
  }

  /** The oldest of the small queue, unless it has been used: then it moves on. */
  private int ofSmall(boolean isLast) {
    int line = small.oldest;
    if (uses[line] > 0 && !isLast) {
      small.remove(line);
      uses[line] = 0;
      isMain[line] = true;
      main.add(line);
      return NONE;
    }
    ghosts.add(keys[line]);
    return line;
  }

  /** The oldest of the main queue, unless it has been used: then it is the newest. */
  private int ofMain(boolean isLast) {
    int line = main.oldest;
    if (uses[line] > 0 && !isLast) {
      uses[line]--;
      main.remove(line);
      main.add(line);
      return NONE;
    }
    return line;
  }
}
