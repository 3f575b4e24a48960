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
    requireZones(job);
    require(
        job,
        !job.name().equals(job.get(Options.WAIT_FOR)),
        "wait_for names the job itself, which cannot wait for its own end");
    long size = job.get(Options.SIZE).bytes();
    require(
        job,
        size == 0 || size >= job.leastBlock(),
        "size (%d) is less than a block (%d)".formatted(size, job.leastBlock()));
  }

  private static void requireZones(JobOptions job) {
    long size = job.get(Options.ZONESIZE);
    require(job, !job.isStrided() || size > 0, "zonemode=strided needs a zonesize");
    require(
        job,
        job.isStrided() || size == 0 || job.has(Options.ZONEMODE),
        "zonesize needs zonemode=strided");
    long range = job.get(Options.ZONERANGE);
    RwMode mode = job.get(Options.RW);
    require(
        job,
        !job.isStrided() || range == 0 || range >= job.greatestBlock(),
        "zonerange (%d) is less than a block (%d)".formatted(range, job.greatestBlock()));
    require(
        job,
        !job.isStrided() || mode.step() == 0 || (mode.random() && mode.step() == 1),
        "zonemode=strided goes with no steps in rw");
  }

  private static void require(JobOptions job, boolean fits, String why) {
    if (!fits) {
      throw new JobException(job.where(), "job " + Values.quote(job.name()) + ": " + why);
    }
  }
}
