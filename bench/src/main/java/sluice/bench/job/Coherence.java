package sluice.bench.job;

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
        job.get(Options.IODEPTH_LOW) <= job.get(Options.IODEPTH),
        "iodepth_low is more than iodepth");
    long size = job.get(Options.SIZE).bytes();
    require(
        job,
        size == 0 || size >= job.leastBlock(),
        "size (%d) is less than a block (%d)".formatted(size, job.leastBlock()));
  }

  private static void require(JobOptions job, boolean fits, String why) {
    if (!fits) {
      throw new JobException(job.where(), "job " + Values.quote(job.name()) + ": " + why);
    }
  }
}
