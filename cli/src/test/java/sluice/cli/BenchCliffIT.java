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
 * {@code sluice bench cliff}: from a command line to a report. Where the cliff is depends on this
 * machine's load here; {@code CliffBenchTest} knows the place by an exact clock.
 */
class BenchCliffIT {
  private static final String DRIVE =
      "virtual:null?size=128M&bandwidth=1GB/s&cliff=32M&after=200MB/s";

  @TempDir Path directory;

  private static InProcess cliff(String... arguments) {
    String[] all = new String[arguments.length + 3];
    all[0] = "bench";
    all[1] = "cliff";
    all[2] = "--warm-up=200ms";
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    return InProcess.run(all);
  }

  @Test
  void thePlaceIsToldAndThePageWritten() throws IOException {
    Path page = directory.resolve("cliff.html");
    InProcess run = cliff("--drive", DRIVE, "--allow-write", "--html", page.toString());
    assertThat(run.expect(ExitStatus.OK).out())
        .contains(" sustained")
        .containsAnyOf("The cliff is at ", "No cliff in ");
    assertThat(Files.readString(page))
        .contains(" sustained", "<svg", "Rate over bytes written", "</html>")
        .doesNotContain("http://", "https://");
  }

  @Test
  void jsonHasThePlaceAndItsError() throws IOException {
    InProcess run = cliff("--drive", DRIVE, "--allow-write", "-o", "json");
    Map<String, Object> result = JSON.std.mapFrom(run.expect(ExitStatus.OK).out());
    assertThat(result).containsEntry("bytes", 134217728);
    assertThat(result).containsKeys("cliff", "errorBytes", "sustainedBytesPerSecond");
    assertThat((List<?>) result.get("levels")).isNotEmpty();
  }

  @Test
  void itWritesOnlyWhereItMay() throws IOException {
    assertThat(cliff("--drive", DRIVE).expect(ExitStatus.FAILURE).err())
        .contains("give --allow-write if that may be lost");
    Path image = directory.resolve("a.img");
    String drive = "virtual:" + image + "?size=16M";
    cliff("--drive", drive, "--allow-write").expect(ExitStatus.OK);
    InProcess.run("init", drive, "--force").expect(ExitStatus.OK);
    byte[] before = Files.readAllBytes(image);
    assertThat(cliff("--drive", drive, "--allow-write").expect(ExitStatus.FAILURE).err())
        .contains("give --force if that may be lost");
    assertThat(Files.readAllBytes(image)).isEqualTo(before);
  }

  @Test
  void whatIsNotPossibleIsSaidInOneLine() {
    for (String[] wrong :
        new String[][] {
          {"--bs=1000", "chunks of 1000 bytes are not possible"},
          {"--size=1G", "134217728 bytes at most"},
          {"--iodepth=0", "not 0"},
          {"--html=/nowhere/at/all.html", "there is no folder"}
        }) {
      InProcess run = cliff("--drive", DRIVE, "--allow-write", wrong[0]);
      assertThat(run.expect(ExitStatus.FAILURE).err()).contains(wrong[1]).hasLineCount(1);
    }
  }
}
