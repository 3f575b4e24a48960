package sluice.bench.report;

import java.util.List;
import java.util.stream.IntStream;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.JobResult;

/**
 * What a drive was given, as fio tells it of a kernel's disk: sums over all jobs.
 *
 * @param readIos commands
 * @param writeIos commands
 * @param readMillis the time that all reads took, summed
 * @param writeMillis the time that all writes took, summed
 * @param percent how much of the run it was busy: the summed time over the run's, 100 at most
 */
record DriveUse(long readIos, long writeIos, long readMillis, long writeMillis, double percent) {

  /** Of each drive of a run. */
  static List<DriveUse> ofAll(BenchResult result) {
    return IntStream.range(0, result.drives().size()).mapToObj(drive -> of(result, drive)).toList();
  }

  private static DriveUse of(BenchResult result, int drive) {
    long readIos = 0;
    long writeIos = 0;
    double readNanos = 0;
    double writeNanos = 0;
    boolean isOnly = result.drives().size() == 1;
    for (JobResult job : result.jobs()) {
      DirectionResult read =
          isOnly ? job.direction(Direction.READ) : on(drive, job, Direction.READ);
      DirectionResult write =
          isOnly ? job.direction(Direction.WRITE) : on(drive, job, Direction.WRITE);
      readIos += read.ios();
      writeIos += write.ios();
      readNanos += nanosOf(read);
      writeNanos += nanosOf(write);
    }
    double run = Math.max(result.end().toEpochMilli() - result.start().toEpochMilli(), 1);
    return new DriveUse(
        readIos,
        writeIos,
        Math.round(readNanos / 1e6),
        Math.round(writeNanos / 1e6),
        Math.min(100, (readNanos + writeNanos) / 1e4 / run));
  }

  private static DirectionResult on(int drive, JobResult job, Direction direction) {
    return job.drives().stream()
        .filter(share -> share.drive() == drive)
        .map(share -> share.direction(direction))
        .findFirst()
        .orElse(DirectionResult.none());
  }

  private static double nanosOf(DirectionResult result) {
    return result.completion().exact().mean() * result.completion().exact().count();
  }

  /** The time of all commands, summed. */
  long totalMillis() {
    return readMillis + writeMillis;
  }
}
