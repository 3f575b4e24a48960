package sluice.bench.job;

/** Jobs that make no sense. The message is one line: where ({@code FILE:LINE:}), what, and why. */
public final class JobException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final boolean ofCommandLine;

  /**
   * @param where the file and line, or the command line
   */
  JobException(String where, String why) {
    super(where + ": " + why);
    ofCommandLine = where.equals(CommandLineJobs.WHERE);
  }

  /** Whether they are of a command line, not of a file. */
  public boolean isOfCommandLine() {
    return ofCommandLine;
  }
}
