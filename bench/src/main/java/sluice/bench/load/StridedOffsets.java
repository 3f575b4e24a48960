package sluice.bench.load;

import java.util.Arrays;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.result.Direction;

/**
 * Zones with gaps between them ({@code zonemode=strided}): so much is moved in each, in order or at
 * random, and behind the last that fits comes the first again. Where more is moved than a zone is
 * long, it is gone through several times.
 */
final class StridedOffsets extends Offsets {
  private final long bytes;
  private final long unit;
  private final long zoneSize;
  private final long range;
  private final long stride;

  /** In a zone; null where that is in order. */
  private final Offsets drawn;

  private final long[] position = new long[Direction.values().length];
  private long seed;
  private long base;
  private long zoneBytes;
  private boolean isRevisited;

  /**
   * @param bytes in which the zones lie, at least a block
   */
  StridedOffsets(JobOptions job, long bytes, long seed) {
    this.bytes = bytes;
    this.seed = seed;
    unit = job.leastBlock();
    zoneSize = job.get(Options.ZONESIZE);
    range = range(job, bytes);
    stride = Math.min(bytes, range + job.get(Options.ZONESKIP));
    drawn = job.get(Options.RW).random() ? Offsets.withinAZone(job, range, seed) : null;
  }

  /** How long a zone is. */
  static long range(JobOptions job, long bytes) {
    long asked = job.get(Options.ZONERANGE);
    long wanted = asked == 0 ? job.get(Options.ZONESIZE) : asked;
    return Math.min(bytes, Math.max(job.leastBlock(), wanted));
  }

  @Override
  public void next(Direction direction, int wanted) {
    if (zoneBytes >= zoneSize) {
      beginZone(base + stride);
    }
    if (zoneBytes > 0 && zoneBytes % range == 0) {
      beginPass();
    }
    int way = direction.number();
    if (drawn != null) {
      drawn.next(direction, wanted);
      offset = base + drawn.offset();
      length = drawn.length();
    } else {
      if (position[way] >= range) {
        position[way] = 0;
      }
      if (base + position[way] > bytes - unit) {
        beginZone(0);
      }
      offset = base + position[way];
      length = (int) Math.min(wanted, bytes - offset);
      position[way] += length;
    }
    zoneBytes += length;
    isRevisited =
        zoneBytes >= zoneSize
            ? !fits(base + stride)
            : zoneBytes % range == 0 || (drawn == null && position[way] >= range);
  }

  /** Whether a zone that begins there has room for what it needs at least. */
  private boolean fits(long begin) {
    return begin <= bytes - (drawn == null ? unit : range);
  }

  private void beginZone(long begin) {
    base = fits(begin) ? begin : 0;
    zoneBytes = 0;
    beginPass();
  }

  private void beginPass() {
    Arrays.fill(position, 0);
    if (drawn != null) {
      seed += RandomNumbers.mix(seed) | 1;
      drawn.restart(seed);
    }
  }

  @Override
  public boolean isAtEndOfPass() {
    return isRevisited || (drawn != null && drawn.isAtEndOfPass() && zoneBytes < zoneSize);
  }

  @Override
  public void restart(long newSeed) {
    seed = newSeed;
    isRevisited = false;
    base = 0;
    zoneBytes = 0;
    beginPass();
  }
}
