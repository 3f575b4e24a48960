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
    String text = report(folder, jobs, "json+", options);
    return text.substring(text.indexOf('{'));
  }

  /**
   * Runs fio in a folder, where its logs go too.
   *
   * @param formats with commas between them
   * @return the report that it wrote
   */
  static String report(Path folder, Path jobs, String formats, String... options) {
    try {
      return run(folder, jobs, formats, options);
    } catch (IOException e) {
      return fail("fio's output cannot be read", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return fail("interrupted", e);
    }
  }

  private static String run(Path folder, Path jobs, String formats, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(options));
    command.add("--output-format=" + formats);
    command.add(jobs.toString());
    Answer answer = answer(folder, command);
    if (answer.status() != 0) {
      return fail(command + " failed: " + answer.messages());
    }
    return answer.report();
  }

  /**
   * What came of a run.
   *
   * @param report empty if there is none
   * @param messages beside the report
   */
  record Answer(int status, String report, String messages) {}

  /** Runs fio with these options, whatever comes of it; its report is JSON. */
  static Answer run(Path folder, List<String> options) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(options);
    all.add("--output-format=json");
    return answer(folder, all);
  }

  private static Answer answer(Path folder, List<String> options)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "fio", ".out");
    Path report = Files.createTempFile(folder, "fio", ".json");
    List<String> command = new ArrayList<>(List.of("fio", "--output=" + report));
    command.addAll(options);
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
    return new Answer(fio.exitValue(), Files.readString(report), Files.readString(output));
  }
}
