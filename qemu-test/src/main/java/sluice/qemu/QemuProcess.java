package sluice.qemu;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * QEMU as a child of this process. It never outlives its parent: besides the orderly ways, the
 * kernel is asked to kill it when the thread that started it ends (prctl, PR_SET_PDEATHSIG), which
 * also covers a JVM that is killed. So that thread does nothing but wait for QEMU's end.
 */
public final class QemuProcess implements AutoCloseable {
  private static final int TAIL = 2000;
  private static final Duration END_DEADLINE = Duration.ofSeconds(5);

  /** Statuses of processes that were ended by SIGABRT and SIGSEGV. */
  private static final Set<Integer> CRASHES = Set.of(128 + 6, 128 + 11);

  private final Process process;
  private final Path log;

  private QemuProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * @param binary a name on the PATH, or a path
   * @param log gets what QEMU writes to its standard output and error
   * @throws QemuException if there is no such binary, or it cannot be started
   */
  public static QemuProcess start(String binary, List<String> arguments, Path log) {
    List<String> command = new ArrayList<>();
    find("setpriv")
        .ifPresent(setpriv -> command.addAll(List.of(setpriv.toString(), "--pdeathsig", "KILL")));
    command.add(
        find(binary)
            .orElseThrow(() ->
                new QemuException("there is no " + binary + ": install Debian's qemu-system-x86"))
            .toString());
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    CompletableFuture<Process> started = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("qemu-keeper")
        .start(() -> {
          try {
            Process process = builder.start();
            started.complete(process);
            int _ = process.waitFor();
          } catch (IOException | InterruptedException e) {
            started.completeExceptionally(e);
          }
        });
    try {
      return new QemuProcess(started.join(), log);
    } catch (CompletionException e) {
      throw new QemuException("cannot start " + binary + ": " + e.getCause().getMessage(), e);
    }
  }

  /** A command on the PATH, or a path to an executable file. */
  public static Optional<Path> find(String binary) {
    if (binary.indexOf('/') >= 0) {
      return Optional.of(Path.of(binary)).filter(Files::isExecutable);
    }
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin:/bin");
    for (String directory : path.split(":")) {
      Path candidate = Path.of(directory, binary);
      if (Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public long pid() {
    return process.pid();
  }

  /** Runs something once QEMU has ended, at once if it has already. */
  public void onEnd(Runnable action) {
    var _ = process.onExit().thenRun(action);
  }

  /** Waits for the end that was asked for elsewhere; false at the deadline. */
  public boolean awaitEnd(Duration deadline) {
    try {
      return process.waitFor(deadline.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Kills QEMU if it still runs, and waits until it is gone. */
  @Override
  public void close() {
    process.destroyForcibly();
    boolean _ = awaitEnd(END_DEADLINE);
  }

  /** How QEMU ended, with the last of what it said; to be asked when its sockets have closed. */
  public String describeEnd() {
    String end = "QEMU has closed its sockets";
    if (awaitEnd(END_DEADLINE)) {
      int status = process.exitValue();
      end =
          status > 128 ? "QEMU was ended by signal " + (status - 128) : "QEMU ended with " + status;
    }
    String said = lastWords();
    return said.isEmpty() ? end : end + ": " + said;
  }

  /** Whether QEMU has ended by a fault of its own: a segmentation fault, or a failed assertion. */
  public boolean hasCrashed() {
    return !process.isAlive() && CRASHES.contains(process.exitValue());
  }

  private String lastWords() {
    try {
      byte[] bytes = Files.readAllBytes(log);
      int from = Math.max(0, bytes.length - TAIL);
      String text = new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
      return String.join("; ", text.strip().lines().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
