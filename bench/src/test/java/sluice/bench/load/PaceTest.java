package sluice.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import org.junit.jupiter.api.Test;
import sluice.bench.job.RateProcess;

class PaceTest {
  @Test
  void evenlyAndWithoutLoss() {
    Pace pace = Pace.ofIos(3, RateProcess.LINEAR, 1);
    pace.start(1000);
    assertThat(pace.due()).isEqualTo(1000);
    pace.issued(4096);
    assertThat(pace.due()).isEqualTo(333_334_333);
    pace.issued(4096);
    assertThat(pace.due()).isEqualTo(666_667_666);
    pace.issued(4096);
    assertThat(pace.due()).isEqualTo(1_000_001_000);
  }

  @Test
  void byBytes() {
    Pace pace = Pace.ofBytes(1 << 20, RateProcess.LINEAR, 1);
    pace.start(0);
    pace.issued(1 << 19);
    assertThat(pace.due()).isEqualTo(500_000_000);
    pace.issued(1 << 18);
    assertThat(pace.due()).isEqualTo(750_000_000);
  }

  @Test
  void asIndependentUsersAsk() {
    Pace pace = Pace.ofIos(1000, RateProcess.POISSON, 5);
    pace.start(0);
    int count = 100_000;
    long last = 0;
    int shorterThanMean = 0;
    for (int i = 0; i < count; i++) {
      pace.issued(4096);
      shorterThanMean += pace.due() - last < 1_000_000 ? 1 : 0;
      last = pace.due();
    }
    assertThat(pace.due() / 1e6 / count).isCloseTo(1.0, offset(0.02));
    // 1 - 1/e of an exponential distribution is below its mean.
    assertThat(shorterThanMean / (double) count).isCloseTo(0.632, offset(0.01));
  }
}
