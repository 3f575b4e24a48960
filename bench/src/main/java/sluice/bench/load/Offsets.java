package sluice.bench.load;

import java.util.List;
import sluice.bench.job.BlockSizes;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.job.PerDirection;
import sluice.bench.job.RandomDistribution;
import sluice.bench.job.RwMode;
import sluice.bench.result.Direction;

/**
 * Where the I/Os of a job go, in bytes from the start of the drive or of a part of it. After {@link
 * #next} the answer is in {@link #offset} and {@link #length}.
 */
public abstract class Offsets {
  long offset;
  int length;

  Offsets() {}

  /**
   * Those of a job, in one part of the drive.
   *
   * @param bytes of the job's part of the drive, at least a block
   */
  public static Offsets of(JobOptions job, long bytes, long seed) {
    RwMode mode = job.get(Options.RW);
    return job.isStrided()
        ? new StridedOffsets(job, bytes, seed)
        : mode.random()
            ? withinAZone(job, bytes, seed)
            : new SequentialOffsets(bytes, job.leastBlock(), mode.step());
  }

  /** Those of a job at random, without gaps. */
  static Offsets withinAZone(JobOptions job, long bytes, long seed) {
    int unit = job.leastBlock();
    if (!mapsRandomly(job)) {
      return new DrawnOffsets(job, bytes, seed);
    }
    return hasOneBlock(job)
        ? new MappedOffsets(bytes, unit, seed)
        : new CoveringOffsets(bytes, unit, seed);
  }

  private static boolean hasOneBlock(JobOptions job) {
    int unit = job.leastBlock();
    return job.greatestBlock() == unit && align(job, job.directions().getFirst()) == unit;
  }

  /**
   * How much memory is needed to know where a job has been in one part of the drive, in bytes.
   *
   * @param bytes of the part
   */
  public static long mapBytes(JobOptions job, long bytes) {
    return job.get(Options.RW).random() && mapsRandomly(job) && !hasOneBlock(job)
        ? CoveringOffsets.mapBytes(
            job.isStrided() ? StridedOffsets.range(job, bytes) : bytes, job.leastBlock())
        : 0;
  }

  /** Whether a job's random I/Os come to each block once before they come to one again. */
  public static boolean mapsRandomly(JobOptions job) {
    List<Direction> directions = job.directions();
    PerDirection<BlockSizes> sizes = job.blockSizes();
    return !job.get(Options.NORANDOMMAP)
        && job.get(Options.RANDOM_DISTRIBUTION).kind() == RandomDistribution.Kind.RANDOM
        && job.get(Options.RW).step() <= 1
        && directions.stream().allMatch(way -> job.get(Options.PERCENTAGE_RANDOM).of(way) == 1)
        && directions.stream().map(way -> sizes.of(way).least()).distinct().count() == 1
        && directions.stream().map(way -> align(job, way)).distinct().count() == 1;
  }

  /** What the offsets of a direction are multiples of. */
  static long align(JobOptions job, Direction direction) {
    PerDirection<Long> align = job.get(Options.BLOCKALIGN);
    return align == null ? job.blockSizes().of(direction).least() : align.of(direction);
  }

  /**
   * Chooses the next.
   *
   * @param wanted how long it should be; it may become shorter where there is no room
   */
  public abstract void next(Direction direction, int wanted);

  /** Begins again, with the same or with another seed. */
  public abstract void restart(long seed);

  /** Whether all that there is to come to has been come to: another pass begins. */
  public abstract boolean isAtEndOfPass();

  /** Bytes from the start. */
  public final long offset() {
    return offset;
  }

  /** Bytes. */
  public final int length() {
    return length;
  }
}
