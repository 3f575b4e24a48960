package sluice.bench.result;

/**
 * How deep a job's queue was, and how many commands went in and out at once.
 *
 * @param level commands in flight, counted at each issue
 * @param submit commands per submission (per doorbell)
 * @param complete commands per reaping that found any
 */
public record Depths(DepthCounts level, DepthCounts submit, DepthCounts complete) {

  public static Depths none() {
    return new Depths(new DepthCounts(), new DepthCounts(), new DepthCounts());
  }

  public Depths plus(Depths other) {
    return new Depths(
        sum(level, other.level), sum(submit, other.submit), sum(complete, other.complete));
  }

  private static DepthCounts sum(DepthCounts a, DepthCounts b) {
    DepthCounts sum = a.copy();
    sum.add(b);
    return sum;
  }
}
