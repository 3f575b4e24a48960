package sluice.bench.job;

import java.util.ArrayList;
import java.util.List;

/**
 * What fio calls the files of a job's clones: {@code filename}, or else a name made of the job's,
 * the clone's number and the file's. Files of the same name are the same file.
 */
final class FileNames {
  private static final String STANDARD_FORMAT = "$jobname.$jobnum.$filenum";

  private FileNames() {}

  /**
   * @param clone which of the job's clones, from 0
   * @return at least one
   */
  static List<String> of(JobOptions job, int clone) {
    String folder = folder(job, clone);
    List<String> names = new ArrayList<>();
    if (isNamed(job)) {
      for (String name : split(job.get(Options.FILENAME))) {
        names.add(folder + name);
      }
    } else {
      for (int file = 0; file < job.get(Options.NRFILES); file++) {
        names.add(folder + formatted(job, clone, file));
      }
    }
    return names;
  }

  /** Whether the job says itself what its files are called. */
  static boolean isNamed(JobOptions job) {
    String name = job.get(Options.FILENAME);
    return name != null && !name.isEmpty();
  }

  /** fio spreads the clones over several directories. */
  private static String folder(JobOptions job, int clone) {
    String directory = job.get(Options.DIRECTORY);
    if (directory == null || directory.isEmpty()) {
      return "";
    }
    List<String> all = split(directory);
    String own = all.get(clone % all.size());
    return own.endsWith("/") ? own : own + "/";
  }

  private static String formatted(JobOptions job, int clone, int file) {
    String format = job.get(Options.FILENAME_FORMAT);
    return (format == null || format.isEmpty() ? STANDARD_FORMAT : format)
        .replace("$jobname", job.name())
        .replace("$jobnum", Integer.toString(clone))
        .replace("$filenum", Integer.toString(file))
        .replace("$clientuid", "");
  }

  private static List<String> split(String text) {
    List<String> parts = DriveNames.split(text);
    return parts.isEmpty() ? List.of(text) : parts;
  }
}
