package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.job.JobSet;
import sluice.bench.result.BenchResult;
import sluice.bench.result.JobResult;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;

/** Runs jobs of a command line, to their ends. */
final class Runs {
  static final String MEMORY = "virtual:memory?size=64M&thread=shared";
  static final RunOptions WRITING = RunOptions.standard().withAllowWrite(true);

  private Runs() {}

  static BenchResult run(String drive, RunOptions options, String... arguments) {
    JobSet set = CommandLineJobs.read(List.of(arguments));
    try (NvmeController controller = Drives.open(drive)) {
      return new Bench(set, controller, controller.namespaces().getFirst(), options).run();
    }
  }

  /** The only job, on a drive in memory. */
  static JobResult job(String... arguments) {
    BenchResult result = run(MEMORY, WRITING, arguments);
    assertThat(result.jobs()).hasSize(1);
    return result.jobs().getFirst();
  }

  /** The first job, on a drive that stays open. */
  static JobResult onDrive(NvmeController controller, String... arguments) {
    JobSet set = CommandLineJobs.read(List.of(arguments));
    return new Bench(set, controller, controller.namespaces().getFirst(), WRITING)
        .run()
        .jobs()
        .getFirst();
  }
}
