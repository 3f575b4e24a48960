package sluice.bench.load;

import java.util.EnumMap;
import java.util.Map;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.result.Direction;

/**
 * The sequence of a job's I/Os: which way, where, how much. {@link #next} goes on to the next;
 * {@link #restart} to the first, and the sequence is the same again.
 */
public final class Load {
  private final long seed;
  private final boolean trimsBeforeWriting;
  private final DirectionPicker directions;
  private final Map<Direction, BlockSizePicker> sizes = new EnumMap<>(Direction.class);
  private final Offsets offsets;
  private Direction direction;
  private long number = -1;

  /**
   * @param bytes of the job's part of the drive
   * @param seed from which all follows
   */
  public Load(JobOptions job, long bytes, long seed) {
    this.seed = seed;
    this.trimsBeforeWriting = job.get(Options.RW).trimsBeforeWriting();
    this.directions =
        new DirectionPicker(job.get(Options.RW), job.get(Options.RWMIXREAD), seed + 1);
    for (Direction way : job.directions()) {
      sizes.put(way, new BlockSizePicker(job.blockSizes().of(way), seed + 2 + way.number()));
    }
    this.offsets = Offsets.of(job, bytes, seed + 5);
  }

  /** Goes on to the next I/O. */
  public void next() {
    number++;
    if (trimsBeforeWriting && (number & 1) == 1) {
      // The block that was trimmed just now is written.
      direction = Direction.WRITE;
      return;
    }
    direction = directions.next();
    offsets.next(direction, sizes.get(direction).next());
  }

  /** Begins again. */
  public void restart() {
    number = -1;
    directions.seed(seed + 1);
    for (Map.Entry<Direction, BlockSizePicker> entry : sizes.entrySet()) {
      entry.getValue().seed(seed + 2 + entry.getKey().number());
    }
    offsets.restart();
  }

  /** Counts the I/Os from 0. */
  public long number() {
    return number;
  }

  public Direction direction() {
    return direction;
  }

  /** Bytes from the start of the job's part of the drive. */
  public long offset() {
    return offsets.offset();
  }

  /** Bytes. */
  public int length() {
    return offsets.length();
  }

  /** Whether the next I/O may come to where one has been already. */
  public boolean isAtEndOfPass() {
    return offsets.isAtEndOfPass() && !(trimsBeforeWriting && (number & 1) == 0);
  }
}
