package sluice.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.job.Dialect;
import sluice.bench.job.JobFile;
import sluice.bench.job.JobOptions;
import sluice.bench.job.JobSet;
import sluice.bench.job.OptionHelp;
import sluice.bench.run.Bench;

/** The jobs that a command line names: fio's arguments, but for those of its reports. */
final class BenchJobs {
  @Parameters(
      paramLabel = "JOBFILE",
      description = "fio's job files, one after the other; - is standard input.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--section",
      paramLabel = "NAME",
      description = "Run this job alone; may be given more than once.")
  private List<String> sections = new ArrayList<>();

  @Option(
      names = "--lenient",
      description = {
        "Leave out options of fio's that change the load and are not done here;",
        "without it they are refused."
      })
  private boolean lenient;

  @Option(names = "--readonly", description = "Refuse jobs that write, whatever else is given.")
  private boolean readOnly;

  @Option(names = "--parse-only", description = "Read the jobs and end: no drive is opened.")
  private boolean parseOnly;

  @Option(
      names = "--showcmd",
      description = "Print the jobs as a command line that gives the same jobs, and end.")
  private boolean showCommand;

  @Option(
      names = "--cmdhelp",
      arity = "0..1",
      fallbackValue = "all",
      paramLabel = "OPTION",
      description = "Print the options of jobs that are done here and end.")
  private String optionHelp;

  /**
   * What is asked of jobs beside running them: text to be printed; null if they are to be run.
   *
   * @param options fio's of the command line, as {@code --rw=read}
   * @param command that takes them
   * @throws IllegalArgumentException if anything is no good, in one line
   */
  String answer(List<String> options, String command, boolean isFios) {
    if (optionHelp != null) {
      return optionHelp.equals("all") ? OptionHelp.all() : OptionHelp.of(optionHelp);
    }
    if (showCommand) {
      return CommandLineJobs.write(read(options, isFios), command);
    }
    return null;
  }

  /** The job files that are named. */
  List<Path> files() {
    return files;
  }

  /** Whether they are only to be read. */
  boolean isParsedOnly() {
    return parseOnly;
  }

  /**
   * Reads them.
   *
   * @param options fio's of the command line: jobs of their own, or global for the files
   * @param isFios whether what fio does without being told is done
   * @throws IllegalArgumentException if anything is no good, in one line
   */
  JobSet read(List<String> options, boolean isFios) {
    if (files.isEmpty() && options.isEmpty()) {
      throw new IllegalArgumentException("no job: give a job file, or options as --rw=randread");
    }
    Dialect dialect = new Dialect(lenient, isFios);
    JobSet all =
        files.isEmpty()
            ? CommandLineJobs.read(options, dialect)
            : JobFile.read(files, options, dialect);
    JobSet wanted = sections.isEmpty() ? all : only(all);
    if (readOnly && Bench.destroys(wanted)) {
      throw new IllegalArgumentException("a job writes, and --readonly forbids it");
    }
    return wanted;
  }

  private JobSet only(JobSet all) {
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
