package sluice.bench.job;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes jobs of options in the order in which they come, wherever they come from: global ones are
 * what later jobs begin with.
 */
final class JobReader {
  private static final String GLOBAL = "global";
  private static final int MOST_JOBS = 4096;

  private final Warnings warnings = new Warnings();
  private final List<JobOptions> jobs = new ArrayList<>();
  private final Dialect dialect;
  private JobBuilder globals;
  private JobBuilder current;
  private boolean waits;

  /**
   * @param dialect how it is read
   */
  JobReader(Dialect dialect) {
    this.dialect = dialect;
    file();
  }

  /** Another file begins: nothing is global, and its first job waits for those before it. */
  void file() {
    endSection();
    waits = !jobs.isEmpty();
    globals = new JobBuilder(GLOBAL, GLOBAL, warnings, dialect);
  }

  /** A section begins; the job before it is complete. */
  void section(String where, String name) {
    endSection();
    if (name.equals(GLOBAL)) {
      current = globals;
    } else {
      if (jobs.size() == MOST_JOBS) {
        throw new JobException(where, "there are more than " + MOST_JOBS + " jobs");
      }
      current = new JobBuilder(name, where, warnings, dialect).inherit(globals);
      if (waits) {
        option(where, Options.STONEWALL.name(), "");
        waits = false;
      }
    }
  }

  /** Whether an option would belong to something. */
  boolean isInSection() {
    return current != null;
  }

  void option(String where, String name, String value) {
    try {
      current.option(where, name, value);
    } catch (JobException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new JobException(where, e.getMessage());
    }
  }

  void warn(String text) {
    warnings.add(text);
  }

  private void endSection() {
    if (current != null && current != globals) {
      jobs.add(current.build());
    }
    current = null;
  }

  /**
   * @param where to say that there is no job
   */
  JobSet end(String where) {
    endSection();
    if (jobs.isEmpty()) {
      throw new JobException(where, "there is no job in it");
    }
    return new JobSet(jobs, globals.texts(), warnings.lines());
  }
}
