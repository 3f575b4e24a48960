package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A drive that one process serves and another uses, as a person starts the two. */
class VfioUserIT {
  private static final String DRIVE = "vfio-user:d.sock";
  private static final File NO_INPUT = new File("/dev/null");

  /** How long a recorder may take to say that its drive has gone. */
  private static final Duration TELLS_WITHIN = Duration.ofSeconds(2);

  @TempDir Path directory;
  private Launcher sluice;
  private Launcher.Running server;

  @BeforeEach
  void serve() throws Exception {
    sluice = new Launcher(directory);
    server = serve("d.img,size=1G");
  }

  private Launcher.Running serve(String drive) throws Exception {
    Launcher.Running running =
        sluice.start(NO_INPUT, "serve", "vfio-user", "--socket", "d.sock", "--drive", drive);
    running.awaitLine("serving ");
    return running;
  }

  @AfterEach
  void kill() throws Exception {
    server.process.destroyForcibly().waitFor();
  }

  @Test
  void aDriveOfAnotherProcessIsADriveAsAnyOther() throws Exception {
    sluice.here("init", DRIVE).expect(ExitStatus.OK);
    sluice
        .run(
            "record",
            DRIVE,
            "--from",
            "generator:size=300M,rate=400MB/s,stall,seed=3",
            "--name",
            "a")
        .expect(ExitStatus.OK);
    sluice.here("play", DRIVE, "a", "--to", "verify:seed=3").expect(ExitStatus.OK);
    sluice.here("check", DRIVE).expect(ExitStatus.OK);
    assertThat(sluice.run("info", DRIVE, "-o", "json").expect(ExitStatus.OK).json())
        .containsEntry("drive", DRIVE);

    Map<String, Object> recording = recordings(DRIVE).getFirst();
    assertThat(recording).containsEntry("name", "a").containsEntry("gaps", 0);
    long address = ((Number) recording.get("address")).longValue();
    PatternFile.verify(directory.resolve("d.img"), address, 300 << 20, 3, 0);

    sluice
        .run("record", DRIVE, "--from", "generator:size=10M,seed=4", "--completions", "interrupts")
        .expect(ExitStatus.OK);
    sluice
        .here("play", DRIVE, "recording-1", "--to", "verify:seed=4", "--completions", "hybrid")
        .expect(ExitStatus.OK);
  }

  @Test
  void aServerEndsInGoodOrderAndLeavesNoSocket() throws Exception {
    sluice.here("init", DRIVE).expect(ExitStatus.OK);
    server.signal("INT");
    server.await().expect(ExitStatus.OK);
    assertThat(directory.resolve("d.sock")).doesNotExist();

    assertThat(recordings("virtual:d.img")).isEmpty();
    sluice.here("info", DRIVE).expectError(ExitStatus.FAILURE, "d.sock");
  }

  @Test
  void oneServerDoesNotTakeTheSocketOfAnother() throws Exception {
    sluice
        .run("serve", "vfio-user", "--socket", "d.sock", "--drive", "null,size=1G")
        .expectError(ExitStatus.FAILURE, "d.sock");
    sluice.here("info", DRIVE).expect(ExitStatus.OK);
  }

  @Test
  void whatWasDurableWhenTheServerIsKilledIsFoundWhenItIsBack() throws Exception {
    sluice.here("init", DRIVE).expect(ExitStatus.OK);
    Launcher.Running recorder =
        sluice.start(
            NO_INPUT,
            "record",
            DRIVE,
            "--from",
            "generator:rate=50MB/s,seed=5",
            "--name",
            "cut",
            "--durable",
            "every=10ms",
            "--progress",
            "events");
    recorder.awaitLine("durable ");
    boolean _ = recorder.process.waitFor(300, TimeUnit.MILLISECONDS);
    assertThat(recorder.process.isAlive()).as("the recorder:%n%s", recorder.err()).isTrue();

    server.process.destroyForcibly().waitFor();
    Instant killed = Instant.now();
    Launcher.Result result = recorder.await();
    assertThat(Duration.between(killed, Instant.now()))
        .as("until the recorder ended:%n%s", result.err())
        .isLessThan(TELLS_WITHIN);
    result.expect(ExitStatus.FAILURE);
    assertThat(result.err().strip().lines().toList().getLast()).contains("d.sock");
    long durable =
        recorder
            .lines("durable ")
            .mapToLong(line -> Long.parseLong(line.substring("durable ".length())))
            .max()
            .orElseThrow();

    // The socket of the one that was killed is still there.
    assertThat(Files.exists(directory.resolve("d.sock"))).isTrue();
    server = serve("d.img");
    sluice.here("check", DRIVE).expect(ExitStatus.OK);
    Map<String, Object> recording = recordings(DRIVE).getFirst();
    assertThat(recording).containsEntry("name", "cut").containsEntry("state", "recovered");
    assertThat(((Number) recording.get("bytes")).longValue()).isGreaterThanOrEqualTo(durable);
    sluice.here("play", DRIVE, "cut", "--to", "verify:seed=5").expect(ExitStatus.OK);
  }

  private List<Map<String, Object>> recordings(String drive) throws Exception {
    return sluice.here("recordings", drive, "-o", "json").expect(ExitStatus.OK).recordings();
  }
}
