package sluice.bench.load;

import java.util.List;
import sluice.bench.job.RandomDistribution.Zone;

/** Parts of the range, one behind the other, each with its share of the draws. */
final class Zoned implements Distribution {
  private final RandomNumbers random;
  private final int[] upTo;
  private final long[] begin;
  private final long[] count;

  /**
   * @param blocks how many numbers
   * @param blockBytes what each stands for, to make numbers of the zones' sizes
   */
  Zoned(List<Zone> zones, long blocks, long blockBytes, long seed) {
    random = new RandomNumbers(seed);
    upTo = new int[zones.size()];
    begin = new long[zones.size()];
    count = new long[zones.size()];
    int percent = 0;
    long at = 0;
    for (int i = 0; i < upTo.length; i++) {
      percent += zones.get(i).percent();
      upTo[i] = percent;
      // A zone that has no room left is a block at the end.
      begin[i] = Math.min(at, blocks - 1);
      long wanted = zones.get(i).size().of(blocks * blockBytes) / blockBytes;
      count[i] = Math.clamp(wanted, 1, blocks - begin[i]);
      at = begin[i] + count[i];
    }
  }

  @Override
  public void seed(long seed) {
    random.seed(seed);
  }

  @Override
  public long next() {
    int percent = (int) random.below(100);
    int zone = 0;
    while (percent >= upTo[zone]) {
      zone++;
    }
    return begin[zone] + random.below(count[zone]);
  }
}
