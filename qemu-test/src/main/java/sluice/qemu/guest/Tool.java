package sluice.qemu.guest;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import sluice.qemu.QemuException;

/** Runs a command of the system on which the tests run, and takes what it says. */
final class Tool {
  private static final int LINES_SHOWN = 15;
  private static final int LETTERS_SHOWN = 200;

  private Tool() {}

  /**
   * Runs a command.
   *
   * @param directory to run in
   * @return the lines that it wrote, to standard output and error
   * @throws QemuException if it is not there, fails, or does not end in time; with its last words
   */
  static List<String> run(Path directory, Duration deadline, List<String> command) {
    return run(directory, deadline, command, _ -> {});
  }

  /**
   * The same, telling each line as it comes.
   *
   * @param listener is called by another thread
   */
  static List<String> run(
      Path directory, Duration deadline, List<String> command, Consumer<String> listener) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new QemuException("cannot run " + command.getFirst() + ": " + e.getMessage(), e);
    }
    try {
      CompletableFuture<List<String>> reader =
          CompletableFuture.supplyAsync(() -> read(process, listener), Tool::inThread);
      if (!process.waitFor(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new QemuException(
            shown(command) + " did not end within " + deadline.toSeconds() + " s");
      }
      List<String> lines = reader.join();
      if (process.exitValue() != 0) {
        throw new QemuException(
            shown(command) + " ended with " + process.exitValue() + ":\n" + lastOf(lines));
      }
      return lines;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QemuException(shown(command) + " was interrupted", e);
    } catch (CompletionException e) {
      throw new QemuException(shown(command) + " cannot be read", e.getCause());
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      var _ = process.destroyForcibly();
    }
  }

  private static void inThread(Runnable task) {
    Thread.ofPlatform().daemon().name("tool-reader").start(task);
  }

  private static List<String> read(Process process, Consumer<String> listener) {
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader = process.inputReader()) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
        listener.accept(line);
      }
    } catch (IOException e) {
      // Its end closed the pipe under the reader: what came until then is what there is.
    }
    return lines;
  }

  private static String shown(List<String> command) {
    String line = String.join(" ", command);
    return line.length() <= LETTERS_SHOWN ? line : line.substring(0, LETTERS_SHOWN) + "…";
  }

  private static String lastOf(List<String> lines) {
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size()));
  }
}
