package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who asks for JSON gets one object on standard output, also of what did not work. */
class JsonErrorsIT {
  @TempDir Path folder;
  private Launcher sluice;

  @BeforeEach
  void init() throws IOException {
    sluice = new Launcher(folder);
    sluice.here("init", "virtual:d.img?size=16M").expect(ExitStatus.OK);
  }

  private Launcher.Result run(String... arguments) throws IOException {
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "-o";
    all[arguments.length + 1] = "json";
    return sluice.here(all);
  }

  /** Standard error has the one line that it has without JSON; the object has the same words. */
  private static Map<String, Object> requireError(Launcher.Result result, int status) {
    result.expect(status);
    Map<String, Object> json = result.json();
    String last = result.err().strip().lines().reduce((a, b) -> b).orElseThrow();
    assertThat(last).contains(": " + json.get("error"));
    return json;
  }

  @Test
  void whatCannotBeDoneIsAnObjectWithTheError() throws IOException {
    String drive = "virtual:d.img";
    assertThat(requireError(run("check", "virtual:none.img"), ExitStatus.FAILURE)).hasSize(1);
    assertThat(requireError(run("recordings", "virtual:none.img"), ExitStatus.FAILURE)).hasSize(1);
    assertThat(requireError(run("info", "virtual:none.img"), ExitStatus.FAILURE)).hasSize(1);
    assertThat(requireError(run("init", drive), ExitStatus.FAILURE)).hasSize(1);
    assertThat(requireError(run("record", drive, "--from", "file:/none/such"), ExitStatus.FAILURE))
        .hasSize(1);
    assertThat(requireError(run("play", drive, "none", "--to", "null:"), ExitStatus.FAILURE))
        .hasSize(1);
  }

  @Test
  void aCommandLineThatMakesNoSenseIsOneToo() throws IOException {
    assertThat(requireError(run("record", "virtual:d.img"), ExitStatus.USAGE)).hasSize(1);
    assertThat(requireError(run("recordings"), ExitStatus.USAGE)).hasSize(1);
  }

  @Test
  void aRecordingThatEndsEarlyIsToldWithItsError() throws IOException {
    Map<String, Object> json =
        requireError(
            run("record", "virtual:d.img", "--ring", "1M", "--from", "generator:size=60M"),
            ExitStatus.FAILURE);
    assertThat(json).containsEntry("name", "recording-0").containsKey("recordedBytes");
    assertThat(json.get("error").toString()).startsWith("the recording ended early after ");
  }

  @Test
  void damageIsToldWithAllThatIsThere() throws IOException {
    sluice
        .here("record", "virtual:d.img", "--ring", "1M", "--from", "generator:size=1M")
        .expect(ExitStatus.OK);
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve("d.img").toFile(), "rw")) {
      file.write(new byte[4096]);
    }
    for (String command : new String[] {"check", "recordings"}) {
      Map<String, Object> json = requireError(run(command, "virtual:d.img"), ExitStatus.FAILURE);
      assertThat(json).containsKeys("findings", "recordings");
      assertThat(json.get("error").toString()).contains("is damaged: superblock copy A");
    }
  }

  @Test
  void whereAStreamGoesToStandardOutputNothingElseDoes() throws IOException {
    Launcher.Result result = run("play", "virtual:d.img", "none");
    result.expectError(ExitStatus.FAILURE, "has no recording 'none'");
  }

  @Test
  void withoutFailureThereIsNoError() throws IOException {
    Map<String, Object> json =
        run("record", "virtual:d.img", "--ring", "1M", "--from", "generator:size=1M")
            .expect(ExitStatus.OK)
            .json();
    assertThat(json).doesNotContainKey("error");
  }
}
