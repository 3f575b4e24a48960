package sluice.qemu.served;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A Java program in a process of its own, with this JVM's class path. It is not to outlive this
 * JVM: its standard input is a pipe that nobody writes to, and that ends with this JVM.
 */
final class ChildJvm implements AutoCloseable {
  private static final long POLL_MILLIS = 5;

  private final List<String> command = new ArrayList<>();
  private final Path log;
  private final Process process;

  /**
   * @param main the class to run
   * @param log gets what it writes to standard output and error
   */
  ChildJvm(Class<?> main, Path log, List<String> arguments) throws IOException {
    this.log = log;
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-ea"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", main.getName()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    process = builder.start();
  }

  /**
   * Waits until it has written a line that contains a text.
   *
   * @throws IllegalStateException if it ends, or does not in time; with all that it wrote
   */
  String awaitLine(String text, Duration deadline) {
    long end = System.nanoTime() + deadline.toNanos();
    try {
      while (true) {
        boolean alive = process.isAlive();
        Optional<String> line = output().lines().filter(each -> each.contains(text)).findFirst();
        if (line.isPresent()) {
          return line.get();
        }
        if (!alive || System.nanoTime() - end > 0) {
          throw new IllegalStateException(
              "%s did not say \"%s\":%n%s".formatted(command, text, output()));
        }
        boolean _ = process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + command, e);
    }
  }

  /** The whole lines that it has written. */
  String output() {
    try {
      String text = Files.readString(log);
      return text.substring(0, text.lastIndexOf('\n') + 1);
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + log, e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Kills it, and waits until it is gone. */
  @Override
  public void close() {
    process.destroyForcibly();
    boolean _ = process.onExit().join().isAlive();
  }

  /** For the program: returns when its parent has ended. */
  static void awaitParentsEnd() {
    try {
      while (System.in.read() >= 0) {
        // Nobody writes to it.
      }
    } catch (IOException e) {
      // As good as its end.
    }
  }
}
