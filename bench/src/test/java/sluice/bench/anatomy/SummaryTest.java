package sluice.bench.anatomy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    assertThat(summary.mean()).isEqualTo(50.5);
    // 1.96 standard deviations (29.0115) by the root of 100.
    assertThat(summary.meanMargin()).isCloseTo(5.6861, within(0.0001));
  }

  /** The ranks are those of tables of the binomial distribution, computed in whole numbers. */
  @ParameterizedTest
  @CsvSource({
    "6, 1, 6",
    "8, 1, 8",
    "9, 2, 8",
    "10, 2, 9",
    "20, 6, 15",
    "25, 8, 18",
    "31, 10, 22",
    "50, 18, 33",
    "100, 40, 61",
    "101, 41, 61",
    "1000, 469, 532",
    "9999, 4902, 5098",
    "20000, 9861, 10140",
  })
  void theMediansIntervalIsByOrderStatistics(int count, long low, long high) {
    Summary summary = Summary.of(LongStream.rangeClosed(1, count).toArray());
    assertThat(summary.medianLow()).isEqualTo(low);
    assertThat(summary.medianHigh()).isEqualTo(high);
  }

  /** Five times lie all on one side of the median once in 16 times: more often than 5%. */
  @Test
  void fewTimesHaveNoSuchInterval() {
    Summary summary = Summary.of(new long[] {5, 4, 3, 2, 1});
    assertThat(summary.medianLow()).isEqualTo(1);
    assertThat(summary.medianHigh()).isEqualTo(5);
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
