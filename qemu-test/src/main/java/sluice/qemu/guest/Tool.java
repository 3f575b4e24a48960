package sluice.qemu.guest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import sluice.qemu.QemuException;

/** Runs a command of the system on which the tests run, and takes what it says. */
final class Tool {
  private static final int LINES_SHOWN = 15;

  private Tool() {}

  /**
   * @param directory to run in
   * @return what the command wrote to its standard output
   * @throws QemuException if it is not there, fails, or does not end in time; with its last words
   */
  static String run(Path directory, Duration deadline, List<String> command) {
    return run(directory, deadline, command, List.of());
  }

  /**
   * @param environment pairs {@code NAME=value} that are added
   */
  static String run(
      Path directory, Duration deadline, List<String> command, List<String> environment) {
    try {
      Path out = Files.createTempFile("sluice-tool-", ".out");
      Path err = Files.createTempFile("sluice-tool-", ".err");
      try {
        ProcessBuilder builder =
            new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(new java.io.File("/dev/null"))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        for (String pair : environment) {
          String[] parts = pair.split("=", 2);
          builder.environment().put(parts[0], parts[1]);
        }
        await(builder.start(), deadline, command, out, err);
        return Files.readString(out);
      } finally {
        Files.delete(out);
        Files.delete(err);
      }
    } catch (IOException e) {
      throw new QemuException("cannot run " + command.getFirst() + ": " + e.getMessage(), e);
    }
  }

  private static void await(
      Process process, Duration deadline, List<String> command, Path out, Path err)
      throws IOException {
    try {
      if (!process.waitFor(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new QemuException(
            shown(command) + " did not end within " + deadline.toSeconds() + " s");
      }
      if (process.exitValue() != 0) {
        throw new QemuException(
            shown(command) + " ended with " + process.exitValue() + ": " + lastLines(out, err));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QemuException(shown(command) + " was interrupted", e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      var _ = process.destroyForcibly();
    }
  }

  private static String shown(List<String> command) {
    String line = String.join(" ", command);
    return line.length() <= 200 ? line : line.substring(0, 200) + "…";
  }

  private static String lastLines(Path... files) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Path file : files) {
      text.append(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    }
    List<String> lines = text.toString().strip().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size()));
  }
}
