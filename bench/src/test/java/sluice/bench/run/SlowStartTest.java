package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.Interval;
import sluice.bench.result.JobResult;

class SlowStartTest {
  private static JobResult job(long millis, long... ios) {
    List<Interval> intervals = new ArrayList<>();
    for (int i = 0; i < ios.length; i++) {
      intervals.add(new Interval(i * millis, (i + 1) * millis, 0, ios[i], new Histogram(1)));
    }
    DirectionResult none = DirectionResult.none();
    return JobResult.builder("a", 0)
        .direction(
            Direction.WRITE,
            new DirectionResult(
                0,
                0,
                0,
                0,
                0,
                none.submission(),
                none.completion(),
                none.total(),
                none.intended(),
                none.bandwidth(),
                none.iops(),
                intervals))
        .build();
  }

  @Test
  void aSlowFirstSecondIsTold() {
    assertThat(SlowStart.of(job(1000, 500, 900, 1000, 1000, 1100)))
        .hasValue(
            "job a: the write rate of its first second was 50 % of what it was later; ramp_time"
                + " leaves it out");
  }

  /** Of steps, so many as make a second. */
  @Test
  void aSecondIsMadeOfSteps() {
    long[] steps = new long[60];
    Arrays.fill(steps, 100);
    for (int i = 0; i < 10; i++) {
      steps[i] = i < 5 ? 10 : 90;
    }
    assertThat(SlowStart.of(job(100, steps)))
        .hasValueSatisfying(line -> assertThat(line).contains("first second was 50 % of"));
    steps[9] = 500;
    assertThat(SlowStart.of(job(100, steps))).isEmpty();
  }

  @Test
  void aUsualOneIsNot() {
    assertThat(SlowStart.of(job(1000, 850, 900, 1000, 1000, 1100))).isEmpty();
    // A cache that is full later.
    assertThat(SlowStart.of(job(1000, 5000, 900, 1000, 1000, 1100))).isEmpty();
    // Too short to know, and so long that a second does not matter.
    assertThat(SlowStart.of(job(1000, 1, 900, 1000, 1000))).isEmpty();
    assertThat(SlowStart.of(job(4000, 1, 900, 1000, 1000, 1000))).isEmpty();
    assertThat(SlowStart.of(job(1000))).isEmpty();
  }
}
