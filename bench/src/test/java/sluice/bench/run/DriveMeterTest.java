package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import sluice.bench.result.Pauses;

/** Pauses of a drive, of a job that is on others too. */
class DriveMeterTest {
  private static final long MILLI = 1_000_000;

  private final DriveMeter drive =
      new DriveMeter(new Port(1, null, null, null, null, () -> 0), 10 * MILLI);
  private long now;

  /** So many milliseconds go by, in which polls find something on other drives only. */
  private void othersGoOn(int millis) {
    for (int i = 0; i < millis; i++) {
      now += MILLI / 2;
      drive.look(now);
      drive.reaped(now);
      now += MILLI / 2;
      drive.look(now);
      drive.reaped(now);
    }
  }

  private void issue() {
    drive.issued();
    drive.look(now);
    drive.rung(now);
  }

  private void comesBack() {
    drive.look(now);
    drive.cameBack();
    drive.reaped(now);
  }

  private Pauses pauses() {
    return drive.result(Map.of()).pauses();
  }

  @Test
  void aDriveThatCompletesNothingWhileOthersDoPauses() {
    drive.begin(now);
    issue();
    othersGoOn(25);
    comesBack();
    assertThat(pauses().count()).isEqualTo(1);
    assertThat(pauses().longestNanos()).isEqualTo(25 * MILLI);
  }

  @Test
  void aDriveThatHasNothingToDoDoesNotPause() {
    drive.begin(now);
    issue();
    comesBack();
    othersGoOn(25);
    issue();
    othersGoOn(3);
    issue();
    othersGoOn(3);
    comesBack();
    comesBack();
    assertThat(pauses().count()).isZero();
  }

  @Test
  void aRampIsForgotten() {
    drive.begin(now);
    issue();
    othersGoOn(25);
    comesBack();
    issue();
    drive.begin(now);
    othersGoOn(12);
    comesBack();
    assertThat(pauses().count()).isEqualTo(1);
    assertThat(pauses().totalNanos()).isEqualTo(12 * MILLI);
  }
}
