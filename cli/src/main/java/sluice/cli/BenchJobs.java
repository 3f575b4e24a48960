package sluice.cli;

import java.nio.file.Path;
import java.util.List;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.job.JobFile;
import sluice.bench.job.JobOptions;
import sluice.bench.job.JobSet;

/** The jobs that a command line names. */
final class BenchJobs {
  private BenchJobs() {}

  /**
   * @param files one after the other; {@code -} is standard input
   * @param options fio's, as {@code --rw=read}: jobs of their own, or global for the files
   * @param sections the names of the jobs that are wanted; empty for all
   * @param isLenient whether what is fio's and not done here is left out rather than refused
   * @throws IllegalArgumentException if anything is no good, in one line
   */
  static JobSet read(
      List<Path> files, List<String> options, List<String> sections, boolean isLenient) {
    if (files.isEmpty() && options.isEmpty()) {
      throw new IllegalArgumentException("no job: give a job file, or options as --rw=randread");
    }
    JobSet all =
        files.isEmpty()
            ? CommandLineJobs.read(options, isLenient)
            : JobFile.read(files, options, isLenient);
    if (sections.isEmpty()) {
      return all;
    }
    List<String> names = all.jobs().stream().map(JobOptions::name).toList();
    for (String section : sections) {
      if (!names.contains(section)) {
        throw new IllegalArgumentException(
            "no job is called '%s'; there are %s".formatted(section, String.join(", ", names)));
      }
    }
    List<JobOptions> wanted =
        all.jobs().stream().filter(job -> sections.contains(job.name())).toList();
    return new JobSet(wanted, all.globals(), all.warnings());
  }
}
