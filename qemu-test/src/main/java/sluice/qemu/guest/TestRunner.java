package sluice.qemu.guest;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.reporting.legacy.xml.LegacyXmlReportGeneratingListener;

/**
 * What runs tests inside a guest: a JUnit console that starts in a fraction of the time. Its
 * arguments are the directory for the report, and classes, packages (those end with a dot), and
 * tags to leave out (those begin with an exclamation mark).
 */
final class TestRunner implements TestExecutionListener {
  static final String EXCLUDED = "!";

  private TestPlan plan;
  private boolean failed;

  private TestRunner() {}

  /** Ends with status 0 if all tests passed, else with 1. */
  public static void main(String[] arguments) {
    LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request();
    for (String name : List.of(arguments).subList(1, arguments.length)) {
      if (name.startsWith(EXCLUDED)) {
        request.filters(TagFilter.excludeTags(name.substring(EXCLUDED.length())));
      } else if (name.endsWith(".")) {
        request.selectors(DiscoverySelectors.selectPackage(name.substring(0, name.length() - 1)));
      } else {
        request.selectors(DiscoverySelectors.selectClass(name));
      }
    }
    TestRunner runner = new TestRunner();
    PrintWriter problems = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    LegacyXmlReportGeneratingListener report =
        new LegacyXmlReportGeneratingListener(Path.of(arguments[0]), problems);
    Launcher launcher = LauncherFactory.create();
    launcher.execute(request.build(), runner, report);
    System.exit(runner.failed ? 1 : 0);
  }

  @Override
  public void testPlanExecutionStarted(TestPlan testPlan) {
    plan = testPlan;
  }

  /** Says a test's name before it runs: so the last one in the output is the one that hangs. */
  @Override
  public void executionStarted(TestIdentifier identifier) {
    if (identifier.isTest()) {
      System.out.print(path(identifier) + " ");
      System.out.flush();
    }
  }

  @Override
  public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
    Optional<Throwable> problem = result.getThrowable();
    if (identifier.isTest()) {
      System.out.println(result.getStatus());
    } else if (problem.isPresent()) {
      System.out.println(path(identifier) + " " + result.getStatus());
    }
    if (result.getStatus() == TestExecutionResult.Status.FAILED) {
      failed = true;
      problem.ifPresent(thrown -> thrown.printStackTrace(System.out));
    }
  }

  @Override
  public void executionSkipped(TestIdentifier identifier, String reason) {
    System.out.println(path(identifier) + " skipped: " + reason);
  }

  private String path(TestIdentifier identifier) {
    return plan.getParent(identifier)
        .filter(parent -> plan.getParent(parent).isPresent())
        .map(parent -> path(parent) + " > " + identifier.getDisplayName())
        .orElse(identifier.getDisplayName());
  }
}
