package sluice.qemu.guest;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import sluice.qemu.Patience;
import sluice.qemu.QemuException;
import sluice.qemu.QemuProcess;

/**
 * Runs a command of the system on which the tests run, and takes what it says. A command is told to
 * end when this process does, however that is.
 */
final class Tool {
  private static final int LINES_SHOWN = 15;
  private static final int LETTERS_SHOWN = 200;
  private static final long POLL_NANOS = 1_000_000_000;

  private Tool() {}

  /**
   * Runs a command.
   *
   * @param directory to run in
   * @param silence how long it may be silent, on a quiet machine
   * @return the lines that it wrote, to standard output and error
   * @throws QemuException if it is not there, fails, or is silent for too long; with its last words
   */
  static List<String> run(Path directory, Duration silence, List<String> command) {
    return run(directory, silence, command, _ -> {});
  }

  /**
   * The same, telling each line as it comes.
   *
   * @param listener is called by another thread
   */
  static List<String> run(
      Path directory, Duration silence, List<String> command, Consumer<String> listener) {
    // The kernel sends it when the thread that started the command ends (prctl, PR_SET_PDEATHSIG),
    // which is this one, and waits. Make passes it on.
    List<String> words = new ArrayList<>();
    QemuProcess.find("setpriv")
        .ifPresent(setpriv -> words.addAll(List.of(setpriv.toString(), "--pdeathsig", "TERM")));
    words.addAll(command);
    if (QemuProcess.find(command.getFirst()).isEmpty()
        && Files.notExists(directory.resolve(command.getFirst()))) {
      throw new QemuException("cannot run " + command.getFirst() + ": there is no such command");
    }
    ProcessBuilder builder =
        new ProcessBuilder(words)
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
      AtomicInteger count = new AtomicInteger();
      Consumer<String> counting =
          line -> {
            count.incrementAndGet();
            listener.accept(line);
          };
      CompletableFuture<List<String>> reader =
          CompletableFuture.supplyAsync(() -> read(process, counting), Tool::inThread);
      await(process, silence, command, count);
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

  private static void await(
      Process process, Duration silence, List<String> command, AtomicInteger lines)
      throws InterruptedException {
    Patience patience = new Patience(silence);
    int told = 0;
    while (!process.waitFor(Math.min(POLL_NANOS, patience.nanosLeft()), TimeUnit.NANOSECONDS)) {
      if (lines.get() != told) {
        told = lines.get();
        patience = new Patience(silence);
      } else if (patience.isOver()) {
        throw new QemuException(
            shown(command)
                + " was silent for "
                + silence.toSeconds()
                + " s, or longer where this"
                + " machine is busy, and did not end");
      }
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
