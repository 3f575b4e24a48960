package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoIT {
  private static final String[] LOSING = {
    "demo",
    "--size",
    "100M",
    "--rate",
    "50MB/s",
    "--ring",
    "4M",
    "--pause",
    "600ms",
    "--every",
    "1s",
    "--jitter",
    "0%",
    "--dir",
    "."
  };

  @TempDir Path directory;
  private Launcher sluice;

  @BeforeEach
  void launcher() {
    sluice = new Launcher(directory);
  }

  @Test
  void ridesPausesOutAndVerifiesEveryByte() throws Exception {
    Map<String, Object> verdict =
        sluice
            .run("demo", "--size", "300M", "--rate", "100MB/s", "--dir", ".", "-o", "json")
            .expect(ExitStatus.OK)
            .json();
    assertThat(verdict)
        .containsEntry("recordedBytes", 300 << 20)
        .containsEntry("gaps", 0)
        .containsEntry("lostBytes", 0)
        .containsEntry("bitExact", true);
    assertThat((int) verdict.get("pauses")).isPositive();
    assertThat((int) verdict.get("ringHighWaterBytes")).isPositive();
    assertNothingLeft();
  }

  @Test
  void saysHowMuchIsLostAndWhereWhenAPauseIsTooLong() throws Exception {
    String[] asJson = Arrays.copyOf(LOSING, LOSING.length + 2);
    asJson[LOSING.length] = "-o";
    asJson[LOSING.length + 1] = "json";
    Map<String, Object> verdict = sluice.run(asJson).expect(ExitStatus.GAPS).json();
    long lost = ((Number) verdict.get("lostBytes")).longValue();
    assertThat(lost).isPositive();
    assertThat(verdict).containsEntry("bitExact", true);
    assertThat(((Number) verdict.get("recordedBytes")).longValue() + lost).isEqualTo(100L << 20);
    long listed = 0;
    for (Object gap : (List<?>) verdict.get("gapList")) {
      listed += ((Number) ((Map<?, ?>) gap).get("bytes")).longValue();
    }
    assertThat(listed).isEqualTo(lost);
    assertNothingLeft();
  }

  @Test
  void lossCanBeAllowed() throws Exception {
    String[] allowed = Arrays.copyOf(LOSING, LOSING.length + 1);
    allowed[LOSING.length] = "--allow-gaps";
    Launcher.Result result = sluice.run(allowed).expect(ExitStatus.OK);
    assertThat(result.out()).contains("bytes lost at stream offset").contains("bit-exact");
  }

  @Test
  void leavesNothingBehindWhenItIsInterruptedOrKilled() throws Exception {
    for (String signal : new String[] {"INT", "KILL"}) {
      Launcher.Running demo =
          sluice.start(
              new File("/dev/null"), "demo", "--size", "1G", "--rate", "50MB/s", "--dir", ".");
      demo.awaitLine("recording ");
      demo.signal(signal);
      assertThat(demo.await().status()).isNotEqualTo(ExitStatus.OK);
      assertNothingLeft();
    }
  }

  private void assertNothingLeft() throws IOException {
    try (var files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .allMatch(name -> name.matches("run[0-9]+\\.(out|err)"));
    }
  }
}
