package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code sluice bench pts}, scaled down. Whether a drive is steady depends on the machine's load.
 */
class BenchPtsIT {
  private static final String DRIVE = "virtual:memory?size=16M";

  @TempDir Path directory;

  private static InProcess pts(String... arguments) {
    String[] all = new String[arguments.length + 5];
    all[0] = "bench";
    all[1] = "pts";
    all[2] = "--warm-up=100ms";
    all[3] = "--round=10ms";
    all[4] = "--rounds=5";
    System.arraycopy(arguments, 0, all, 5, arguments.length);
    return InProcess.run(all);
  }

  @Test
  void theReportTellsWhatWasSetAndThePageIsWhole() throws IOException {
    Path page = directory.resolve("pts.html");
    InProcess run =
        pts(
            "--drive",
            DRIVE,
            "--allow-write",
            "--tests=latency",
            "--purge=deallocate",
            "--size=8M",
            "--html",
            page.toString());
    assertThat(run.out())
        .contains("other than by SNIA's PTS: the purge was a deallocation")
        .contains("the active range is 8 MiB of 16 MiB", "10 ms in each round")
        .contains("tracked: 0/100 4 KiB in ms", "mean latency, ms", "greatest, ms", "0.5 KiB")
        .containsPattern("steady in rounds 1 to 5|not steady after 5 rounds");
    assertThat(Files.readString(page)).contains("Steady state: 0/100 4 KiB", "</html>");
  }

  @Test
  void jsonHasEachRound() throws IOException {
    InProcess run = pts("--drive", DRIVE, "--allow-write", "--tests=throughput-128k", "-o", "json");
    Map<String, Object> result = JSON.std.mapFrom(run.out());
    assertThat(result).containsKeys("steady", "deviations", "activeBytes");
    Map<?, ?> test = (Map<?, ?>) ((List<?>) result.get("tests")).getFirst();
    assertThat((List<?>) test.get("rounds")).hasSize(5);
    assertThat((List<?>) test.get("windows")).hasSize(2);
  }

  @Test
  void itWritesOnlyWhereItMay() {
    assertThat(pts("--drive", DRIVE).expect(ExitStatus.FAILURE).err())
        .contains("give --allow-write if that may be lost");
  }

  @Test
  void whatIsNotPossibleIsSaidInOneLine() {
    for (String[] wrong :
        new String[][] {
          {"--size=64M", "16777216 bytes at most"},
          {"--size=3000000", "multiple of 1 MiB"},
          {"--rounds=4", "5 to 1000 rounds"},
          {"--round=0", "takes its time"}
        }) {
      InProcess run = InProcess.run("bench", "pts", "--drive", DRIVE, "--allow-write", wrong[0]);
      assertThat(run.expect(ExitStatus.FAILURE).err()).contains(wrong[1]).hasLineCount(1);
    }
  }
}
