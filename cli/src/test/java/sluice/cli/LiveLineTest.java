package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LiveLineTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private long nanos;

  @Test
  void aTerminalSeesOneLineWrittenAnew() {
    LiveLine line = new LiveLine(err, true, () -> nanos);
    nanos = 99_999_999;
    line.show(() -> "too early");
    nanos = 100_000_000;
    line.show(() -> "one");
    line.show(() -> "too soon after");
    nanos = 200_000_000;
    line.show(() -> "two");
    line.clear();
    line.clear();
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "\r\u001b[?7lone\u001b[K\u001b[?7h"
                + "\r\u001b[?7ltwo\u001b[K\u001b[?7h"
                + "\r\u001b[?7l\u001b[K\u001b[?7h");
  }

  @Test
  void aFileGetsAPlainLineEveryFiveSeconds() {
    LiveLine line = new LiveLine(err, false, () -> nanos);
    for (nanos = 0; nanos <= 11_000_000_000L; nanos += 500_000_000L) {
      line.show(() -> "at " + nanos / 1_000_000_000L);
    }
    line.clear();
    assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("at 5\nat 10\n");
  }

  @Test
  void theBarShowsFillAndPeak() {
    assertThat(LiveLine.bar(0, 0)).isEqualTo("[----------------]");
    assertThat(LiveLine.bar(0.001, 0.25)).isEqualTo("[#--|------------]");
    assertThat(LiveLine.bar(0.5, 0.5)).isEqualTo("[########--------]");
    assertThat(LiveLine.bar(1.5, 1)).isEqualTo("[################]");
  }
}
