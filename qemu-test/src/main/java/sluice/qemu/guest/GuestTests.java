package sluice.qemu.guest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sluice.qemu.QemuException;

/**
 * Runs JUnit tests inside a guest, whose class path has to have them and JUnit's launcher. What
 * comes out is a report in the XML of JUnit, which Maven and others count, and the output.
 */
public final class GuestTests {
  private static final String REPORTS = "/out/reports";
  private static final Pattern SUITE = Pattern.compile("<testsuite name=\"[^\"]*\"([^>]*)>");

  private final String name;
  private final List<String> selectors = new ArrayList<>();
  private final Map<String, String> properties = new LinkedHashMap<>();
  private Duration silence = Duration.ofMinutes(5);

  /**
   * @param name of the report, for example {@code guest-type1}
   */
  public GuestTests(String name) {
    this.name = name;
  }

  /** Adds all tests of a package. */
  public GuestTests selectPackage(String name) {
    selectors.add(name + ".");
    return this;
  }

  /** Adds all tests of a class. */
  public GuestTests selectClass(String name) {
    selectors.add(name);
    return this;
  }

  /** Leaves out the tests that have a tag. */
  public GuestTests excludeTag(String tag) {
    selectors.add(TestRunner.EXCLUDED + tag);
    return this;
  }

  /** Sets a system property of Java in the guest. */
  public GuestTests property(String key, String value) {
    properties.put(key, value);
    return this;
  }

  /**
   * How long a test may take on a quiet machine, and all else that is done without a word; 5
   * minutes if not said.
   */
  public GuestTests silence(Duration silence) {
    this.silence = silence;
    return this;
  }

  /**
   * How the tests went.
   *
   * @param tests all of them
   * @param failed those that failed, or could not be run
   * @param skipped those that were not run
   * @param output what they and JUnit wrote
   */
  public record Outcome(int tests, int failed, int skipped, String output) {}

  /**
   * Runs them.
   *
   * @param reports the directory for the report, {@code TEST-name.xml}
   * @param listener gets the output as it comes
   * @throws QemuException if the guest ends or hangs meanwhile, or there is no report
   */
  public Outcome run(Guest guest, Path reports, Consumer<byte[]> listener) {
    List<String> command = new ArrayList<>(List.of("java"));
    properties.forEach((key, value) -> command.add(quoted("-D" + key + "=" + value)));
    command.add(TestRunner.class.getName());
    command.add(REPORTS);
    selectors.forEach(selector -> command.add(quoted(selector)));
    GuestResult result =
        guest.run("rm -rf " + REPORTS + "; " + String.join(" ", command), silence, listener);
    GuestResult files = guest.run("ls " + REPORTS + "/TEST-*jupiter.xml");
    if (files.status() != 0) {
      throw new QemuException(
          "JUnit in the guest ended with %d and left no report:\n%s"
              .formatted(result.status(), result.text()));
    }
    try {
      return keep(guest.fetch(files.text()), reports, result.text());
    } catch (IOException e) {
      throw new QemuException("cannot write to " + reports + ": " + e.getMessage(), e);
    }
  }

  private Outcome keep(byte[] content, Path reports, String output) throws IOException {
    String report = new String(content, StandardCharsets.UTF_8);
    Matcher suite = SUITE.matcher(report);
    if (!suite.find()) {
      throw new QemuException("the guest's JUnit left no report, but: " + report);
    }
    Files.createDirectories(reports);
    String named =
        "%s<testsuite name=\"%s\"%s>%s"
            .formatted(
                report.substring(0, suite.start()),
                name,
                suite.group(1),
                report.substring(suite.end()));
    Files.writeString(reports.resolve("TEST-" + name + ".xml"), named);
    String counts = suite.group(1);
    return new Outcome(
        number(counts, "tests"),
        number(counts, "failures") + number(counts, "errors"),
        number(counts, "skipped"),
        output);
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  private static int number(String attributes, String attribute) {
    Matcher matcher = Pattern.compile("\\b" + attribute + "=\"(\\d+)\"").matcher(attributes);
    if (!matcher.find()) {
      throw new QemuException("the guest's report has no " + attribute);
    }
    return Integer.parseInt(matcher.group(1));
  }
}
