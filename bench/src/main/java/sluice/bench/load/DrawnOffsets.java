package sluice.bench.load;

import java.util.EnumMap;
import java.util.Map;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.job.RandomDistribution;
import sluice.bench.result.Direction;

/**
 * Blocks that are drawn, without regard to what has been there already; some may follow the one
 * before instead.
 */
final class DrawnOffsets extends Offsets {
  private final long bytes;
  private final long run;
  private final RandomNumbers random;
  private final long[] align = new long[Direction.values().length];
  private final double[] drawn = new double[Direction.values().length];
  private final Map<Direction, Distribution> blocks = new EnumMap<>(Direction.class);
  private final long[] end = new long[Direction.values().length];
  private long left;

  DrawnOffsets(JobOptions job, long bytes, long seed) {
    this.bytes = bytes;
    this.run = job.get(Options.RW).step();
    this.random = new RandomNumbers(seed + 1);
    for (Direction way : job.directions()) {
      long unit = align(job, way);
      align[way.number()] = unit;
      drawn[way.number()] = job.get(Options.PERCENTAGE_RANDOM).of(way);
      // The last block is whole: none begins where the shortest I/O has no room.
      long count = Math.max(1, (bytes - job.blockSizes().of(way).least()) / unit + 1);
      blocks.put(way, distribution(job, way, count, unit, seed));
    }
  }

  private static Distribution distribution(
      JobOptions job, Direction way, long count, long unit, long seed) {
    RandomDistribution wanted = job.get(Options.RANDOM_DISTRIBUTION);
    return switch (wanted.kind()) {
      case RANDOM -> new Uniform(count, seed);
      case ZIPF -> {
        Zipf zipf = new Zipf(count, wanted.parameter(), seed);
        yield Shifted.to(zipf, count, zipf.likeliest(), wanted.centre());
      }
      case PARETO -> {
        Pareto pareto = new Pareto(count, wanted.parameter(), seed);
        yield Shifted.to(pareto, count, pareto.likeliest(), wanted.centre());
      }
      case NORMAL ->
          Shifted.to(
              new Normal(count, wanted.parameter(), seed), count, count / 2, wanted.centre());
      case ZONED, ZONED_ABS ->
          wanted.zones().of(way).isEmpty()
              ? new Uniform(count, seed)
              : new Zoned(wanted.zones().of(way), count, unit, seed);
    };
  }

  @Override
  public void next(Direction direction, int wanted) {
    int way = direction.number();
    if (follows(way) && end[way] <= bytes - wanted) {
      offset = end[way];
    } else {
      offset = blocks.get(direction).next() * align[way];
      left = run;
    }
    length = (int) Math.min(wanted, bytes - offset);
    end[way] = offset + length;
  }

  private boolean follows(int way) {
    if (run > 1) {
      return --left > 0;
    }
    return drawn[way] < 1 && random.nextDouble() >= drawn[way];
  }

  /** There are no passes. */
  @Override
  public boolean isAtEndOfPass() {
    return false;
  }

  @Override
  public void restart(long seed) {
    random.seed(seed + 1);
    left = 0;
    for (Map.Entry<Direction, Distribution> entry : blocks.entrySet()) {
      entry.getValue().seed(seed);
      end[entry.getKey().number()] = 0;
    }
  }
}
