package sluice.bench.anatomy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SummaryTest {
  @Test
  void ofAHundredTimes() {
    Summary summary = Summary.of(LongStream.rangeClosed(1, 100).map(each -> 101 - each).toArray());
    assertThat(summary.count()).isEqualTo(100);
    assertThat(summary.min()).isEqualTo(1);
    assertThat(summary.p50()).isEqualTo(50);
    assertThat(summary.p90()).isEqualTo(90);
    assertThat(summary.p99()).isEqualTo(99);
    assertThat(summary.p999()).isEqualTo(100);
    assertThat(summary.max()).isEqualTo(100);
    // Tables of the binomial distribution have ranks 40 and 61 for n = 100.
    assertThat(summary.medianLow()).isEqualTo(40);
    assertThat(summary.medianHigh()).isEqualTo(61);
    assertThat(summary.mean()).isEqualTo(50.5);
    // 1.96 standard deviations (29.0115) by the root of 100.
    assertThat(summary.meanMargin()).isCloseTo(5.6861, within(0.0001));
  }

  @Test
  void ofOneTime() {
    assertThat(Summary.of(new long[] {7}))
        .isEqualTo(new Summary(1, 7, 7, 7, 7, 7, 7, 7, 7, 7.0, 0.0));
  }

  @Test
  void theTimesStayAsTheyAre() {
    long[] times = {3, 1, 2};
    assertThat(Summary.of(times).p50()).isEqualTo(2);
    assertThat(times).containsExactly(3, 1, 2);
  }

  @Test
  void ofNothingThereIsNone() {
    assertThatThrownBy(() -> Summary.of(new long[0])).hasMessage("nothing was measured");
  }
}
