package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
      String text = launcher.run(command, "--help").expect(ExitStatus.OK).out();
      assertThat(text).startsWith("Usage: sluice " + command).contains("  sluice ");
      assertThat(text).as("colours belong on terminals only").doesNotContain("\u001b");
    }
  }

  @Test
  void whatMakesNoSenseIsToldInALine() throws Exception {
    Launcher launcher = new Launcher(directory);
    launcher.run().expectError(ExitStatus.USAGE, "a command is missing");
    launcher.run("nonsense").expectError(ExitStatus.USAGE, "nonsense");
    launcher.run("list", "-o", "xml").expectError(ExitStatus.USAGE, "xml");
  }
}
