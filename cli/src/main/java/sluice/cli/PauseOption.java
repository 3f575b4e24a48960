package sluice.cli;

import picocli.CommandLine.Option;

/** From which length on a benchmark calls a silence of the drive a pause. */
final class PauseOption {
  @Option(
      names = "--pause",
      paramLabel = "TIME",
      converter = OptionValues.Duration.class,
      defaultValue = "10ms",
      description = "From which length on a silence of the drive is a pause (default: 10ms).")
  private long nanos;

  long nanos() {
    return nanos;
  }
}
