package sluice.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long is waited on machines that are more or less busy. */
class PatienceTest {
  private long now;
  private double pace = 1;

  private Patience tenNanos() {
    return new Patience(Duration.ofNanos(10), () -> now, () -> pace);
  }

  @Test
  void onAQuietMachineItIsOverWhenTheTimeIs() {
    Patience patience = tenNanos();
    now = 9;
    assertThat(patience.nanosLeft()).isEqualTo(1);
    assertThat(patience.isOver()).isFalse();
    now = 10;
    assertThat(patience.isOver()).isTrue();
    assertThat(patience.nanosLeft()).isZero();
  }

  @Test
  void onABusyMachineItLastsAsManyTimesAsLong() {
    Patience patience = tenNanos();
    pace = 3;
    assertThat(patience.nanosLeft()).as("not looked at yet").isEqualTo(10);
    now = 10;
    assertThat(patience.nanosLeft()).isEqualTo(20);
    pace = 1;
    now = 25;
    assertThat(patience.nanosLeft()).as("it was busy, and may be so again").isEqualTo(5);
    now = 30;
    assertThat(patience.isOver()).isTrue();
  }

  @Test
  void aMachineIsAsBusyAsItsThreadsAreManyForItsProcessors() {
    assertThat(Patience.pace("0.04 3.00 9.00 1/100 4711\n", 2)).isEqualTo(1);
    assertThat(Patience.pace("9.00 3.00 1.00 1/100 4711\n", 2)).isEqualTo(4.5);
    assertThat(Patience.pace("1.00 3.00 1.00 7/100 4711\n", 2)).isEqualTo(3.5);
    assertThat(Patience.pace("900.00 3.00 1.00 1/100 4711\n", 2)).isEqualTo(20);
    assertThat(Patience.pace()).isBetween(1.0, 20.0);
  }
}
