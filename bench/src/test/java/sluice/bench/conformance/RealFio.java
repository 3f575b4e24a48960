package sluice.bench.conformance;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the fio that is installed. */
final class RealFio {
  private static final long MOST_SECONDS = 60;

  private RealFio() {}

  /**
   * Runs fio in a folder, where its logs go too.
   *
   * @return the JSON that it wrote
   */
  static String json(Path folder, Path jobs, String... options) {
    try {
      return run(folder, jobs, options);
    } catch (IOException e) {
      return fail("fio's output cannot be read", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return fail("interrupted", e);
    }
  }

  private static String run(Path folder, Path jobs, String... options)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "fio", ".out");
    Path report = Files.createTempFile(folder, "fio", ".json");
    List<String> command = new ArrayList<>();
    command.add("fio");
    command.addAll(List.of(options));
    command.add("--output-format=json+");
    command.add("--output=" + report);
    command.add(jobs.toString());
    Process fio;
    try {
      fio =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
    } catch (IOException e) {
      return fail("fio is not installed: ./verify installs it, or: apt-get install fio", e);
    }
    if (!fio.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
      fio.destroyForcibly();
      return fail("fio did not end within " + MOST_SECONDS + " s: " + command);
    }
    if (fio.exitValue() != 0) {
      return fail(command + " failed: " + Files.readString(output));
    }
    String text = Files.readString(report);
    return text.substring(text.indexOf('{'));
  }
}
