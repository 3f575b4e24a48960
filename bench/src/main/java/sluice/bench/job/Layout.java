package sluice.bench.job;

import java.util.List;
import sluice.nvme.DriveAddress;

/** Where on a run's drives the files of fio's jobs are. */
public abstract class Layout {
  /**
   * A drive of a run.
   *
   * @param address by which jobs may name it; null if they cannot
   * @param bytes of it
   */
  public record Measured(DriveAddress address, long bytes) {}

  Layout() {}

  /**
   * On one drive.
   *
   * @param capacity of the drive in bytes
   * @throws IllegalArgumentException if they do not fit
   */
  public static Layout of(List<JobOptions> jobs, long capacity) {
    return FileLayout.onDrive(jobs, capacity);
  }

  /**
   * On one drive, or on several that are files themselves.
   *
   * @param drives at least one
   * @throws IllegalArgumentException if they do not fit, or name what is none of the drives
   */
  public static Layout of(List<JobOptions> jobs, List<Measured> drives) {
    return drives.size() == 1
        ? FileLayout.onDrive(jobs, drives.getFirst().bytes())
        : DriveLayout.onDrives(jobs, drives);
  }

  /**
   * How much of a file a clone uses at the most, from where its offset is.
   *
   * @param file which of its files, from 0
   * @param files how many it has
   * @return bytes; all that the drive has if the job does not say
   */
  public abstract long bytes(JobOptions job, int clone, int file, int files);

  /** The files of a clone of one of the jobs, in their order; at least one. */
  public abstract List<Place> files(JobOptions job, int clone);

  /** What those should know who name files that they may think of as other drives, a line each. */
  public abstract List<String> notes();
}
