package sluice.vfio.takeover;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One word written to one file of sysfs.
 *
 * @param file where
 * @param text what
 */
public record Step(Path file, String text) {
  /** A driver that is told to let go may first have to wait for its drive. */
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  /**
   * Writes it.
   *
   * @throws BindingException if that fails, or the kernel does not come back from it in time
   */
  void run() {
    CompletableFuture<Void> written = new CompletableFuture<>();
    // On a thread of its own, because nothing can end a write that the kernel does not finish.
    Thread thread = new Thread(() -> write(written), "sysfs");
    thread.setDaemon(true);
    thread.start();
    try {
      await(written);
    } catch (ExecutionException e) {
      throw new BindingException(
          "cannot write '" + text + "' to " + file + ": " + reason(e.getCause()), e.getCause());
    } catch (TimeoutException e) {
      throw new BindingException(
          "the kernel has not finished '"
              + this
              + "' for "
              + DEADLINE.toSeconds()
              + " s: "
              + "something still holds the device",
          e);
    }
  }

  /** Also for a thread that is interrupted: whether it is written has to be known. */
  private static void await(CompletableFuture<Void> written)
      throws ExecutionException, TimeoutException {
    boolean interrupted = false;
    long start = System.nanoTime();
    try {
      while (true) {
        try {
          written.get(DEADLINE.toNanos() - (System.nanoTime() - start), TimeUnit.NANOSECONDS);
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void write(CompletableFuture<Void> written) {
    try {
      byte[] line = (text + "\n").getBytes(StandardCharsets.UTF_8);
      Files.write(file, line, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
      written.complete(null);
    } catch (IOException | RuntimeException | Error e) {
      written.completeExceptionally(e);
    }
  }

  /** Why something could not be written. */
  static String reason(Throwable e) {
    return switch (e) {
      case AccessDeniedException _ -> "permission denied, run as root";
      case NoSuchFileException _ -> "there is no such file";
      default -> e.getMessage();
    };
  }

  /** As one would do it in a shell. */
  @Override
  public String toString() {
    return (text.isEmpty() ? "echo" : "echo " + text) + " > " + file;
  }
}
