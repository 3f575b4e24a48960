package sluice.qemu.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The cache as processes share it that may be killed at any time. */
@Timeout(300)
class CacheTest {
  private static final String NAME = "kernel-small-0123456789ab";

  @TempDir private Path cache;

  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endAll() {
    for (Process each : started) {
      each.destroyForcibly();
      each.onExit().join();
    }
  }

  /** What another process does with the cache: an argument each. */
  static final class Other {
    private Other() {}

    public static void main(String[] arguments) throws IOException {
      for (String each : arguments) {
        switch (each) {
          case "make" -> System.out.println(Files.readString(Cache.entry(NAME, Other::make)));
          case "resume" ->
              System.out.println(Files.readString(Cache.resumedEntry(NAME, Other::make)));
          case "hang" -> Cache.resumedEntry(NAME, Other::hang);
          case "sweep" -> Cache.sweep(Set.of("kernel-stock"), Duration.ofDays(7));
          case "sweep-but-this" -> Cache.sweep(Set.of(NAME), Duration.ofDays(7));
          default -> throw new IllegalArgumentException(each);
        }
      }
    }

    /** Tells what it found in its work directory. */
    private static void make(Path path, Path work) throws IOException {
      Path half = work.resolve("half");
      Files.writeString(path, "made from " + (Files.exists(half) ? "half" : "nothing"));
    }

    private static void hang(Path path, Path work) throws IOException {
      Files.createFile(work.resolve("half"));
      Files.createFile(path);
      System.out.println("half is done");
      int _ = System.in.read();
    }
  }

  private Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", Other.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().put("SLUICE_CACHE", cache.toString());
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private String run(String... arguments) throws Exception {
    return end(start(arguments));
  }

  private static String end(Process process) throws Exception {
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.strip();
  }

  private void killHalfWay() throws Exception {
    Process process = start("hang");
    assertThat(process.inputReader().readLine()).isEqualTo("half is done");
    process.destroyForcibly().onExit().join();
    assertThat(cache.resolve(NAME)).doesNotExist();
    assertThat(cache.resolve("work").resolve(NAME)).isNotEmptyDirectory();
  }

  @Test
  void aMakingThatWasKilledIsResumed() throws Exception {
    killHalfWay();
    assertThat(run("resume")).isEqualTo("made from half");
    assertThat(cache.resolve("work")).isEmptyDirectory();
    assertThat(run("resume")).isEqualTo("made from half");
  }

  @Test
  void aMakingThatWasKilledIsBegunAnewWhereItCannotBeResumed() throws Exception {
    killHalfWay();
    assertThat(run("make")).isEqualTo("made from nothing");
    assertThat(cache.resolve("work")).isEmptyDirectory();
  }

  @Test
  void whatAKilledMakerLeftIsDeletedWhenNobodyWillResumeIt() throws Exception {
    killHalfWay();
    assertThat(run("sweep-but-this")).isEmpty();
    assertThat(cache.resolve("work").resolve(NAME)).isNotEmptyDirectory();
    assertThat(run("sweep")).contains("deleting ", NAME, "interrupted");
    assertThat(cache.resolve("work")).isEmptyDirectory();
  }

  @Test
  void oneIsMadeByOneProcessAndTheOtherWaits() throws Exception {
    Process first = start("hang");
    assertThat(first.inputReader().readLine()).isEqualTo("half is done");
    Process second = start("sweep", "resume");
    assertThat(second.inputReader().readLine())
        .isEqualTo("guest: waiting for another process that makes " + NAME);
    first.getOutputStream().close();
    assertThat(first.waitFor()).isZero();
    assertThat(second.inputReader().readLine()).as("what the first one made").isEmpty();
    assertThat(second.waitFor()).isZero();
  }

  @Test
  void entriesThatNobodyUsesAnyMoreGo() throws Exception {
    for (String name :
        List.of("kernel-stock", "kernel-small-ba9876543210", "qemu-sid", "java-1.cpio", "apt-12")) {
      FileTime old = FileTime.from(Instant.now().minus(Duration.ofDays(8)));
      Path file =
          Files.writeString(Files.createDirectories(cache.resolve(name)).resolve("file"), "");
      Files.setLastModifiedTime(file.getParent(), old);
      Path foreign = Files.writeString(cache.resolve("notes about " + name), "");
      Files.setLastModifiedTime(foreign, old);
    }
    Files.createDirectories(cache.resolve("qemu-bookworm"));
    assertThat(run("sweep")).contains("qemu-sid, which was not used for 7 days");
    try (var left = Files.list(cache)) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .filteredOn(name -> !name.startsWith("notes"))
          .containsExactlyInAnyOrder("kernel-stock", "qemu-bookworm");
    }
    try (var left = Files.list(cache)) {
      assertThat(left).as("what is not the cache's").hasSize(7);
    }
  }
}
