package sluice.cli;

/** What the process reports when it ends. */
final class ExitStatus {
  static final int OK = 0;

  /** It was tried and did not work. */
  static final int FAILURE = 1;

  /** The command line makes no sense; nothing was tried. */
  static final int USAGE = 2;

  /** It was done, but bytes of the stream are missing: a recording has gaps. */
  static final int GAPS = 3;

  /** A comparison of benchmarks found a loss that was not to be. */
  static final int WORSE = 4;

  /** A signal ended a benchmark before its time, as fio has it; what was done is reported. */
  static final int INTERRUPTED = 128;

  /** It was done, and whoever read the result had left: as a process has it that SIGPIPE ends. */
  static final int NO_READER = 141;

  private ExitStatus() {}
}
