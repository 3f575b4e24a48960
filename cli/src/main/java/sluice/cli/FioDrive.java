package sluice.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import sluice.bench.job.DriveNames;
import sluice.bench.job.JobOptions;
import sluice.bench.job.JobSet;
import sluice.bench.job.Options;
import sluice.nvme.DriveAddress;

/** Which drive fio's jobs mean. */
final class FioDrive {
  private static final String VARIABLE = "SLUICE_FIO_DRIVE";
  private static final String HOW =
      "give --filename=virtual:disk.img or another drive's address, or set " + VARIABLE;

  private FioDrive() {}

  /**
   * The drive that is given; or the one that all jobs name.
   *
   * @param given null if the command line gives none
   * @throws IllegalArgumentException if there is none, or more than one
   */
  static DriveAddress of(JobSet jobs, DriveAddress given) {
    if (given != null) {
      return given;
    }
    String variable = System.getenv(VARIABLE);
    if (variable != null && !variable.isEmpty()) {
      try {
        return DriveAddress.parse(variable);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(VARIABLE + ": " + e.getMessage(), e);
      }
    }
    Set<DriveAddress> named = new LinkedHashSet<>();
    jobs.jobs().forEach(job -> named.add(named(job)));
    if (named.size() > 1) {
      throw new IllegalArgumentException(
          "the jobs name %d drives, and one is measured at a time: --section chooses jobs"
              .formatted(named.size()));
    }
    return named.iterator().next();
  }

  private static DriveAddress named(JobOptions job) {
    DriveAddress address = DriveNames.of(job);
    if (address != null) {
      return address;
    }
    String name = job.get(Options.FILENAME);
    if (name == null || name.isEmpty()) {
      throw new IllegalArgumentException("job " + job.name() + " names no drive: " + HOW);
    }
    // A file may act as a drive. The name is one that fio took for a file as it stands.
    if (Files.isRegularFile(Path.of(name.replace("\\:", ":")))) {
      return new DriveAddress("virtual", name.replace("\\:", ":"), Map.of());
    }
    throw new IllegalArgumentException("%s is no drive of ours: %s".formatted(name, HOW));
  }
}
