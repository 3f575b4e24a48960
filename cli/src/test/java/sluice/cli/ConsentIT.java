package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nothing that a drive holds is written over without a word, also if nobody knows what it is. */
class ConsentIT {
  private static final int SIZE = 64 << 20;

  /** The commands that write to a whole drive, without the word that allows it. */
  private static final List<List<String>> WRITERS =
      List.of(
          List.of("init", "DRIVE"),
          List.of("record", "DRIVE", "--raw", "--start", "0", "--from", "generator:size=1M"),
          List.of("bench", "--drive", "DRIVE", "--rw=write", "--size=1m", "--allow-write"),
          List.of("bench", "modes", "--drive", "DRIVE", "--rw", "write", "--allow-write"),
          List.of("bench", "anatomy", "DRIVE", "--rw", "write", "--allow-write"));

  @TempDir private Path directory;
  private Path image;

  @BeforeEach
  void blank() throws IOException {
    image = directory.resolve("d.img");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(SIZE);
    }
  }

  private void put(long offset, byte[] bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.seek(offset);
      file.write(bytes);
    }
  }

  private InProcess run(List<String> command, String... more) {
    List<String> words = new ArrayList<>(command);
    words.replaceAll(word -> word.replace("DRIVE", "virtual:" + image));
    words.addAll(List.of(more));
    return InProcess.run(words.toArray(String[]::new));
  }

  private void assertRefused(String what) throws IOException {
    byte[] before = Files.readAllBytes(image);
    for (List<String> command : WRITERS) {
      run(command)
          .expectError(ExitStatus.FAILURE, "holds " + what + "; give --force if that may be lost");
      assertThat(Files.readAllBytes(image)).as(command.getFirst()).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "4096", "524288", "1048577", "33554432", "67108352"})
  void dataOfAnUnknownKindIsNotWrittenOver(long offset) throws IOException {
    put(offset, new byte[] {1});
    assertRefused("data of an unknown kind (at byte " + (offset & -512) + ")");
    run(WRITERS.getFirst(), "--force").expect(ExitStatus.OK);
  }

  @Test
  void aRawRecordingIsNotWrittenOverEither() throws IOException {
    run(List.of("record", "DRIVE", "--raw", "--start", "9M", "--from", "generator:size=1M"))
        .expect(ExitStatus.OK);
    assertRefused("data of an unknown kind (at byte " + (9 << 20) + ")");
    run(WRITERS.get(1), "--force").expect(ExitStatus.OK);
  }

  @Test
  void aDriveOfOnesIsEmpty() throws IOException {
    byte[] ones = new byte[SIZE];
    java.util.Arrays.fill(ones, (byte) -1);
    put(0, ones);
    run(WRITERS.getFirst()).expect(ExitStatus.OK);
  }

  @Test
  void anotherDrivesSerialNumberIsNoConsent() throws IOException {
    put(0, new byte[] {1});
    run(WRITERS.get(1), "--serial", "not-it").expectError(ExitStatus.FAILURE, "another serial");
    run(WRITERS.getFirst(), "--serial", "not-it").expectError(ExitStatus.FAILURE, "another serial");
  }
}
