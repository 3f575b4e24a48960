package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README can be followed, and read. */
class ReadmeIT {
  private static final Path README = Launcher.ROOT.resolve("README.md");

  /** What cannot be run here, and the test that runs it: in a guest, or by itself. */
  private static final Map<String, String> ELSEWHERE =
      Map.of(
          "./sluice demo", "cli/src/test/java/sluice/cli/DemoIT.java",
          "./sluice list", "qemu-test/src/test/java/sluice/qemu/takeover/TakeoverTest.java",
          "./sluice doctor", "qemu-test/src/test/java/sluice/qemu/takeover/LackingTest.java",
          "./sluice bind", "qemu-test/src/test/java/sluice/qemu/takeover/TakeoverTest.java",
          "./sluice init pci:", "qemu-test/src/test/java/sluice/qemu/takeover/TakeoverTest.java",
          "./sluice record pci:", "qemu-test/src/test/java/sluice/qemu/takeover/TakeoverTest.java",
          "./sluice serve tcp", "cli/src/test/java/sluice/cli/ServeTcpIT.java",
          "./sluice record tcp:", "cli/src/test/java/sluice/cli/ServeTcpIT.java",
          "./sluice unbind", "qemu-test/src/test/java/sluice/qemu/takeover/TakeoverTest.java");

  private static final int PAGE_LINES = 60;
  private static final int MOST_WORDS = 30;

  @TempDir Path directory;

  @Test
  void everyCommandWorksAsWritten() throws IOException, InterruptedException {
    Path link =
        Files.createSymbolicLink(directory.resolve("sluice"), Launcher.ROOT.resolve("sluice"));
    List<String> commands = new ArrayList<>(List.of("set -e"));
    for (String line : commands()) {
      String test =
          ELSEWHERE.entrySet().stream()
              .filter(entry -> line.startsWith(entry.getKey()))
              .map(Map.Entry::getValue)
              .findFirst()
              .orElse(null);
      if (test == null) {
        commands.add(line);
      } else {
        assertThat(Launcher.ROOT.resolve(test)).as("what runs %s", line).exists();
      }
    }
    assertThat(commands).hasSizeGreaterThan(9);

    new Launcher(directory)
        .start("bash", new File("/dev/null"), "-xc", String.join("\n", commands))
        .await()
        .expect(ExitStatus.OK);
    Files.delete(link);
  }

  @Test
  void theFirstTwoPagesHaveNoLongSentence() throws IOException {
    List<String> prose =
        Files.readAllLines(README).stream()
            .limit(2 * PAGE_LINES)
            .filter(line -> !line.startsWith("    "))
            .toList();
    for (String part : String.join("\n", prose).split("\n\n|\n(?=[|#-])|\\|")) {
      for (String sentence : part.replace('\n', ' ').split("(?<=[.:;?!])\\s")) {
        long words = Arrays.stream(sentence.strip().split("\\s+")).count();
        assertThat(words).as(sentence).isLessThanOrEqualTo(MOST_WORDS);
      }
    }
  }

  @Test
  void whatItLinksToIsThere() throws IOException {
    try (Stream<Path> documents = Files.list(Launcher.ROOT.resolve("doc"))) {
      List<Path> all =
          Stream.concat(
                  Stream.of(README, Launcher.ROOT.resolve("CONTRIBUTING.md")),
                  documents.filter(file -> file.toString().endsWith(".md")))
              .toList();
      for (Path document : all) {
        Files.readString(document)
            .transform(Pattern.compile("\\]\\(([^)#:]+)\\)")::matcher)
            .results()
            .forEach(link ->
                assertThat(document.resolveSibling(link.group(1))).as(link.group()).exists());
      }
    }
  }

  /** The lines of code that a person would type. */
  private static List<String> commands() throws IOException {
    return Files.readAllLines(README).stream()
        .filter(line -> line.matches(" {4}(\\./|head |cmp ).*"))
        .map(String::strip)
        .toList();
  }
}
