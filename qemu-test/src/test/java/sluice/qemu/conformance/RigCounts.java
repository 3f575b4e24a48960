package sluice.qemu.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * Counts the tests of each rig, which Maven's reports do not tell apart. At the end of the run
 * {@code target/conformance.txt} has a line per rig: its name, and how many tests passed, failed,
 * and were skipped.
 */
final class RigCounts implements TestWatcher {
  static final Path FILE = Path.of("target", "conformance.txt");
  private static final Namespace NAMESPACE = Namespace.create(RigCounts.class);
  private static final int PASSED = 0;
  private static final int FAILED = 1;
  private static final int SKIPPED = 2;

  @Override
  public void testSuccessful(ExtensionContext context) {
    count(context, PASSED);
  }

  @Override
  public void testFailed(ExtensionContext context, Throwable cause) {
    count(context, FAILED);
  }

  @Override
  public void testAborted(ExtensionContext context, Throwable cause) {
    count(context, SKIPPED);
  }

  @Override
  public void testDisabled(ExtensionContext context, Optional<String> reason) {
    count(context, SKIPPED);
  }

  private static void count(ExtensionContext context, int outcome) {
    String rig = ((SuiteTest<?>) context.getRequiredTestInstance()).rig.name();
    context.getRoot().getStore(NAMESPACE).computeIfAbsent(Totals.class).count(rig, outcome);
  }

  /** Lives in JUnit's root store, which closes it when the run is over. */
  static final class Totals implements AutoCloseable {
    private final Map<String, int[]> byRig = new TreeMap<>();

    synchronized void count(String rig, int outcome) {
      byRig.computeIfAbsent(rig, name -> new int[3])[outcome]++;
    }

    @Override
    public synchronized void close() throws IOException {
      List<String> lines =
          byRig.entrySet().stream().map(rig -> line(rig.getKey(), rig.getValue())).toList();
      Files.createDirectories(FILE.getParent());
      Files.write(FILE, lines);
    }

    private static String line(String rig, int[] counts) {
      return "%s %d %d %d".formatted(rig, counts[PASSED], counts[FAILED], counts[SKIPPED]);
    }
  }
}
