package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All the ways in which a recorder is told to stop, and what it keeps then. */
class StopIT {
  private static final File NOTHING = new File("/dev/null");
  private static final String[] RECORD = {
    "record",
    "virtual:d.img",
    "--from",
    "generator:rate=5MB/s,seed=5,stall",
    "--name",
    "a",
    "--progress",
    "events"
  };

  @TempDir Path directory;

  private Launcher init() throws Exception {
    Launcher sluice = new Launcher(directory);
    sluice.here("init", "virtual:d.img", "--size", "128M").expect(ExitStatus.OK);
    return sluice;
  }

  /** Starts the recording in a shell that has said something about signals before. */
  private static Launcher.Running startAfter(Launcher sluice, String trap) throws Exception {
    String[] all = new String[RECORD.length + 3];
    all[0] = "-c";
    all[1] = trap + "; exec \"$0\" \"$@\"";
    all[2] = Launcher.ROOT.resolve("sluice").toString();
    System.arraycopy(RECORD, 0, all, 3, RECORD.length);
    return sluice.start("/bin/sh", NOTHING, all);
  }

  private static void assertStopped(Launcher sluice, Launcher.Running recorder) throws Exception {
    recorder.await().expect(ExitStatus.OK);
    Map<String, Object> recording =
        sluice
            .here("recordings", "virtual:d.img", "-o", "json")
            .expect(ExitStatus.OK)
            .recordings()
            .getFirst();
    assertThat(recording.get("state")).isEqualTo("closed");
    assertThat(recording.get("endReason")).isEqualTo("stopped");
    assertThat(recording.get("gaps")).isEqualTo(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void aSignalThatWasIgnoredWhenItStartedStopsItAllTheSame(String signal) throws Exception {
    Launcher sluice = init();
    Launcher.Running recorder = startAfter(sluice, "trap '' " + signal);
    recorder.awaitLine("durable ");
    recorder.signal(signal);
    assertStopped(sluice, recorder);
  }

  @Test
  void aTerminalThatGoesAwayStopsIt() throws Exception {
    Launcher sluice = init();
    // The tests themselves may run under nohup.
    Launcher.Running recorder =
        sluice.start(
            "env",
            NOTHING,
            Stream.concat(
                    Stream.of("--default-signal=HUP", Launcher.ROOT.resolve("sluice").toString()),
                    Stream.of(RECORD))
                .toArray(String[]::new));
    recorder.awaitLine("durable ");
    recorder.signal("HUP");
    assertStopped(sluice, recorder);
  }

  @Test
  void underNohupATerminalThatGoesAwayDoesNot() throws Exception {
    Launcher sluice = init();
    Launcher.Running recorder = startAfter(sluice, "trap '' HUP");
    String durable = recorder.awaitLine("durable ");
    recorder.signal("HUP");
    while (recorder.lines("durable ").toList().getLast().equals(durable)) {
      assertThat(recorder.process.isAlive()).isTrue();
      Thread.onSpinWait();
    }
    recorder.signal("TERM");
    assertStopped(sluice, recorder);
  }

  /** Whoever starts it waits for that line, and may have no more to wait for. */
  @Test
  void aSignalThatComesAsSoonAsItHasStartedStopsIt() throws Exception {
    Launcher sluice = init();
    Launcher.Running recorder = sluice.start(NOTHING, RECORD);
    recorder.awaitLine("started ");
    recorder.signal("TERM");
    assertStopped(sluice, recorder);
  }

  /** timeout(1) signals the process, and then the group in which it is. */
  @Test
  void twoSignalsAtOnceAreOneStop() throws Exception {
    Launcher sluice = init();
    Launcher.Running recorder = sluice.start(NOTHING, RECORD);
    recorder.awaitLine("durable ");
    recorder.signal("TERM");
    recorder.signal("TERM");
    assertStopped(sluice, recorder);
  }

  @Test
  void whatAPipeHoldsWhenItIsToldToStopIsRecorded() throws Exception {
    Launcher sluice = init();
    Path fifo = directory.resolve("fifo");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    Launcher.Running recorder =
        sluice.start(
            NOTHING,
            "record",
            "virtual:d.img?bandwidth=1MB/s",
            "--from",
            "file:fifo",
            "--name",
            "a",
            "--ring",
            "512K",
            "--slot",
            "64K",
            "--depth",
            "2",
            "--progress",
            "events");
    recorder.awaitLine("started ");
    int bytes = 1_600_000;
    try (OutputStream out = Files.newOutputStream(fifo)) {
      out.write(new byte[bytes]);
    }
    recorder.signal("TERM");
    recorder.await().expect(ExitStatus.OK);
    Path played = sluice.run("play", "virtual:d.img", "a").expect(ExitStatus.OK).outFile();
    assertThat(played).hasSize(bytes);
  }
}
