package sluice.bench.result;

/** The kinds of fio's log files. */
public enum LogKind {
  /** Rates in KiB/s. */
  BANDWIDTH("bw"),
  /** Rates in commands per second. */
  IOPS("iops"),
  /** Total latencies in nanoseconds. */
  LATENCY("lat"),
  /** Completion latencies in nanoseconds. */
  COMPLETION("clat"),
  /** Submission latencies in nanoseconds. */
  SUBMISSION("slat"),
  /** How many commands had which completion latency: a line for each window of time. */
  HISTOGRAM("clat_hist");

  private final String suffix;

  LogKind(String suffix) {
    this.suffix = suffix;
  }

  /** The part of the file name that says the kind: {@code NAME_bw.1.log}. */
  public String suffix() {
    return suffix;
  }
}
