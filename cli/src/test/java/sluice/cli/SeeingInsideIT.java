package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --debug} and {@code --jfr}. */
class SeeingInsideIT {
  private static final File NOTHING = new File("/dev/null");

  @TempDir Path directory;

  @Test
  void debugShowsEachChangeOfStateWithItsTime() throws Exception {
    Launcher.Result result = sluice("init", "virtual:d.img", "--size", "16M", "--debug");
    assertThat(result.err().lines())
        .anyMatch(line ->
            line.matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} controller .*: COMING_UP -> RUNNING"))
        .anyMatch(line -> line.contains(": RUNNING -> SHUTTING_DOWN (it is closed)"));
    assertThat(sluice("info", "virtual:d.img").err()).isEmpty();
  }

  @Test
  void jfrRecordsWhatHappensInside() throws Exception {
    new Launcher(directory).here("init", "virtual:d.img", "--size", "64M").expect(ExitStatus.OK);
    Launcher.Result _ =
        sluice(
            "record",
            "virtual:d.img",
            "--from",
            "generator:size=8M",
            "--name",
            "a",
            "--progress",
            "none",
            "--jfr",
            "a.jfr");
    assertThat(events()).contains("sluice.BringUpStep", "sluice.StateChange", "sluice.Flush");
    assertThat(events())
        .allMatch(name ->
            name.startsWith("sluice.") || name.matches("jdk.(JVMInformation|GarbageCollection)"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void theFileIsWrittenWhenASignalEndsIt(String signal) throws Exception {
    new Launcher(directory).here("init", "virtual:d.img", "--size", "64M").expect(ExitStatus.OK);
    Launcher.Running running =
        new Launcher(directory)
            .start(
                NOTHING,
                "record",
                "virtual:d.img",
                "--from",
                "generator:rate=2MB/s,stall",
                "--name",
                "a",
                "--progress",
                "events",
                "--jfr",
                "a.jfr");
    running.awaitLine("started ");
    running.signal(signal);
    running.await().expect(ExitStatus.OK);
    assertThat(events()).contains("sluice.StateChange");
  }

  @Test
  void aFileThatCannotBeWrittenIsToldInOneLine() throws Exception {
    new Launcher(directory)
        .run("list", "--jfr", "none/a.jfr")
        .expectError(ExitStatus.FAILURE, "--jfr cannot write none/a.jfr");
  }

  @Test
  void flightRecorderIsNotLoadedWhenItIsOff() throws Exception {
    Path list = directory.resolve("classes");
    Launcher.Running running =
        new Launcher(directory)
            .start(
                "env",
                NOTHING,
                "SLUICE_JAVA_OPTS=-Xlog:class+load:file=" + list,
                Launcher.ROOT.resolve("sluice").toString(),
                "init",
                "virtual:d.img",
                "--size",
                "16M");
    running.await().expect(ExitStatus.OK);
    assertThat(Files.readString(list))
        .contains("sluice.support.events.Incidents")
        .doesNotContain(
            " jdk.jfr.FlightRecorder ", " sluice.support.events.FlightEvents", "DebugLines");
  }

  private Launcher.Result sluice(String... arguments) throws Exception {
    return new Launcher(directory).run(arguments).expect(ExitStatus.OK);
  }

  private List<String> events() throws IOException {
    return RecordingFile.readAllEvents(directory.resolve("a.jfr")).stream()
        .map(event -> event.getEventType().getName())
        .distinct()
        .toList();
  }
}
