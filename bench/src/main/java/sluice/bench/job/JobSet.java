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
  }
}
