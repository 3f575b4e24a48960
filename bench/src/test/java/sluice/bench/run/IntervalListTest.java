package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import sluice.bench.result.Interval;

class IntervalListTest {
  private static final int HOURS = 12;

  private static Interval second(long number) {
    Histogram latency = new Histogram(2, IntervalList.DIGITS);
    latency.setAutoResize(true);
    latency.recordValue(number + 1);
    return new Interval(number * 1000, number * 1000 + 1000, number, 1, latency);
  }

  @Test
  void fewAreAllKept() {
    IntervalList list = new IntervalList(64);
    for (int i = 0; i < 64; i++) {
      list.add(second(i));
    }
    assertThat(list.all()).hasSize(64);
    assertThat(list.all().get(63).bytes()).isEqualTo(63);
  }

  @Test
  void ofManyNeighboursAreJoinedAndNothingIsLost() {
    IntervalList list = new IntervalList(64);
    int seconds = HOURS * 3600;
    for (int i = 0; i < seconds; i++) {
      list.add(second(i));
      assertThat(list.all().size()).isLessThanOrEqualTo(64);
    }
    List<Interval> all = list.all();
    assertThat(all).hasSizeGreaterThan(32);
    assertThat(all.stream().mapToLong(Interval::ios).sum()).isEqualTo(seconds);
    assertThat(all.stream().mapToLong(Interval::bytes).sum())
        .isEqualTo((long) seconds * (seconds - 1) / 2);
    assertThat(all.stream().mapToLong(interval -> interval.latency().getTotalCount()).sum())
        .isEqualTo(seconds);
    assertThat(all.getFirst().startMillis()).isZero();
    assertThat(all.getLast().endMillis()).isEqualTo(seconds * 1000L);
    long length = all.getFirst().endMillis();
    for (int i = 1; i < all.size(); i++) {
      assertThat(all.get(i).startMillis()).isEqualTo(i * length);
    }
  }

  @Test
  void whatWasForgottenBeginsAnew() {
    IntervalList list = new IntervalList(4);
    for (int i = 0; i < 100; i++) {
      list.add(second(i));
    }
    list.clear();
    list.add(second(0));
    list.add(second(1));
    assertThat(list.all()).hasSize(2);
  }
}
