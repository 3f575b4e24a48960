package sluice.bench.load;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.job.Place;
import sluice.bench.result.Direction;

/**
 * The sequence of a job's I/Os: which way, where, how much. {@link #next} goes on to the next;
 * {@link #begin} to the first of a round, and its sequence is the same again.
 */
public final class Load {
  /** Rounds of a trillion I/Os. */
  private static final int ROUND_SHIFT = 40;

  private final long firstSeed;
  private final boolean trimsBeforeWriting;
  private final DirectionPicker directions;
  private final Map<Direction, BlockSizePicker> sizes = new EnumMap<>(Direction.class);
  private final long base;
  private final Offsets offsets;

  /** Null where there is one file. */
  private final ManyFiles files;

  private Direction direction;
  private long first;
  private long number = -1;

  /**
   * @param files the job's parts of the drive, at least one
   * @param seed from which all follows
   */
  public Load(JobOptions job, List<Place> files, long seed) {
    this.firstSeed = seed;
    this.trimsBeforeWriting = job.get(Options.RW).trimsBeforeWriting();
    this.directions =
        new DirectionPicker(job.get(Options.RW), job.get(Options.RWMIXREAD), seed + 1);
    for (Direction way : job.directions()) {
      sizes.put(way, new BlockSizePicker(job.blockSizes().of(way), seed + 2 + way.number()));
    }
    boolean isOne = files.size() == 1;
    this.base = isOne ? files.getFirst().offset() : 0;
    this.files = isOne ? null : new ManyFiles(job, files, seed + 5);
    this.offsets = isOne ? Offsets.of(job, files.getFirst().bytes(), seed + 5) : this.files;
  }

  /** Goes on to the next I/O. */
  public void next() {
    next(null);
  }

  /**
   * Goes on to the next I/O.
   *
   * @param wanted which way it goes, for those who know; null for what the job's mix says
   */
  public void next(Direction wanted) {
    number++;
    if (trimsBeforeWriting && (number & 1) == 1) {
      // The block that was trimmed just now is written.
      direction = Direction.WRITE;
      return;
    }
    direction = wanted == null ? directions.next() : wanted;
    offsets.next(direction, sizes.get(direction).next());
  }

  /**
   * Begins a round: the same for the same number. The I/Os of later rounds have higher numbers.
   *
   * @param round from 0
   */
  public void begin(long round) {
    long seed = firstSeed + round * RandomNumbers.mix(firstSeed);
    first = round << ROUND_SHIFT;
    number = first - 1;
    directions.seed(seed + 1);
    for (Map.Entry<Direction, BlockSizePicker> entry : sizes.entrySet()) {
      entry.getValue().seed(seed + 2 + entry.getKey().number());
    }
    offsets.restart(seed + 5);
  }

  /** Counts the I/Os, in the first round from 0. */
  public long number() {
    return number;
  }

  public Direction direction() {
    return direction;
  }

  /** Which of the job's parts of drives it is in, from 0. */
  public int file() {
    return files == null ? 0 : files.file();
  }

  /** Bytes from the start of the drive. */
  public long offset() {
    return base + offsets.offset();
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
