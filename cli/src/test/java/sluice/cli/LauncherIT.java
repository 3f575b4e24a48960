package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher itself, and how the command line answers to what it cannot understand. */
class LauncherIT {
  @TempDir Path directory;

  @Test
  void saysItsVersion() throws Exception {
    Launcher.Result result = new Launcher(directory).run("--version").expect(ExitStatus.OK);
    assertThat(result.out()).startsWith("sluice 0.").contains("Java ");
    assertThat(result.err()).isEmpty();
  }

  @Test
  void runsThroughASymbolicLink() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("s"), Launcher.ROOT.resolve("sluice"));
    new Launcher(directory)
        .start(link.toString(), new File("/dev/null"), "--version")
        .await()
        .expect(ExitStatus.OK);
    Files.delete(link);
  }

  @Test
  void everyCommandHasHelpWithExamples() throws Exception {
    Launcher launcher = new Launcher(directory);
    String help = launcher.run("--help").expect(ExitStatus.OK).out();
    for (String command : Sluice.commandNames()) {
      assertThat(help).contains(command);
      String text = launcher.here(command, "--help").expect(ExitStatus.OK).out();
      assertThat(text).startsWith("Usage: sluice " + command).contains("  sluice ");
      assertThat(text).as("colours belong on terminals only").doesNotContain("\u001b");
    }
  }

  @Test
  void whatMakesNoSenseIsToldInALine() throws Exception {
    Launcher launcher = new Launcher(directory);
    launcher.here().expectError(ExitStatus.USAGE, "a command is missing");
    launcher.run("nonsense").expectError(ExitStatus.USAGE, "nonsense");
    launcher.here("list", "-o", "xml").expectError(ExitStatus.USAGE, "xml");
  }

  /** Through a shell, which closes descriptors and sets the environment. */
  private Launcher.Running shell(String script, String... arguments) throws Exception {
    String[] all = new String[arguments.length + 3];
    all[0] = "-c";
    all[1] = script;
    all[2] = Launcher.ROOT.resolve("sluice").toString();
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    return new Launcher(directory).start("/bin/sh", new File("/dev/null"), all);
  }

  @Test
  void whoLeavesAPipeEarlyIsToldNothing() throws Exception {
    Launcher.Result result = shell("{ \"$0\" \"$@\"; echo $? >&2; } | :", "list", "--help").await();
    assertThat(result.err().strip()).isEqualTo(String.valueOf(ExitStatus.NO_READER));
  }

  @Test
  void aClosedStandardInputIsRefusedAsASource() throws Exception {
    new Launcher(directory).here("init", "virtual:d.img", "--size", "64M").expect(ExitStatus.OK);
    shell("exec \"$0\" \"$@\" <&-", "record", "virtual:d.img", "--from", "-")
        .await()
        .expectError(ExitStatus.FAILURE, "standard input is closed");
    assertThat(new Launcher(directory).run("recordings", "virtual:d.img", "-o", "json").out())
        .as("no recording is left")
        .doesNotContain("recording-");
  }

  @Test
  void closedDescriptorsAreNeverAFileOfOurs() throws Exception {
    shell("exec \"$0\" \"$@\" <&- >&- 2>&-", "init", "virtual:d.img", "--size", "64M")
        .await()
        .expect(ExitStatus.OK);
    new Launcher(directory).here("check", "virtual:d.img").expect(ExitStatus.OK);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"LC_ALL=C", "LC_ALL=POSIX", "LC_ALL= LC_CTYPE= LANG=", "LC_ALL=xx_YY.UTF-8"})
  void namesOfAllLanguagesAreTakenInEveryLocale(String locale) throws Exception {
    // The test's own locale may be such a one too: so the shell makes the names of bytes.
    String name = "$(printf 'Gr\\303\\266\\303\\237e')";
    shell(
            "export "
                + locale
                + " && \"$0\" init virtual:"
                + name
                + ".img --size 64M"
                + " && exec \"$0\" record virtual:"
                + name
                + ".img --from generator:size=1M --name "
                + name
                + " -o json")
        .await()
        .expect(ExitStatus.OK);
    try (var files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toUri().getRawPath()))
          .anySatisfy(file -> assertThat(file).endsWith("/Gr%C3%B6%C3%9Fe.img"));
    }
  }
}
