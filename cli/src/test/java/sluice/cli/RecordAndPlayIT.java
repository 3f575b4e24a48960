package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job as a person does it: init, record, list, play. */
class RecordAndPlayIT {
  private static final long SEED = 20260101;

  @TempDir Path directory;
  private Launcher sluice;

  @BeforeEach
  void launcher() {
    sluice = new Launcher(directory);
  }

  @Test
  void whatIsRecordedFromStandardInputIsPlayedBitExactAndLiesInPlainSightOnTheDrive()
      throws Exception {
    Path a = randomFile("a", 300_000_000);
    sluice.here("init", "virtual:d.img", "--size", "2G").expect(ExitStatus.OK);
    sluice
        .runWithInput(a, "record", "virtual:d.img", "--from", "-", "--name", "a")
        .expect(ExitStatus.OK);
    Path b = sluice.run("play", "virtual:d.img", "a").expect(ExitStatus.OK).outFile();
    assertThat(Files.mismatch(a, b)).as("first byte that differs, seed %d", SEED).isEqualTo(-1);

    Map<String, Object> recording = recordings().getFirst();
    assertThat(recording)
        .containsEntry("name", "a")
        .containsEntry("state", "closed")
        .containsEntry("bytes", 300_000_000)
        .containsEntry("gaps", 0);
    long address = ((Number) recording.get("address")).longValue();
    assertPlainRead(directory.resolve("d.img"), address, a);
  }

  @Test
  void aPieceIsPlayedToAFile() throws Exception {
    Path a = randomFile("a", 5_000_000);
    sluice.here("init", "virtual:d.img?size=256M").expect(ExitStatus.OK);
    sluice.run("record", "virtual:d.img", "--from", "file:a", "--name", "a").expect(ExitStatus.OK);
    sluice
        .run(
            "play",
            "virtual:d.img",
            "a",
            "--to",
            "file:piece",
            "--offset",
            "1234567",
            "--length",
            "1000000")
        .expect(ExitStatus.OK);
    byte[] whole = Files.readAllBytes(a);
    byte[] piece = Files.readAllBytes(directory.resolve("piece"));
    assertThat(piece).isEqualTo(Arrays.copyOfRange(whole, 1234567, 2234567));
  }

  @Test
  void recordingsFollowEachOther() throws Exception {
    sluice.here("init", "virtual:d.img", "--size", "256M").expect(ExitStatus.OK);
    for (int seed = 1; seed <= 3; seed++) {
      sluice
          .run(
              "record",
              "virtual:d.img",
              "--from",
              "generator:size=10M,seed=" + seed,
              "--name",
              "take " + seed,
              "--header",
              "seed=" + seed,
              "--header",
              "station=north")
          .expect(ExitStatus.OK);
    }
    assertThat(recordings())
        .extracting(recording -> recording.get("name"))
        .containsExactly("take 1", "take 2", "take 3");
    assertThat(recordings().get(1).get("header"))
        .isEqualTo(Map.of("seed", "2", "station", "north"));
    for (int seed = 1; seed <= 3; seed++) {
      Path played =
          sluice.run("play", "virtual:d.img", "take " + seed).expect(ExitStatus.OK).outFile();
      assertThat(played).hasSize(10 << 20);
      PatternFile.verify(played, 0, 10 << 20, seed, 0);
    }
  }

  @Test
  void controlCEndsARecordingCleanly() throws Exception {
    for (String signal : new String[] {"INT", "TERM"}) {
      sluice.here("init", "virtual:d.img", "--size", "1G", "--force").expect(ExitStatus.OK);
      Launcher.Running recorder =
          sluice.start(
              Path.of("/dev/null").toFile(),
              "record",
              "virtual:d.img",
              "--from",
              "generator:rate=50MB/s,seed=5,stall",
              "--name",
              "cut",
              "--durable",
              "every=50ms",
              "--progress",
              "events");
      recorder.awaitLine("durable ");
      recorder.signal(signal);
      recorder.await().expect(ExitStatus.OK);
      Map<String, Object> recording = recordings().getFirst();
      assertThat(recording)
          .containsEntry("state", "closed")
          .containsEntry("endReason", "stopped")
          .containsEntry("gaps", 0);
      long bytes = ((Number) recording.get("bytes")).longValue();
      assertThat(bytes).isPositive();
      Path played = sluice.run("play", "virtual:d.img", "cut").expect(ExitStatus.OK).outFile();
      assertThat(played).hasSize(bytes);
      PatternFile.verify(played, 0, bytes, 5, 0);
    }
  }

  @Test
  void aSecondControlCEndsEvenWhatHangs() throws Exception {
    sluice.here("init", "virtual:d.img", "--size", "64M").expect(ExitStatus.OK);
    Launcher.Running recorder =
        sluice.start(
            Path.of("/dev/null").toFile(),
            "record",
            // Enough commands to open the volume and the recording; then none is answered.
            "virtual:d.img?stuck=count:25-1000000",
            "--from",
            "generator:rate=100MB/s,stall",
            "--slot",
            "4K",
            "--progress",
            "events");
    recorder.awaitLine("started ");
    // The commands that are answered are used up within a millisecond of the stream.
    assertThat(recorder.process.waitFor(500, TimeUnit.MILLISECONDS)).isFalse();
    recorder.signal("INT");
    assertThat(recorder.process.waitFor(700, TimeUnit.MILLISECONDS)).isFalse();
    recorder.signal("INT");
    assertThat(recorder.await().status()).isEqualTo(128 + 2);
    sluice.here("check", "virtual:d.img").expect(ExitStatus.OK);
  }

  @Test
  void aDriveInUseIsRefused() throws Exception {
    sluice.here("init", "virtual:d.img", "--size", "256M").expect(ExitStatus.OK);
    Launcher.Running recorder =
        sluice.start(
            Path.of("/dev/null").toFile(),
            "record",
            "virtual:d.img",
            "--from",
            "generator:rate=1MB/s",
            "--progress",
            "events");
    recorder.awaitLine("started ");
    sluice.here("recordings", "virtual:d.img").expectError(ExitStatus.FAILURE, "in use");
    recorder.signal("INT");
    recorder.await().expect(ExitStatus.OK);
  }

  @Test
  void rawModeWritesTheStreamAndNothingElse() throws Exception {
    Map<String, Object> result =
        sluice
            .run(
                "record",
                "virtual:raw.img?size=64M",
                "--from",
                "generator:size=10000000,seed=9",
                "--raw",
                "--start",
                "1M",
                "--max",
                "32M",
                "-o",
                "json")
            .expect(ExitStatus.OK)
            .json();
    // Ten million bytes end within a block of 4096.
    assertThat(result)
        .containsEntry("recordedBytes", 10_000_000)
        .containsEntry("address", 1 << 20)
        .containsEntry("lastAddress", (1 << 20) + 10_000_000);
    PatternFile.verify(directory.resolve("raw.img"), 1 << 20, 10_000_000, 9, 0);
    byte[] image = Files.readAllBytes(directory.resolve("raw.img"));
    for (int at = 0; at < image.length; at++) {
      if (image[at] != 0 && (at < 1 << 20 || at >= (1 << 20) + 10_000_000)) {
        fail("byte %d was written", at);
      }
    }
  }

  @Test
  void playsAtTheRateItWasRecordedAt() throws Exception {
    sluice.here("init", "virtual:d.img", "--size", "64M").expect(ExitStatus.OK);
    sluice
        .run("record", "virtual:d.img", "--from", "generator:rate=20MB/s,size=20M", "--name", "a")
        .expect(ExitStatus.OK);
    // The last of 160 slots was begun a whole slot before the end.
    long span = 159L * (128 << 10) * 1_000_000_000L / 20_000_000;
    assertPlayLasts(span, "--rate", "original");
    assertPlayLasts(span / 2, "--rate", "2x");
    assertPlayLasts(
        (10L << 20) * 1_000_000_000L / 40_000_000, "--rate", "40MB/s", "--length", "10M");
  }

  private void assertPlayLasts(long nanos, String... options) {
    String[] arguments = {"play", "virtual:" + directory.resolve("d.img"), "a", "--to", "verify:"};
    String[] all = Arrays.copyOf(arguments, arguments.length + options.length);
    System.arraycopy(options, 0, all, arguments.length, options.length);
    long start = System.nanoTime();
    InProcess.run(all).expect(ExitStatus.OK);
    // How long the recorder itself was held up is not known, so a tenth is granted.
    assertThat(System.nanoTime() - start).as("ns for %s", all[6]).isGreaterThan(nanos * 9 / 10);
  }

  @Test
  void playsFromATime() throws Exception {
    sluice.here("init", "virtual:d.img", "--size", "64M").expect(ExitStatus.OK);
    sluice
        .run("record", "virtual:d.img", "--from", "generator:rate=20MB/s,size=10M", "--name", "a")
        .expect(ExitStatus.OK);
    assertThat(play("--from-time", "+0s")).hasSize(10 << 20);
    sluice
        .run("play", "virtual:d.img", "a", "--from-time", "+1h")
        .expectError(ExitStatus.FAILURE, "recording 'a' has nothing that arrived at ");
    assertThat(play("--from-time", "2020-01-01T00:00:00Z", "--length", "1M")).hasSize(1 << 20);
    Path rest = play("--from-time", "+250ms");
    long bytes = Files.size(rest);
    assertThat(bytes).isBetween(1L, 10L << 20);
    PatternFile.verify(rest, 0, bytes, 0, (10 << 20) - bytes);
    sluice
        .run("play", "virtual:d.img", "a", "--from-time", "noon")
        .expectError(ExitStatus.USAGE, "noon");
  }

  private Path play(String... options) throws Exception {
    String[] arguments = {"play", "virtual:d.img", "a"};
    String[] all = Arrays.copyOf(arguments, arguments.length + options.length);
    System.arraycopy(options, 0, all, arguments.length, options.length);
    return sluice.run(all).expect(ExitStatus.OK).outFile();
  }

  @Test
  void gapsArePlayedAsOneWants() throws Exception {
    sluice.here("init", "virtual:d.img", "--size", "128M").expect(ExitStatus.OK);
    Launcher.Result recorded =
        sluice.run(
            "record",
            "virtual:d.img?pause=500ms&every=1s",
            "--from",
            "generator:rate=40MB/s,size=60M,seed=2",
            "--name",
            "a",
            "--ring",
            "2M",
            "-o",
            "json");
    recorded.expect(ExitStatus.GAPS);
    long lost = ((Number) recorded.json().get("lostBytes")).longValue();
    assertThat(lost).isPositive();
    sluice.here("check", "virtual:d.img").expect(ExitStatus.OK);

    Launcher.Result zeros = sluice.run("play", "virtual:d.img", "a").expect(ExitStatus.GAPS);
    assertThat(zeros.err()).contains("bytes lost at stream offset");
    assertThat(zeros.outFile()).hasSize(60 << 20);
    assertThat(
            sluice
                .run("play", "virtual:d.img", "a", "--gaps", "skip", "--allow-gaps")
                .expect(ExitStatus.OK)
                .outFile())
        .hasSize((60L << 20) - lost);
    sluice
        .here("play", "virtual:d.img", "a", "--gaps", "fail", "--to", "null:")
        .expectError(ExitStatus.FAILURE, "has a gap");
    sluice
        .here("play", "virtual:d.img", "a", "--gaps", "skip", "--to", "verify:seed=2")
        .expect(ExitStatus.GAPS);
  }

  private List<Map<String, Object>> recordings() throws Exception {
    return sluice
        .here("recordings", "virtual:d.img", "-o", "json")
        .expect(ExitStatus.OK)
        .recordings();
  }

  private Path randomFile(String name, int bytes) throws IOException {
    SplittableRandom random = new SplittableRandom(SEED);
    Path file = directory.resolve(name);
    byte[] piece = new byte[1 << 20];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int left = bytes; left > 0; left -= piece.length) {
        random.nextBytes(piece);
        out.write(piece, 0, Math.min(left, piece.length));
      }
    }
    return file;
  }

  /** Reads the drive's file where the recording says that it lies, with nothing of ours between. */
  private static void assertPlainRead(Path image, long address, Path expected) throws IOException {
    try (FileChannel channel = FileChannel.open(image).position(address);
        InputStream onDrive = Channels.newInputStream(channel);
        InputStream wanted = Files.newInputStream(expected)) {
      byte[] piece = new byte[1 << 20];
      long offset = 0;
      for (int read = wanted.readNBytes(piece, 0, piece.length);
          read > 0;
          read = wanted.readNBytes(piece, 0, piece.length)) {
        assertThat(Arrays.mismatch(onDrive.readNBytes(read), 0, read, piece, 0, read))
            .as("first byte that differs in the MiB at %d", offset)
            .isEqualTo(-1);
        offset += read;
      }
    }
  }
}
