package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * {@code doc/commands.md} says what {@code --help} says. {@code -Dsluice.write-documents=true}
 * writes it anew.
 */
class CommandsDocumentIT {
  private static final Path DOCUMENT = Launcher.ROOT.resolve("doc/commands.md");
  private static final String MARK = "<!-- What follows is what --help says. -->\n";

  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("demo"),
          List.of("init"),
          List.of("record"),
          List.of("recordings"),
          List.of("play"),
          List.of("check"),
          List.of("bench"),
          List.of("bench", "anatomy"),
          List.of("bench", "modes"),
          List.of("bench", "queues"),
          List.of("bench", "cliff"),
          List.of("bench", "chunks"),
          List.of("bench", "pts"),
          List.of("fio"),
          List.of("info"),
          List.of("list"),
          List.of("discover"),
          List.of("bind"),
          List.of("unbind"),
          List.of("doctor"),
          List.of("serve", "tcp"),
          List.of("serve", "vfio-user"));

  @Test
  void itHoldsEveryCommandsHelp() throws IOException {
    String document = Files.readString(DOCUMENT);
    int mark = document.indexOf(MARK);
    assertThat(mark).as("the mark in %s", DOCUMENT).isPositive();
    String expected = document.substring(0, mark) + MARK + helps();
    if (Boolean.getBoolean("sluice.write-documents")) {
      Files.writeString(DOCUMENT, expected);
    }
    assertThat(Files.readString(DOCUMENT)).isEqualTo(expected);
  }

  @Test
  void noCommandIsMissing() {
    assertThat(Sluice.commandNames())
        .allMatch(name -> COMMANDS.stream().anyMatch(command -> command.getFirst().equals(name)));
  }

  private static String helps() {
    StringBuilder text = new StringBuilder();
    for (List<String> command : COMMANDS) {
      String[] arguments = new String[command.size() + 1];
      command.toArray(arguments);
      arguments[command.size()] = "--help";
      String help = InProcess.run(arguments).expect(ExitStatus.OK).out().strip();
      text.append("\n## sluice ").append(String.join(" ", command)).append("\n\n");
      text.append(Pattern.compile("(?m)^(?=.)").matcher(help).replaceAll("    ")).append("\n");
    }
    return text.toString();
  }
}
