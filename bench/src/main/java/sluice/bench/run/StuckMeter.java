package sluice.bench.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import sluice.bench.result.Io;
import sluice.bench.result.StuckIo;
import sluice.bench.result.StuckIos;

/**
 * Looks for I/Os that do not come back, while they do not. Told by the job's thread; allocates
 * nothing unless there is one. What it finds can be taken from any thread.
 */
final class StuckMeter {
  private final long threshold;
  private final Slots slots;
  private final IoNames names;
  private final Queue<Finding> findings = new ConcurrentLinkedQueue<>();
  private final List<Entry> kept = new ArrayList<>();

  /** By slot; null where nothing is stuck. */
  private final Entry[] open;

  private int openCount;
  private long count;
  private long longest;
  private long nextLook = Long.MIN_VALUE;

  /**
   * Something to be told.
   *
   * @param start when it went out, by the clock
   * @param stuck not over if it is stuck since a moment ago
   */
  record Finding(long start, StuckIo stuck) {}

  private static final class Entry {
    final Io io;
    final long start;
    long nanos;
    String end = "";

    Entry(Io io, long start) {
      this.io = io;
      this.start = start;
    }

    StuckIo until(long now) {
      return new StuckIo(io, end.isEmpty() ? now - start : nanos, end);
    }
  }

  /**
   * @param thresholdNanos how long an I/O is out when it is stuck; 0 if none is to be looked for
   */
  StuckMeter(long thresholdNanos, Slots slots, IoNames names) {
    this.threshold = thresholdNanos;
    this.slots = slots;
    this.names = names;
    this.open = new Entry[slots.count];
  }

  /** The clock was read. Goes through the slots as often as one can have become stuck. */
  void look(long now) {
    if (threshold == 0 || now < nextLook) {
      return;
    }
    long oldest = now;
    for (int slot = 0; slot < open.length; slot++) {
      if (slots.isOut(slot) && open[slot] == null) {
        if (now - slots.start[slot] >= threshold) {
          found(slot, now);
        } else {
          oldest = Math.min(oldest, slots.start[slot]);
        }
      }
    }
    nextLook = oldest + threshold;
  }

  private void found(int slot, long now) {
    Entry entry = new Entry(names.of(slot), slots.start[slot]);
    open[slot] = entry;
    openCount++;
    count++;
    if (kept.size() < StuckIos.KEPT) {
      kept.add(entry);
    }
    findings.add(new Finding(entry.start, entry.until(now)));
  }

  /** Whether any I/O is stuck: then {@link #ended} wants to know what comes back. */
  boolean isAny() {
    return openCount > 0;
  }

  /**
   * An I/O came back, stuck or not.
   *
   * @param how in a few words
   */
  void ended(int slot, long now, String how) {
    Entry entry = open[slot];
    if (entry != null) {
      open[slot] = null;
      openCount--;
      entry.nanos = now - entry.start;
      entry.end = how;
      longest = Math.max(longest, entry.nanos);
      findings.add(new Finding(entry.start, entry.until(now)));
    }
  }

  /** Nothing comes back any more. */
  void endAll(long now, String how) {
    for (int slot = 0; slot < open.length; slot++) {
      ended(slot, now, how);
    }
  }

  /** The next thing to be told; null if there is none. From any thread. */
  Finding poll() {
    return findings.poll();
  }

  /** All until now. */
  StuckIos result(long now) {
    long most = longest;
    for (Entry entry : open) {
      most = entry == null ? most : Math.max(most, now - entry.start);
    }
    return new StuckIos(
        threshold, count, most, kept.stream().map(entry -> entry.until(now)).toList());
  }
}
