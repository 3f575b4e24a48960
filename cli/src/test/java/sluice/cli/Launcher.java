package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Runs {@code ./sluice} as a process in a directory, as a person would. */
final class Launcher {
  /** The top of the source tree; Maven runs tests in the module's directory. */
  static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  private static final Pattern ADDRESS = Pattern.compile("^(virtual:|vfio-user:)([^/]+)$");
  private static final long DEADLINE_SECONDS = 120;
  private static final long POLL_MILLIS = 5;

  private final Path directory;
  private int runs;

  /**
   * @param directory where it runs, and where its outputs are kept
   */
  Launcher(Path directory) {
    this.directory = directory;
  }

  /** What a process left behind. */
  record Result(List<String> command, int status, Path outFile, String err) {
    String out() {
      try {
        return Files.readString(outFile);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    Map<String, Object> json() {
      try {
        return JSON.std.mapFrom(out());
      } catch (IOException e) {
        throw new AssertionError(this + " printed what is no JSON object: " + out(), e);
      }
    }

    /** What {@code recordings -o json} lists. */
    @SuppressWarnings("unchecked")
    List<Map<String, Object>> recordings() {
      return (List<Map<String, Object>>) json().get("recordings");
    }

    Result expect(int expected) {
      assertThat(status).as("status of %s", this).isEqualTo(expected);
      return this;
    }

    /** Expects a failure of the one clear line that contains a text. */
    Result expectError(int expected, String text) {
      expect(expected);
      assertThat(err.strip().lines()).as("standard error of %s", this).hasSize(1);
      assertThat(err).as("standard error of %s", this).contains(text);
      assertThat(out()).as("standard output of %s", this).isEmpty();
      return this;
    }

    @Override
    public String toString() {
      return String.join(" ", command) + "\n" + err;
    }
  }

  /** A process that runs. */
  static final class Running {
    final Process process;
    private final List<String> command;
    private final Path out;
    private final Path err;

    private Running(Process process, List<String> command, Path out, Path err) {
      this.process = process;
      this.command = command;
      this.out = out;
      this.err = err;
    }

    /** What it has said on standard error so far. */
    String err() throws IOException {
      return Files.readString(err);
    }

    /** Waits until it has said a line that starts so on standard error, and returns the line. */
    String awaitLine(String start) throws IOException, InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
      while (true) {
        boolean alive = process.isAlive();
        Optional<String> line = lines(start).findFirst();
        if (line.isPresent()) {
          return line.get();
        }
        if (!alive || System.nanoTime() - deadline > 0) {
          process.destroyForcibly().waitFor();
          fail("%s did not say \"%s\":%n%s", command, start, err());
        }
        boolean _ = process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
      }
    }

    /** The whole lines so far on standard error that start so. */
    Stream<String> lines(String start) throws IOException {
      String text = err();
      return text.substring(0, text.lastIndexOf('\n') + 1)
          .lines()
          .filter(line -> line.startsWith(start));
    }

    /** Sends it a signal by name, as INT. On return from a STOP none of its threads runs. */
    void signal(String name) throws IOException, InterruptedException {
      int status =
          new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
      assertThat(status).as("status of kill -%s", name).isZero();
      if (name.equals("STOP")) {
        long begin = System.nanoTime();
        while (!isStopped()) {
          assertThat(System.nanoTime() - begin)
              .as("nanoseconds until it has stopped")
              .isLessThan(TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS));
          Thread.sleep(1);
        }
      }
    }

    private boolean isStopped() {
      try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
        for (Path thread : threads.toList()) {
          if (!Files.readString(thread.resolve("status")).contains("\nState:\tT")) {
            return false;
          }
        }
      } catch (IOException e) {
        // A thread has ended meanwhile.
        return false;
      }
      return true;
    }

    /** Waits for its end; a process that does not end in time is killed, and the test fails. */
    Result await() throws IOException, InterruptedException {
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
        fail("%s did not end within %d s:%n%s", command, DEADLINE_SECONDS, err());
      }
      return new Result(command, process.exitValue(), out, err());
    }
  }

  /** Runs it to its end with nothing on standard input. */
  Result run(String... arguments) throws IOException, InterruptedException {
    return start(new File("/dev/null"), arguments).await();
  }

  /**
   * Runs a command in this process, where what is tested is not how it starts: a tenth of the time.
   * Drives are those of the directory; what it writes goes through {@code System.out}.
   */
  Result here(String... arguments) throws IOException {
    String[] resolved =
        Arrays.stream(arguments)
            .map(argument -> ADDRESS.matcher(argument).replaceFirst("$1" + directory + "/$2"))
            .toArray(String[]::new);
    InProcess run = InProcess.run(resolved);
    runs++;
    Path out = Files.writeString(directory.resolve("run" + runs + ".out"), run.out());
    return new Result(List.of(resolved), run.status(), out, run.err());
  }

  /** Runs it to its end with a file on standard input. */
  Result runWithInput(Path input, String... arguments) throws IOException, InterruptedException {
    return start(input.toFile(), arguments).await();
  }

  Running start(File input, String... arguments) throws IOException {
    return start(ROOT.resolve("sluice").toString(), input, arguments);
  }

  Running start(String executable, File input, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(executable));
    command.addAll(List.of(arguments));
    runs++;
    Path out = directory.resolve("run" + runs + ".out");
    Path err = directory.resolve("run" + runs + ".err");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectInput(input)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    return new Running(process, command, out, err);
  }
}
