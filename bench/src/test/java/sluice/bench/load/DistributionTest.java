package sluice.bench.load;

import static java.util.Comparator.comparingLong;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.bench.job.Extent;
import sluice.bench.job.JobOptions;
import sluice.bench.job.RandomDistribution.Zone;
import sluice.bench.result.Direction;

class DistributionTest {
  private static final long SEED = 99;
  private static final int DRAWS = 200_000;

  private static long[] counts(Distribution distribution, int numbers) {
    long[] counts = new long[numbers];
    for (int i = 0; i < DRAWS; i++) {
      counts[(int) distribution.next()]++;
    }
    return counts;
  }

  /** Against the law itself, summed up. */
  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.99, 1.0, 1.1, 2.0})
  void zipf(double theta) {
    int numbers = 1000;
    Zipf zipf = new Zipf(numbers, theta, SEED);
    long[] ranks = new long[numbers + 1];
    for (int i = 0; i < DRAWS; i++) {
      ranks[(int) zipf.rank()]++;
    }
    double sum = 0;
    for (int k = 1; k <= numbers; k++) {
      sum += Math.pow(k, -theta);
    }
    for (int k : new int[] {1, 2, 3, 10, 100}) {
      double expected = DRAWS * Math.pow(k, -theta) / sum;
      assertThat((double) ranks[k])
          .as("seed %d, theta %s, rank %d", SEED, theta, k)
          .isCloseTo(expected, offset(5 * Math.sqrt(expected) + 1));
    }
  }

  @Test
  void zipfScattersWhatIsHot() {
    long[] counts = counts(new Zipf(1000, 1.2, SEED), 1000);
    assertThat(Arrays.stream(counts).sum()).isEqualTo(DRAWS);
    int hottest = 0;
    for (int i = 0; i < counts.length; i++) {
      hottest = counts[i] > counts[hottest] ? i : hottest;
    }
    assertThat(hottest).isNotZero();
  }

  @Test
  void aFifthOfParetosNumbersGetsFourFifths() {
    long[] counts = counts(new Pareto(10_000, 0.2, SEED), 10_000);
    long[] sorted = Arrays.stream(counts).sorted().toArray();
    long top = Arrays.stream(sorted, 8_000, 10_000).sum();
    assertThat((double) top / DRAWS).isCloseTo(0.8, offset(0.02));
  }

  @Test
  void normal() {
    long[] counts = counts(new Normal(10_000, 0.1, SEED), 10_000);
    double within = Arrays.stream(counts, 4_000, 6_000).sum() / (double) DRAWS;
    assertThat(within).isCloseTo(0.6827, offset(0.01));
    assertThat(Arrays.stream(counts, 0, 5_000).sum() / (double) DRAWS).isCloseTo(0.5, offset(0.01));
  }

  /** As fio has it: the likeliest lies there, and what the others do is another matter. */
  @ParameterizedTest
  @CsvSource({
    "zipf:1.2:0.25, 250",
    "zipf:1.2:0, 0",
    "zipf:1.2:1, 999",
    "pareto:0.1:0.75, 750",
  })
  void theLikeliestLiesAtTheCentre(String distribution, int expected) {
    long[] counts = drawn(distribution);
    assertThat(IntStream.range(0, counts.length).boxed().max(comparingLong(i -> counts[i])))
        .contains(expected);
  }

  @Test
  void aBellMayHaveItsMiddleElsewhere() {
    long[] counts = drawn("normal:5:0.1");
    double around = Arrays.stream(counts, 50, 150).sum() / (double) DRAWS;
    assertThat(around).isCloseTo(0.6827, offset(0.02));
  }

  /** Draws of a job on a thousand blocks. */
  private static long[] drawn(String distribution) {
    JobOptions job = Jobs.of("rw=randread", "random_distribution=" + distribution);
    DrawnOffsets offsets = new DrawnOffsets(job, 1000 * 4096, SEED);
    long[] counts = new long[1000];
    for (int i = 0; i < DRAWS; i++) {
      offsets.next(Direction.READ, 4096);
      counts[(int) (offsets.offset() / 4096)]++;
    }
    return counts;
  }

  @Test
  void zones() {
    List<Zone> zones = List.of(new Zone(60, new Extent(0, 0.1)), new Zone(40, new Extent(0, 0.9)));
    long[] counts = counts(new Zoned(zones, 1000, 4096, SEED), 1000);
    assertThat(Arrays.stream(counts, 0, 100).sum() / (double) DRAWS).isCloseTo(0.6, offset(0.01));
    assertThat(counts[99]).isPositive();
    assertThat(counts[999]).isPositive();
  }

  @Test
  void zonesOfBytes() {
    List<Zone> zones =
        List.of(new Zone(90, new Extent(40_960, 0)), new Zone(10, new Extent(1L << 40, 0)));
    long[] counts = counts(new Zoned(zones, 100, 4096, SEED), 100);
    assertThat(Arrays.stream(counts, 0, 10).sum() / (double) DRAWS).isCloseTo(0.9, offset(0.01));
  }

  @Test
  void sizesOfASplit() {
    BlockSizePicker picker =
        new BlockSizePicker(Jobs.of("bssplit=4k/10:64k/50:32k").blockSizes().read(), SEED);
    int[] counts = new int[3];
    for (int i = 0; i < DRAWS; i++) {
      int bytes = picker.next();
      counts[bytes == 4096 ? 0 : bytes == 65536 ? 1 : 2]++;
    }
    assertThat(counts[0] / (double) DRAWS).isCloseTo(0.1, offset(0.005));
    assertThat(counts[1] / (double) DRAWS).isCloseTo(0.5, offset(0.005));
  }

  @Test
  void sizesOfARange() {
    BlockSizePicker picker =
        new BlockSizePicker(Jobs.of("bsrange=4k-16k").blockSizes().read(), SEED);
    long[] counts = new long[5];
    for (int i = 0; i < DRAWS; i++) {
      counts[picker.next() / 4096]++;
    }
    assertThat(counts[0]).isZero();
    for (int units = 1; units <= 4; units++) {
      assertThat(counts[units] / (double) DRAWS).isCloseTo(0.25, offset(0.005));
    }
  }
}
