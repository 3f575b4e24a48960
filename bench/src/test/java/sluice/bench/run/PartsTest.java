package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.bench.job.SteadyStateGoal;
import sluice.bench.result.SteadyState;

/** The small parts by themselves, with exact figures. */
class PartsTest {
  @Test
  void windowsEndWhenTheirTimeIsOver() {
    List<String> closed = new ArrayList<>();
    RateWindow window =
        new RateWindow(
            100,
            true,
            (way, end, nanos, bytes, ios) -> {
              if (way.number() == 1) {
                closed.add(end + " " + nanos + " " + bytes + " " + ios);
              }
            });
    window.reset(1000);
    window.add(1, 10);
    window.pass(1099);
    window.add(1, 5);
    window.pass(1100);
    window.add(1, 7);
    window.pass(1350);
    window.end(1400);
    assertThat(closed).containsExactly("1100 100 15 2", "1350 250 7 1", "1400 50 0 0");
  }

  @Test
  void aDepthIsSoughtByHalving() {
    List<Integer> tried = new ArrayList<>();
    DepthSearch search = new DepthSearch(100, 1000, 0.9, 32);
    long now = 0;
    search.begin(now);
    while (!search.isFound()) {
      tried.add(search.depth());
      for (int i = 0; i < 100; i++) {
        // 11 and less are fast enough for nine of ten.
        long nanos = i < (search.depth() <= 11 ? 95 : 85) ? 100 : 101;
        search.completed(now, now + nanos);
        search.completed(now - 1, now + 500);
      }
      search.pass(now + 999);
      search.pass(now += 1000);
    }
    assertThat(tried).containsExactly(32, 16, 8, 12, 10, 11);
    assertThat(search.depth()).isEqualTo(11);
  }

  @Test
  void whereNothingIsFastEnoughTheDepthIsOne() {
    DepthSearch search = new DepthSearch(100, 10, 1, 4);
    search.begin(0);
    for (long now = 10; !search.isFound(); now += 10) {
      search.completed(now - 10, now + 91);
      search.pass(now);
    }
    assertThat(search.depth()).isEqualTo(1);
  }

  private static SteadyStateGoal goal(boolean slope, double limit, boolean relative) {
    return new SteadyStateGoal(SteadyState.Figure.IOPS, slope, limit, relative);
  }

  @Test
  void aRateIsSteadyWhenItsDeviationIsSmall() {
    SteadyStateWatch watch = new SteadyStateWatch(goal(false, 0.1, true), 3, 1);
    assertThat(watch.sample(0, 100, 0)).isFalse();
    assertThat(watch.sample(0, 120, 0)).isFalse();
    assertThat(watch.sample(0, 140, 0)).isFalse();
    assertThat(watch.sample(0, 130, 0)).isTrue();
    SteadyState state = watch.result();
    assertThat(state.iops()).containsExactly(120L, 140L, 130L);
    assertThat(state.maxDeviation()).isEqualTo(10);
    assertThat(state.criterion()).isEqualTo(100.0 / 13);
    assertThat(state.attained()).isTrue();
    assertThat(state.limit()).isEqualTo(10);
  }

  @Test
  void aRateIsSteadyWhenItsSlopeIsSmall() {
    SteadyStateWatch watch = new SteadyStateWatch(goal(true, 2, false), 4, 1);
    for (long rate : new long[] {100, 103, 106}) {
      assertThat(watch.sample(0, rate, 0)).isFalse();
    }
    assertThat(watch.sample(0, 109, 0)).isFalse();
    assertThat(watch.result().slope()).isEqualTo(3);
    assertThat(watch.sample(0, 106, 0)).isTrue();
    assertThat(watch.result().slope()).isEqualTo(1.2);
  }
}
