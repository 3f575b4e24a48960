package sluice.bench.job;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import sluice.nvme.DriveAddress;

/**
 * Several drives as the files of jobs, each of them whole, as drives' own names are for fio: jobs
 * on the same drive are on the same bytes.
 */
final class DriveLayout extends Layout {
  private final List<Place> wholes;
  private final Map<JobOptions, List<Place>> files = new HashMap<>();
  private final List<String> unnamed;

  private DriveLayout(List<Place> wholes, List<String> unnamed) {
    this.wholes = wholes;
    this.unnamed = unnamed;
  }

  /**
   * @throws IllegalArgumentException if a job names what is none of the drives
   */
  static DriveLayout onDrives(List<JobOptions> jobs, List<Measured> drives) {
    List<DriveAddress> addresses = drives.stream().map(Measured::address).toList();
    DriveLayout layout =
        new DriveLayout(
            IntStream.range(0, drives.size())
                .mapToObj(drive -> new Place(drive, 0, drives.get(drive).bytes()))
                .toList(),
            jobs.stream()
                .filter(job -> DriveNames.names(job).isEmpty())
                .map(JobOptions::name)
                .toList());
    for (JobOptions job : jobs) {
      layout.files.put(
          job, DriveChoice.of(job, addresses).stream().map(layout.wholes::get).toList());
    }
    return layout;
  }

  @Override
  public long bytes(JobOptions job, int clone, int file, int files) {
    long capacity = files(job, clone).get(file).bytes();
    Extent size = job.get(Options.SIZE);
    FileSize each = job.get(Options.FILESIZE);
    if (each.isGiven()) {
      long bytes = each.of(capacity, job.get(Options.RANDSEED) + 1_000_003L * clone + file);
      return size.fraction() > 0 ? size.of(bytes) : bytes;
    }
    if (!size.isGiven()) {
      return capacity;
    }
    return size.fraction() > 0 ? size.of(capacity) : size.of(capacity) / files;
  }

  @Override
  public List<Place> files(JobOptions job, int clone) {
    return files.get(job);
  }

  @Override
  public List<String> notes() {
    return unnamed.isEmpty()
        ? List.of()
        : List.of(
            "job %s names no drive, and is on all %d: filename=0 and so on choose"
                    .formatted(unnamed.getFirst(), wholes.size())
                + (unnamed.size() > 1 ? "; so are %d more".formatted(unnamed.size() - 1) : ""));
  }
}
