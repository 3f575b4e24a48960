package sluice.support.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GuestLogTest {
  private static final long SECOND = 1_000_000_000;

  private final List<String> lines = new ArrayList<>();
  private boolean isBroken;
  private long now = Long.MAX_VALUE - 5 * SECOND;
  private final GuestLog log = new GuestLog(this::take, () -> now, "guests");

  private void take(String line) {
    if (isBroken) {
      throw new IllegalStateException("no room for lines");
    }
    lines.add(line);
  }

  private void tell(int count) {
    for (int i = 0; i < count; i++) {
      log.accept("line " + i);
    }
  }

  @Test
  void aFewLinesAreToldAtOnce() {
    tell(20);
    assertThat(lines).hasSize(20).first().isEqualTo("line 0");
    assertThat(lines).last().isEqualTo("line 19");
  }

  @Test
  void ofAFloodTheOthersAreCounted() {
    tell(1000);
    assertThat(lines).hasSize(20);
    now += 10 * SECOND - 1;
    log.turn();
    assertThat(lines).hasSize(20);
    now++;
    log.turn();
    assertThat(lines).hasSize(21).last().isEqualTo("and 980 more lines about guests");
    log.turn();
    log.end();
    assertThat(lines).hasSize(21);
  }

  @Test
  void aFloodThatGoesOnIsALineASecondAndACountEachTenSeconds() {
    for (int i = 0; i < 10_000; i++) {
      tell(1);
      now += SECOND / 100;
    }
    log.turn();
    assertThat(lines)
        .hasSize(20 + 99 + 9)
        .filteredOn(line -> line.startsWith("and"))
        .hasSize(9)
        .last()
        .asString()
        .matches("and \\d+ more lines about guests");
  }

  @Test
  void afterAQuietTimeThereIsRoomForTheFirstLinesAgain() {
    tell(1000);
    now += 3600 * SECOND;
    lines.clear();
    tell(21);
    assertThat(lines).hasSize(21).first().isEqualTo("and 980 more lines about guests");
    log.end();
    assertThat(lines).last().isEqualTo("and 1 more line about guests");
  }

  @Test
  void whoTakesTheLinesMayFail() {
    isBroken = true;
    tell(3);
    log.end();
    now += 10 * SECOND;
    log.turn();
    assertThat(lines).isEmpty();
    isBroken = false;
    now += 10 * SECOND;
    log.turn();
    assertThat(lines).containsExactly("and 3 more lines about guests");
  }
}
