package sluice.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import sluice.bench.job.DriveNames;
import sluice.bench.job.JobOptions;
import sluice.bench.job.JobSet;
import sluice.bench.job.Options;
import sluice.nvme.DriveAddress;

/** Which drives fio's jobs mean. */
final class FioDrive {
  private static final String VARIABLE = "SLUICE_FIO_DRIVE";
  private static final String HOW =
      "give --filename=virtual:disk.img or another drive's address, or set " + VARIABLE;

  private FioDrive() {}

  /**
   * The drives that are given; or else those that the jobs name, each once.
   *
   * @param given empty if the command line gives none
   * @throws IllegalArgumentException if a job names none
   */
  static List<DriveAddress> of(JobSet jobs, List<DriveAddress> given) {
    if (!given.isEmpty()) {
      return given;
    }
    String variable = System.getenv(VARIABLE);
    if (variable != null && !variable.isEmpty()) {
      try {
        return List.of(DriveAddress.parse(variable));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(VARIABLE + ": " + e.getMessage(), e);
      }
    }
    Set<DriveAddress> named = new LinkedHashSet<>();
    jobs.jobs().forEach(job -> named.addAll(named(job)));
    return List.copyOf(named);
  }

  private static List<DriveAddress> named(JobOptions job) {
    String whole = job.get(Options.FILENAME);
    if (whole == null || whole.isEmpty()) {
      throw new IllegalArgumentException("job " + job.name() + " names no drive: " + HOW);
    }
    return DriveNames.names(job).stream().map(FioDrive::named).toList();
  }

  private static DriveAddress named(String name) {
    if (DriveNames.isAddress(name)) {
      return DriveAddress.parse(name);
    }
    // A file may act as a drive.
    if (Files.isRegularFile(Path.of(name))) {
      return new DriveAddress("virtual", name, Map.of());
    }
    throw new IllegalArgumentException("%s is no drive of ours: %s".formatted(name, HOW));
  }
}
