package sluice.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What standard error is connected to, and colours for it. */
final class Terminal {
  private static final boolean STDERR = isTerminal(2);
  private static final boolean COLOURS = STDERR && System.getenv("NO_COLOR") == null;

  private Terminal() {}

  /** Whether a person looks at standard error. */
  static boolean stderrIsTerminal() {
    return STDERR;
  }

  /** Whether a person looks at standard output. */
  static boolean stdoutIsTerminal() {
    return isTerminal(1);
  }

  static String red(String text) {
    return coloured("31", text);
  }

  static String green(String text) {
    return coloured("32", text);
  }

  static String yellow(String text) {
    return coloured("33", text);
  }

  private static String coloured(String code, String text) {
    return COLOURS ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }

  private static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException e) {
      return false;
    }
  }
}
