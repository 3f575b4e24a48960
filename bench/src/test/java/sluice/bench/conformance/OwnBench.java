package sluice.bench.conformance;

import java.nio.file.Path;
import java.util.List;
import sluice.bench.job.Dialect;
import sluice.bench.job.JobFile;
import sluice.bench.result.BenchResult;
import sluice.bench.result.LogSink;
import sluice.bench.run.Bench;
import sluice.bench.run.RunOptions;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;

/** Runs job files on a virtual drive that forgets what it is given. */
final class OwnBench {
  private OwnBench() {}

  static BenchResult run(Path jobs, String... options) {
    return run(jobs, LogSink.NONE, options);
  }

  static BenchResult run(Path jobs, LogSink logs, String... options) {
    return run(jobs, "virtual:null?size=8G", RunOptions.standard().withLogs(logs), options);
  }

  static BenchResult run(Path jobs, String drive, RunOptions how, String... options) {
    try (NvmeController controller = Drives.open(drive)) {
      return new Bench(
              // Lenient, for the engine that the jobs name is fio's null.
              JobFile.read(List.of(jobs), List.of(options), Dialect.LENIENT),
              controller,
              controller.namespace(1),
              how.withAllowWrite(true))
          .run();
    }
  }
}
