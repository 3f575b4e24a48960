package sluice.recorder.source;

import sluice.recorder.stream.Pace;
import sluice.recorder.stream.Pattern;
import sluice.support.time.NanoClock;

/**
 * A sensor that is not there: a {@link Pattern} at a rate that is held exactly.
 *
 * <p>As a rule it cannot be stalled. What is due while the ring is full is lost and counted, and
 * the pattern goes on where it would be, so that playback can verify the bytes after the gap too.
 * If its thread comes late and the ring has room, what is due is made at once: nothing is lost, but
 * {@link SourceCounters#maxBehindNanos} tells.
 */
final class GeneratorSource extends Source {
  /** Bytes made in a turn at the most. */
  private static final int MAX_STEP = 1 << 20;

  /** A turn is not worth its cost for less than this, unless the rate is so low as to take 1 ms. */
  private static final int MAX_QUANTUM = 1 << 16;

  private static final int WORD = Long.BYTES;

  private final Pattern pattern;
  private final Pace pace;
  private final boolean canStall;
  private final long size;
  private final long quantum;
  private final NanoClock clock;

  /** The stream offset of the next byte. */
  private long position;

  /**
   * @param pace null for as fast as the ring takes it, which requires that it can stall
   * @param size bytes in the stream, those that are lost included; {@link Long#MAX_VALUE} for no
   *     end
   */
  GeneratorSource(
      String description,
      SourceOptions options,
      long seed,
      Pace pace,
      boolean canStall,
      long size) {
    super(description, options);
    this.pattern = new Pattern(seed);
    this.pace = pace;
    this.canStall = canStall;
    this.size = size;
    this.quantum =
        pace == null ? WORD : Math.clamp(pace.bytesPerSecond() / 1000, WORD, MAX_QUANTUM) & -WORD;
    this.clock = options.clock();
  }

  @Override
  public boolean canStall() {
    return canStall;
  }

  @Override
  int move(SlotFiller slots) {
    if (isStopping() || position == size) {
      finish();
      return 1;
    }
    long due = due();
    if (due == 0) {
      return 0;
    }
    long at = slots.at();
    long time = clock.nanos();
    if (at == 0) {
      if (canStall) {
        return 0;
      }
      slots.lost(due, time);
      counters().lost(due);
      counters().received(due);
      position += due;
    } else {
      int length = (int) Math.min(Math.min(due, MAX_STEP), slots.room());
      pattern.fill(at, length, position);
      slots.filled(length, time);
      counters().received(length);
      position += length;
    }
    if (position == size) {
      finish();
    }
    return 1;
  }

  /** Bytes that are due now, in whole words; 0 when they are not worth a turn. */
  private long due() {
    if (pace == null) {
      return size - position;
    }
    long elapsed = pace.elapsed();
    long due = Math.min(pace.due(elapsed), size) - position;
    if (due + position < size) {
      due &= -WORD;
      if (due < quantum) {
        return 0;
      }
    }
    if (due > quantum) {
      counters().behind(pace.nanosFor(due));
    }
    return due;
  }

  @Override
  void release() {}
}
