package sluice.bench.cliff;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import sluice.bench.result.Pauses;
import sluice.bench.result.Stalls;

/**
 * What a drive did while it was written from one end.
 *
 * @param stepBytes bytes of each step but the last, which may have fewer
 * @param stepEnds when each step was done, in nanoseconds after the begin
 * @param bytes that were written
 * @param errorBytes within how many bytes the places of levels are right: a step, and what was out
 * @param levels rates between two changes, in order; none if nothing was written
 * @param pauses of the drive
 * @param stalls of this machine
 * @param interrupted whether it was ended before its time
 */
public record CliffResult(
    long stepBytes,
    List<Long> stepEnds,
    long bytes,
    long errorBytes,
    List<Level> levels,
    Pauses pauses,
    Stalls stalls,
    boolean interrupted) {

  /**
   * A piece in which the rate is about the same.
   *
   * @param from where it begins, in bytes that were written before it
   * @param to where it ends
   * @param nanos how long it took
   */
  public record Level(long from, long to, long nanos) {
    public double bytesPerSecond() {
      return (to - from) * 1e9 / Math.max(1, nanos);
    }
  }

  public CliffResult {
    stepEnds = List.copyOf(stepEnds);
    levels = List.copyOf(levels);
  }

  /**
   * @param ends when each step was done, after the begin
   */
  static CliffResult of(
      long stepBytes,
      List<Long> ends,
      long bytes,
      long outBytes,
      Pauses pauses,
      Stalls stalls,
      boolean interrupted) {
    double[] times = new double[ends.size()];
    for (int i = 0; i < times.length; i++) {
      long size = Math.min(stepBytes, bytes - i * stepBytes);
      // A shorter last step counts as a whole one.
      times[i] = (ends.get(i) - endOf(ends, i)) * (double) stepBytes / size;
    }
    List<Integer> begins = Plateaus.begins(times);
    List<Level> levels = new ArrayList<>();
    for (int i = 0; i < begins.size() && !ends.isEmpty(); i++) {
      int from = begins.get(i);
      int to = i + 1 < begins.size() ? begins.get(i + 1) : ends.size();
      long end = Math.min(to * stepBytes, bytes);
      levels.add(new Level(from * stepBytes, end, endOf(ends, to) - endOf(ends, from)));
    }
    return new CliffResult(
        stepBytes, ends, bytes, stepBytes + outBytes, levels, pauses, stalls, interrupted);
  }

  /** When a step begins. */
  private static long endOf(List<Long> ends, int step) {
    return step == 0 ? 0 : ends.get(step - 1);
  }

  /** The level behind the first fall of the rate; empty if there is none. */
  private OptionalInt firstBehind() {
    for (int i = 1; i < levels.size(); i++) {
      double before = levels.get(i - 1).bytesPerSecond();
      if (levels.get(i).bytesPerSecond() <= before * Plateaus.LEAST_CHANGE) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /** Whether the rate fell. */
  public boolean hasCliff() {
    return firstBehind().isPresent();
  }

  /** After how many bytes it fell first, to within {@link #errorBytes}; all of them if never. */
  public long cliffBytes() {
    return firstBehind().isPresent() ? levels.get(firstBehind().getAsInt()).from() : bytes;
  }

  /** The rate before the cliff, in bytes per second. */
  public double fastBytesPerSecond() {
    return rate(0, stepOf(cliffBytes()));
  }

  /**
   * The rate that lasts, in bytes per second, pauses included: over the second half of what was
   * written behind the cliff, or of all without one.
   */
  public double sustainedBytesPerSecond() {
    int first = hasCliff() ? stepOf(cliffBytes()) : 0;
    return rate(first + (stepEnds.size() - first) / 2, stepEnds.size());
  }

  private int stepOf(long place) {
    return (int) Math.min(stepEnds.size(), Math.ceilDiv(place, stepBytes));
  }

  /** The mean rate of some steps, in bytes per second; 0 of none. */
  public double rate(int from, int to) {
    long nanos = endOf(stepEnds, to) - endOf(stepEnds, from);
    long moved = Math.min(to * stepBytes, bytes) - from * stepBytes;
    return nanos <= 0 ? 0 : moved * 1e9 / nanos;
  }

  /** How many bytes had been written at a time after the begin. */
  public long bytesAt(long nanos) {
    int step = 0;
    while (step < stepEnds.size() && stepEnds.get(step) <= nanos) {
      step++;
    }
    return Math.min(step * stepBytes, bytes);
  }
}
