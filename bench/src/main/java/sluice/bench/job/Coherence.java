package sluice.bench.job;

import sluice.bench.result.Direction;

/** Whether a job's options fit together. */
final class Coherence {
  private Coherence() {}

  /**
   * @throws JobException naming what contradicts what
   */
  static void check(JobOptions job) {
    require(
        job,
        job.get(Options.VERIFY) != Verification.PATTERN || job.get(Options.VERIFY_PATTERN) != null,
        "verify=pattern needs a verify_pattern");
    require(
        job,
        job.get(Options.LATENCY_TARGET) == 0 || job.get(Options.LATENCY_WINDOW) > 0,
        "latency_target needs a latency_window");
    require(
        job,
        job.get(Options.IODEPTH_LOW) <= job.get(Options.IODEPTH),
        "iodepth_low is more than iodepth");
    long size = job.get(Options.SIZE).bytes();
    require(
        job,
        size == 0 || size >= job.leastBlock(),
        "size (%d) is less than a block (%d)".formatted(size, job.leastBlock()));
    if (job.get(Options.VERIFY).hasHeader()) {
      checkHeaders(job);
    }
  }

  private static void checkHeaders(JobOptions job) {
    int interval = job.get(Options.VERIFY_INTERVAL);
    for (Direction direction : job.directions()) {
      int least = job.blockSizes().of(direction).least();
      require(
          job,
          interval == 0 || least % interval == 0,
          "verify_interval (%d) does not divide the block size (%d)".formatted(interval, least));
    }
  }

  private static void require(JobOptions job, boolean fits, String why) {
    if (!fits) {
      throw new JobException(job.where(), "job " + Values.quote(job.name()) + ": " + why);
    }
  }
}
