package sluice.bench.result;

import java.util.List;

/**
 * How a job wants to be reported.
 *
 * @param group {@code group_reporting}: its clones and the jobs after it in the group are one
 * @param unified {@code unified_rw_reporting}
 * @param percentiles {@code percentile_list}, ascending
 * @param submissionPercentiles {@code slat_percentiles}
 * @param completionPercentiles {@code clat_percentiles}, which is on by default
 * @param totalPercentiles {@code lat_percentiles}
 */
public record Reporting(
    boolean group,
    Unified unified,
    List<Double> percentiles,
    boolean submissionPercentiles,
    boolean completionPercentiles,
    boolean totalPercentiles) {

  /** Whether directions are reported as one. */
  public enum Unified {
    /** Each by itself. */
    NONE,
    /** All as one, which is called mixed. */
    MIXED,
    /** Each by itself, and mixed too. */
    BOTH
  }

  /** What fio reports when nothing is asked for. */
  public static final List<Double> STANDARD_PERCENTILES =
      List.of(
          1.0, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 95.0, 99.0, 99.5, 99.9,
          99.95, 99.99);

  public static final Reporting STANDARD =
      new Reporting(false, Unified.NONE, STANDARD_PERCENTILES, false, true, false);

  public Reporting {
    percentiles = List.copyOf(percentiles);
  }
}
