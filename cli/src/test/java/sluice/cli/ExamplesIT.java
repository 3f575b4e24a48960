package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The project in {@code examples/}, which uses sluice as a library, does what it says. */
class ExamplesIT {
  private static final Path EXAMPLES = Launcher.ROOT.resolve("examples");
  private static final Path SOURCE = EXAMPLES.resolve("src/main/java/example/RecordAndPlay.java");
  private static final Path JAR = Launcher.ROOT.resolve("cli/target/sluice.jar");
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
  private static final List<String> SAID =
      List.of(
          "recorded 8000000 bytes: the stream ended",
          "played 1000000 samples of 1000000, all right");

  @TempDir Path folder;

  private static String read(Path file) throws IOException {
    return Files.readString(file);
  }

  private List<String> run(Path directory, List<String> command)
      throws IOException, InterruptedException {
    File out = folder.resolve("out").toFile();
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out)
            .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("%s has ended", command).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readAllLines(out.toPath());
  }

  @Test
  void runsByTheCommandOfItsReadme() throws Exception {
    String line =
        Files.readAllLines(EXAMPLES.resolve("README.md")).stream()
            .filter(each -> each.startsWith("    java "))
            .findFirst()
            .orElseThrow();
    List<String> command = new ArrayList<>(List.of(line.strip().split(" ")));
    command.set(0, JAVA.toString());
    assertThat(run(EXAMPLES, command)).isEqualTo(SAID);
  }

  @Test
  void compilesWithoutAWarningAndRecordsToAFile() throws Exception {
    assertThat(
            ToolProvider.getSystemJavaCompiler()
                .run(
                    null,
                    null,
                    null,
                    "-Xlint:all",
                    "-Werror",
                    "-proc:none",
                    "-cp",
                    JAR.toString(),
                    "-d",
                    folder.toString(),
                    SOURCE.toString()))
        .isZero();
    List<String> command =
        List.of(
            JAVA.toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            JAR + File.pathSeparator + folder,
            "example.RecordAndPlay",
            "virtual:disk.img?size=64M");
    assertThat(run(folder, command)).isEqualTo(SAID);
    assertThat(run(folder, command))
        .as("a second time")
        .anyMatch(line -> line.contains("holds a layout of this recorder"));
  }

  @Test
  void isAShortOne() throws IOException {
    assertThat(Files.readAllLines(SOURCE)).hasSizeLessThan(60);
  }

  @Test
  void dependsOnModulesOfThisVersion() throws IOException {
    String version = first("<version>([^<]+)</version>", read(Launcher.ROOT.resolve("pom.xml")));
    String examples = read(EXAMPLES.resolve("pom.xml"));
    List<MatchResult> dependencies =
        Pattern.compile(
                "<dependency>\\s*<groupId>sluice</groupId>\\s*<artifactId>([^<]+)</artifactId>"
                    + "\\s*<version>([^<]+)</version>")
            .matcher(examples)
            .results()
            .toList();
    assertThat(dependencies).hasSize(2);
    for (MatchResult dependency : dependencies) {
      assertThat(Launcher.ROOT.resolve(dependency.group(1)).resolve("pom.xml")).exists();
      assertThat(dependency.group(2)).isEqualTo(version);
    }
  }

  private static String first(String regex, String text) {
    return Pattern.compile(regex).matcher(text).results().findFirst().orElseThrow().group(1);
  }

  /** What the launcher gives Java is what a program of one's own is advised to. */
  @Test
  void namesTheOptionsThatTheLauncherHas() throws IOException {
    String readme = read(EXAMPLES.resolve("README.md"));
    List<String> options =
        Pattern.compile("^  (-X.*)$", Pattern.MULTILINE)
            .matcher(read(Launcher.ROOT.resolve("sluice")))
            .results()
            .flatMap(line -> List.of(line.group(1).split(" ")).stream())
            .filter(option -> !option.toLowerCase(Locale.ROOT).contains("perfdata"))
            .toList();
    assertThat(options)
        .hasSizeGreaterThan(3)
        .allSatisfy(option -> assertThat(readme).contains(option));
  }
}
