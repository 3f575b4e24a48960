package sluice.bench.compare;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Reports in JSON that are written by hand, as far as a comparison reads them. */
final class Reports {
  private Reports() {}

  /** One read job without rounds. */
  static String once(int iops, int nanos) {
    return root(job("job", iops, nanos, ""));
  }

  static String root(String... jobs) {
    // A brace that begins a line ends a report.
    return "{\"jobs\": [" + String.join(", ", jobs).replace("\n", " ") + "]}\n";
  }

  /** A job with 5,000 commands a round. */
  static String rounds(String name, List<Double> iops, List<Double> nanos) {
    return rounds(name, iops, nanos, List.of());
  }

  /**
   * @param waits how much of its time the job waited for a processor, by round; may be empty
   */
  static String rounds(String name, List<Double> iops, List<Double> nanos, List<Double> waits) {
    String each =
        """
        , "sluice": {"rounds": {"read": {"fewest_ios": 5000,
          "iops": {"each": %s}, "bw": {"each": %s}, "clat_mean_ns": {"each": %s},
          "clat_p50_ns": {"each": %s}, "clat_p99_ns": {"each": %s}, "clat_p99.9_ns": {"each": %s}},
          "cpu_wait_share": {"each": %s}}}
        """
            .formatted(
                list(iops, 1),
                list(iops, 4),
                list(nanos, 1),
                list(nanos, 1),
                list(nanos, 2),
                list(nanos, 3),
                list(waits, 1));
    return job(name, iops.getFirst().intValue(), nanos.getFirst().intValue(), each);
  }

  private static String list(List<Double> values, double factor) {
    return values.stream()
        .map(value -> String.format(Locale.ROOT, "%.6f", value * factor))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static String job(String name, int iops, int nanos, String more) {
    return """
    {"jobname": "%s", "job options": {"bs": "4k"}, "read": {"total_ios": 5000, "iops": %d, "bw": %d,
      "clat_ns": {"mean": %d, "stddev": 10, "N": 5000,
        "percentile": {"50.000000": %4$d, "99.000000": %4$d, "99.900000": %4$d}}},
      "write": {"total_ios": 0}%s}
    """
        .formatted(name, iops, iops * 4, nanos, more);
  }
}
