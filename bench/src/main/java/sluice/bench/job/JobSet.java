package sluice.bench.job;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a job file or a command line asks for.
 *
 * @param jobs in their order; at least one
 * @param globals the text of the global options, by fio's names
 * @param warnings of options that are unknown or have no meaning here, a line each
 */
public record JobSet(List<JobOptions> jobs, Map<String, String> globals, List<String> warnings) {
  public JobSet {
    jobs = List.copyOf(jobs);
    globals = Collections.unmodifiableMap(new LinkedHashMap<>(globals));
    warnings = List.copyOf(warnings);
    requireWaitees(jobs);
  }

  /** Who waits for another waits for one that comes before it, and for one alone. */
  private static void requireWaitees(List<JobOptions> jobs) {
    for (int i = 0; i < jobs.size(); i++) {
      JobOptions job = jobs.get(i);
      String waitee = job.get(Options.WAIT_FOR);
      long count =
          waitee == null
              ? 1
              : jobs.subList(0, i).stream().filter(other -> other.name().equals(waitee)).count();
      if (count != 1) {
        throw new JobException(
            job.where(),
            "job %s: wait_for=%s: %s"
                .formatted(
                    Values.quote(job.name()),
                    waitee,
                    count == 0 ? "no job before it has that name" : "several jobs have that name"));
      }
    }
  }
}
