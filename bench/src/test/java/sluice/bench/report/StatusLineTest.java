package sluice.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sluice.bench.result.Direction;
import sluice.bench.result.Progress;

class StatusLineTest {
  @Test
  void asFioHasIt() {
    Progress progress =
        new Progress(
            List.of('M'),
            1,
            0.248,
            91,
            Map.of(Direction.READ, 20.5 * (1 << 20), Direction.WRITE, 23.5 * (1 << 20)),
            Map.of(Direction.READ, 82.0, Direction.WRITE, 94.0),
            List.of());
    assertThat(StatusLine.of(progress))
        .isEqualTo(
            "Jobs: 1 (f=1): [M(1)][24.8%][r=20.5MiB/s,w=23.5MiB/s][r=82,w=94 IOPS][eta 01m:31s]");
  }

  @Test
  void neighboursAreCountedAndWhatIsUnknownIsDashes() {
    Progress progress =
        new Progress(
            List.of('r', 'r', '_', '_', 'V'),
            3,
            -1,
            -1,
            Map.of(Direction.READ, 5e9),
            Map.of(Direction.READ, 1_234_567.0),
            List.of());
    assertThat(StatusLine.of(progress))
        .isEqualTo("Jobs: 3 (f=3): [r(2),_(2),V(1)][-.-%][r=4768MiB/s][r=1235k IOPS][eta --m:--s]");
  }

  @Test
  void longTimes() {
    Progress progress = new Progress(List.of('W'), 1, 0.5, 90_061, Map.of(), Map.of(), List.of());
    assertThat(StatusLine.of(progress)).endsWith("[eta 01d:01h:01m:01s]");
  }
}
