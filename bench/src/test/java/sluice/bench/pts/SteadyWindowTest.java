package sluice.bench.pts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SteadyWindowTest {
  private static SteadyWindow window(double... values) {
    return SteadyWindow.last(Arrays.stream(values).boxed().toList());
  }

  @Test
  void fiveAlikeAreSteady() {
    SteadyWindow window = window(9999, 100, 100, 100, 100, 100);
    assertThat(window.isSteady()).isTrue();
    assertThat(window.lastRound()).isEqualTo(6);
    assertThat(window.slope()).isZero();
    assertThat(window.intercept()).isEqualTo(100);
  }

  /** The mean is 100: the limits are 20 between the extremes, and 10 along the line. */
  @Test
  void theRangeHasALimit() {
    assertThat(window(100, 110, 100, 90, 100).range()).isEqualTo(20);
    assertThat(window(100, 110, 100, 90, 100).isSteady()).isTrue();
    assertThat(window(100, 111, 100, 89, 100).isSteady()).isFalse();
  }

  @Test
  void theSlopeHasALimit() {
    SteadyWindow steady = window(95, 97.5, 100, 102.5, 105);
    assertThat(steady.slope()).isCloseTo(2.5, offset(1e-9));
    assertThat(steady.slopeRange()).isCloseTo(10, offset(1e-9));
    assertThat(steady.intercept()).isCloseTo(92.5, offset(1e-9));
    SteadyWindow rising = window(94, 97, 100, 103, 106);
    assertThat(rising.range()).isLessThan(rising.mostRange());
    assertThat(rising.isSteady()).isFalse();
    assertThat(window(106, 103, 100, 97, 94).isSteady()).isFalse();
  }

  @Test
  void allTestsHaveTheirPatterns() {
    assertThat(PtsTest.IOPS.cells()).hasSize(56).contains(new Cell(0, 4096), new Cell(65, 512));
    assertThat(PtsTest.LATENCY.cells()).hasSize(9);
    for (PtsTest test : PtsTest.values()) {
      assertThat(test.cells()).containsAll(test.tracked()).doesNotHaveDuplicates();
    }
    assertThat(List.of(PtsTest.values())).extracting(PtsTest::toString).contains("throughput-128k");
  }
}
