package sluice.cli;

import java.util.ArrayList;
import java.util.List;
import sluice.bench.job.DriveChoice;
import sluice.bench.job.JobOptions;
import sluice.bench.job.JobSet;
import sluice.bench.run.Target;
import sluice.nvme.DriveAddress;
import sluice.nvme.drive.NvmeDrive;
import sluice.support.Closing;
import sluice.support.text.PlainText;
import sluice.virtual.VirtualDriveProvider;

/** The drives of a benchmark, open: each to be written only if a job writes to it. */
final class BenchDrives implements AutoCloseable {
  private final List<NvmeDrive> open = new ArrayList<>();
  private final List<Target> targets = new ArrayList<>();

  /** Asked before a drive is written. */
  @FunctionalInterface
  interface Word {
    /**
     * @throws IllegalArgumentException if what the drive holds may not be lost
     */
    void require(NvmeDrive drive, DriveAddress address);
  }

  /**
   * Opens them.
   *
   * @param mayWrite whether jobs may write at all; if not, the run itself refuses those that do
   * @param word asked for each drive that is going to be written
   * @throws IllegalArgumentException if a job names what is none of them
   */
  BenchDrives(
      List<DriveAddress> addresses, JobSet jobs, DriveAccess access, boolean mayWrite, Word word) {
    List<JobOptions> writers =
        mayWrite ? jobs.jobs().stream().filter(JobOptions::destroys).toList() : List.of();
    try {
      for (int i = 0; i < addresses.size(); i++) {
        int number = i;
        DriveAddress address = addresses.get(i);
        boolean isWritten =
            writers.stream().anyMatch(job -> DriveChoice.of(job, addresses).contains(number));
        NvmeDrive drive = isWritten ? access.openDrive(address) : access.openDriveToRead(address);
        open.add(drive);
        if (isWritten) {
          word.require(drive, address);
        }
        targets.add(new Target(drive.controller(), drive.namespace(), address));
      }
    } catch (RuntimeException e) {
      Closing.after(e, this);
      throw e;
    }
  }

  List<Target> targets() {
    return List.copyOf(targets);
  }

  /** Tells on standard error what the caches of drives have done, where there are any. */
  void tellCaches() {
    for (int i = 0; i < open.size(); i++) {
      String address = targets.get(i).address().toString();
      VirtualDriveProvider.cache(open.get(i).controller())
          .ifPresent(cache ->
              System.err.println(PlainText.escape("cache of " + address + ": " + cache.summary())));
    }
  }

  @Override
  public void close() {
    Closing.all(open, NvmeDrive::close);
  }
}
