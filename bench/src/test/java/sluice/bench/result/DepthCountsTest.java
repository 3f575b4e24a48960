package sluice.bench.result;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The classes at their limits. */
class DepthCountsTest {
  @ParameterizedTest
  @CsvSource({
    "1,0", "2,1", "3,1", "4,2", "7,2", "8,3", "15,3", "16,4", "31,4", "32,5", "63,5", "64,6",
    "4096,6"
  })
  void levelsAreNamedByTheirLowerLimit(int depth, int expected) {
    DepthCounts counts = new DepthCounts();
    counts.addLevel(depth);

    assertThat(counts.count(expected)).isEqualTo(1);
    assertThat(counts.percent(expected)).isEqualTo(100);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0", "1,1", "4,1", "5,2", "8,2", "9,3", "16,3", "17,4", "32,4", "33,5", "64,5", "65,6",
    "4096,6"
  })
  void batchesAreNamedByTheirUpperLimit(int commands, int expected) {
    DepthCounts counts = new DepthCounts();
    counts.addBatch(commands);

    assertThat(counts.count(expected)).isEqualTo(1);
  }
}
