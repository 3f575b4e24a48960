package sluice.bench.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Latencies as they are kept, against exact computation on all of them. */
class LatencyTest {
  private static final double PRECISION = 1e-3;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void percentilesAreThoseOfTheSortedSamples(long seed) {
    long[] samples = samples(seed, 20_000);
    LatencyResult result = recorded(samples);

    Arrays.sort(samples);
    for (double percent : new double[] {1, 10, 50, 90, 99, 99.5, 99.9, 99.99, 100}) {
      int rank = Math.max((int) Math.ceil(percent / 100 * samples.length - 1e-9), 1);
      double exact = samples[rank - 1];
      assertThat((double) result.percentileNanos(percent))
          .as("seed %d, percentile %s", seed, percent)
          .isCloseTo(exact, within(Math.max(exact * PRECISION, 0.5)));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void figuresAreExact(long seed) {
    long[] samples = samples(seed, 10_000);
    Statistics exact = recorded(samples).exact();

    double mean = Arrays.stream(samples).average().orElseThrow();
    double squares = Arrays.stream(samples).mapToDouble(x -> (x - mean) * (x - mean)).sum();
    assertThat(exact.count()).as("seed %d", seed).isEqualTo(samples.length);
    assertThat(exact.min()).isEqualTo(Arrays.stream(samples).min().orElseThrow());
    assertThat(exact.max()).isEqualTo(Arrays.stream(samples).max().orElseThrow());
    assertThat(exact.mean()).isCloseTo(mean, within(mean * 1e-12));
    assertThat(exact.standardDeviation())
        .isCloseTo(Math.sqrt(squares / (samples.length - 1)), within(1e-3));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void partsAddUpToTheWhole(long seed) {
    long[] samples = samples(seed, 10_001);
    LatencyResult whole = recorded(samples);
    LatencyResult first = recorded(Arrays.copyOfRange(samples, 0, 137));
    LatencyResult second = recorded(Arrays.copyOfRange(samples, 137, samples.length));

    LatencyResult sum = first.plus(second);

    assertThat(sum.exact().mean())
        .as("seed %d", seed)
        .isCloseTo(whole.exact().mean(), within(1e-6));
    assertThat(sum.exact().standardDeviation())
        .isCloseTo(whole.exact().standardDeviation(), within(1e-3));
    assertThat(sum.histogram()).isEqualTo(whole.histogram());
    assertThat(first.plus(LatencyResult.none())).isSameAs(first);
    assertThat(LatencyResult.none().plus(first)).isSameAs(first);
  }

  @Test
  void percentilesStayBetweenTheExtremes() {
    LatencyRecorder recorder = new LatencyRecorder();
    recorder.record(1_000_003);

    LatencyResult result = recorder.result();

    assertThat(result.percentileNanos(1)).isEqualTo(1_000_003);
    assertThat(result.percentileNanos(100)).isEqualTo(1_000_003);
  }

  @Test
  void longerThanAnHourIsKeptExactlyButInTheLastBin() {
    LatencyRecorder recorder = new LatencyRecorder();
    recorder.record(LatencyRecorder.HIGHEST_NANOS * 3);

    assertThat(recorder.result().exact().max()).isEqualTo(LatencyRecorder.HIGHEST_NANOS * 3);
    assertThat(recorder.result().histogram().getTotalCount()).isEqualTo(1);
  }

  @Test
  void aResetForgetsTheRamp() {
    LatencyRecorder recorder = new LatencyRecorder();
    recorder.record(5);
    recorder.reset();
    recorder.record(7);

    assertThat(recorder.result().exact()).isEqualTo(new Statistics(1, 7, 7, 7, 0));
    assertThat(recorder.result().histogram().getMinNonZeroValue()).isEqualTo(7);
  }

  @Test
  void recordingAllocatesNothing() {
    LatencyRecorder recorder = new LatencyRecorder();
    DepthCounts depths = new DepthCounts();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = Long.MAX_VALUE;
    for (int window = 0; window < 10 && allocated != 0; window++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      record(recorder, depths);
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }

    assertThat(allocated).as("bytes; the first windows may compile").isZero();
  }

  private static void record(LatencyRecorder recorder, DepthCounts depths) {
    for (int i = 1; i < 10_000; i++) {
      recorder.record(i * 1_003L);
      depths.addLevel(i & 63);
      depths.addBatch(i & 31);
    }
  }

  private static LatencyResult recorded(long[] samples) {
    LatencyRecorder recorder = new LatencyRecorder();
    for (long sample : samples) {
      recorder.record(sample);
    }
    return recorder.result();
  }

  /** Mostly around 100 us, one in a thousand a hundred times that. */
  private static long[] samples(long seed, int count) {
    Random random = new Random(seed);
    long[] samples = new long[count];
    for (int i = 0; i < count; i++) {
      double usual = 100_000 * Math.exp(random.nextGaussian() * 0.5);
      samples[i] = (long) (random.nextInt(1000) == 0 ? usual * 100 : usual);
    }
    return samples;
  }
}
