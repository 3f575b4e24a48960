package sluice.bench.load;

import java.util.List;
import java.util.stream.Stream;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.job.JobOptions;

/** Jobs for tests. */
final class Jobs {
  private Jobs() {}

  static JobOptions of(String... options) {
    List<String> arguments = Stream.of(options).map(option -> "--" + option).toList();
    return CommandLineJobs.read(arguments).jobs().getFirst();
  }
}
