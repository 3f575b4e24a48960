package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
    sluice.run("init", "virtual:d.img", "--size", "2G").expect(ExitStatus.OK);
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
    sluice.run("init", "virtual:d.img?size=256M").expect(ExitStatus.OK);
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
    sluice.run("init", "virtual:d.img", "--size", "256M").expect(ExitStatus.OK);
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
      sluice.run("init", "virtual:d.img", "--size", "1G", "--force").expect(ExitStatus.OK);
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

  @SuppressWarnings("unchecked")
  private List<Map<String, Object>> recordings() throws Exception {
    return (List<Map<String, Object>>)
        (List<?>)
            sluice
                .run("recordings", "virtual:d.img", "-o", "json")
                .expect(ExitStatus.OK)
                .jsonList();
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
