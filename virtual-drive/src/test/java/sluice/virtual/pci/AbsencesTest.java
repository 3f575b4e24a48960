package sluice.virtual.pci;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AbsencesTest {
  private static final long MILLI = 1_000_000;

  private long now = 1000;
  private final Absences absences = new Absences(() -> now);

  @Test
  void turnsThatFollowOneAnotherAreNone() {
    for (int i = 0; i < 100; i++) {
      absences.taken();
      now += 50 * MILLI;
    }
    assertThat(absences.nanos()).isZero();
  }

  @Test
  void aTurnOfAnotherThatTakesLongIsOne() {
    absences.taken();
    absences.missed();
    now += 10 * MILLI;
    absences.missed();
    now += 20 * MILLI;
    assertThat(absences.nanos()).isBetween(30 * MILLI - 1, 30 * MILLI + 1);
    absences.taken();
    assertThat(absences.nanos()).isBetween(30 * MILLI - 1, 30 * MILLI + 1);
    absences.missed();
    now += MILLI;
    absences.taken();
    now += 40 * MILLI;
    absences.taken();
    assertThat(absences.nanos()).isBetween(30 * MILLI - 1, 30 * MILLI + 1);
  }

  @Test
  void anOwnThreadThatIsNotSeenForLongIsOne() {
    for (int i = 0; i < 100; i++) {
      absences.runs();
      now += 2 * MILLI - 1;
    }
    absences.runs();
    assertThat(absences.nanos()).isZero();
    now += 36 * MILLI;
    absences.runs();
    assertThat(absences.nanos()).isEqualTo(36 * MILLI);
  }
}
