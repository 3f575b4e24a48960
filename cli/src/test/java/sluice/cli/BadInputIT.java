package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong is said in one clear line, with a status that is not 0, and nothing is written. */
class BadInputIT {
  @TempDir Path directory;
  private Path image;
  private String drive;

  @BeforeEach
  void names() {
    image = directory.resolve("d.img");
    drive = "virtual:" + image;
  }

  private void init(String size) {
    InProcess.run("init", drive, "--size", size).expect(ExitStatus.OK);
  }

  private InProcess record(String source, String... more) {
    String[] arguments = {"record", drive, "--from", source};
    String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return InProcess.run(all);
  }

  @ParameterizedTest
  @ValueSource(strings = {"info", "check", "recordings", "init"})
  void anUnknownDrive(String command) throws IOException {
    InProcess.run(command, drive).expectError(ExitStatus.FAILURE, "does not exist");
    InProcess.run(command, "floppy:0").expectError(ExitStatus.FAILURE, "'floppy'");
    InProcess.run(command, "nonsense").expectError(ExitStatus.USAGE, "nonsense");
    InProcess.run(command, drive + "?size=1G&colour=red")
        .expectError(ExitStatus.FAILURE, "'colour'");
    assertNoFiles();
  }

  private void assertNoFiles() throws IOException {
    try (var files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aDriveThatCannotBeMade() throws IOException {
    InProcess.run("init", drive, "--size", "4K").expect(ExitStatus.FAILURE);
    InProcess.run("init", drive, "--size", "1000").expect(ExitStatus.FAILURE);
    InProcess.run("init", drive, "--size", "-3G")
        .expectError(ExitStatus.FAILURE, "cannot be negative");
    InProcess.run("init", drive, "--size", "large").expectError(ExitStatus.FAILURE, "bad size");
    assertNoFiles();
  }

  @Test
  void anImageThatMayFindNoRoom() throws IOException {
    long more = Files.getFileStore(directory).getUsableSpace() / 4096 * 4096 + (1L << 40);
    String size = String.valueOf(more);
    for (InProcess run :
        List.of(
            InProcess.run("init", drive, "--size", size, "--index", "1M"),
            record("generator:size=64K"),
            InProcess.run("recordings", drive))) {
      run.expect(ExitStatus.OK);
      assertThat(run.err()).contains(image + " may grow by ", "its file system has ");
    }
    assertThat(InProcess.run("recordings", drive + "?access=read").err()).doesNotContain("grow");
  }

  @Test
  void aNamespaceThatIsNotThere() throws IOException {
    init("16M");
    byte[] before = Files.readAllBytes(image);
    for (String command : List.of("info", "recordings", "check", "init")) {
      for (String nsid : List.of("0", "-1", "2")) {
        InProcess.run(command, drive, "--namespace", nsid)
            .expectError(ExitStatus.FAILURE, "has no namespace " + nsid);
      }
    }
    InProcess info = InProcess.run("info", drive + "?ns=2", "--namespace", "2");
    assertThat(info.expect(ExitStatus.OK).out())
        .contains("namespace 2")
        .doesNotContain("namespace 1");
    assertThat(Files.readAllBytes(image)).isEqualTo(before);
  }

  @Test
  void aDriveWithoutLayout() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(16 << 20);
    }
    byte[] before = Files.readAllBytes(image);
    String text = "no layout of a recorder";
    InProcess.run("recordings", drive).expectError(ExitStatus.FAILURE, text);
    InProcess.run("check", drive).expectError(ExitStatus.FAILURE, text);
    InProcess.run("play", drive, "a", "--to", "null:").expectError(ExitStatus.FAILURE, text);
    record("generator:size=1M").expectError(ExitStatus.FAILURE, text);
    assertThat(Files.readAllBytes(image)).isEqualTo(before);
  }

  @Test
  void aDriveThatHoldsSomething() throws IOException {
    init("16M");
    byte[] before = Files.readAllBytes(image);
    InProcess.run("init", drive).expectError(ExitStatus.FAILURE, "--force");
    record("generator:size=1M", "--raw", "--start", "0").expectError(ExitStatus.FAILURE, "--force");
    assertThat(Files.readAllBytes(image)).isEqualTo(before);
    InProcess.run("init", drive, "--force").expect(ExitStatus.OK);
  }

  @Test
  void aFullDriveKeepsWhatItHas() {
    init("16M");
    InProcess full = record("generator:size=64M,seed=3", "--name", "long");
    assertThat(full.err()).contains("data region is full");
    full.expect(ExitStatus.FAILURE);
    record("generator:size=1M").expectError(ExitStatus.FAILURE, "is full");
    InProcess.run("check", drive).expect(ExitStatus.OK);
    InProcess.run("play", drive, "long", "--to", "verify:seed=3", "--gaps", "skip")
        .expect(ExitStatus.GAPS);
  }

  @Test
  void aNameThatIsTaken() {
    init("16M");
    record("generator:size=1M", "--name", "a").expect(ExitStatus.OK);
    record("generator:size=1M", "--name", "a").expectError(ExitStatus.FAILURE, "already");
  }

  @Test
  void aRecordingThatIsNotThere() {
    init("16M");
    InProcess.run("play", drive, "a", "--to", "null:").expectError(ExitStatus.FAILURE, "'a'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "generator:rate=5000TB/s",
        "generator:rate=0",
        "generator:rate=fast",
        "generator:speed=1M",
        "file:/nowhere/at/all",
        "udp://127.0.0.1:99999",
        "tcp://",
        "carrier-pigeon:home",
        "nothing"
      })
  void anImpossibleSource(String source) throws IOException {
    init("16M");
    byte[] before = Files.readAllBytes(image);
    String scheme = source.substring(0, source.indexOf(':') + 1);
    record(source).expectError(ExitStatus.FAILURE, scheme);
    assertThat(Files.readAllBytes(image)).isEqualTo(before);
  }

  @Test
  void optionsThatMakeNoSense() throws IOException {
    init("16M");
    byte[] before = Files.readAllBytes(image);
    String source = "generator:size=1M";
    record(source, "--ring", "64K").expectError(ExitStatus.USAGE, "--ring");
    record(source, "--ring", "1000T").expectError(ExitStatus.FAILURE, "memory");
    record(source, "--slot", "5000").expectError(ExitStatus.USAGE, "--slot");
    record(source, "--depth", "0").expectError(ExitStatus.USAGE, "--depth");
    record(source, "--ring", "12Q").expectError(ExitStatus.USAGE, "bad size");
    record(source, "--durable", "64m").expectError(ExitStatus.USAGE, "minutes or MiB");
    record(source, "--durable", "soon").expectError(ExitStatus.USAGE, "every=1s");
    record(source, "--name", "x".repeat(256)).expectError(ExitStatus.FAILURE, "255");
    record(source, "--name", "a\nb\u001b[2J")
        .expectError(ExitStatus.FAILURE, "no control characters: \"a\\x0ab\\x1b[2J\"");
    record(source, "--raw").expectError(ExitStatus.USAGE, "--start");
    record(source, "--start", "1M").expectError(ExitStatus.USAGE, "--raw");
    record(source, "--header", "novalue").expectError(ExitStatus.USAGE, "--header");
    InProcess.run("record", drive).expectError(ExitStatus.USAGE, "--from");
    assertThat(Files.readAllBytes(image)).isEqualTo(before);
  }

  @Test
  void aTruncatedImage() throws IOException {
    init("16M");
    record("generator:size=1M", "--name", "a").expect(ExitStatus.OK);
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(8 << 20);
    }
    byte[] before = Files.readAllBytes(image);
    InProcess.run("check", drive).expectError(ExitStatus.FAILURE, "truncated");
    record("generator:size=1M").expectError(ExitStatus.FAILURE, "truncated");
    assertThat(Files.readAllBytes(image)).isEqualTo(before);
  }
}
