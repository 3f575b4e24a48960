package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.report.LogFiles;
import sluice.bench.result.Direction;
import sluice.bench.result.JobResult;
import sluice.bench.result.LatencyBins;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;

/** Logs of histograms, as {@code write_hist_log} asks for them. */
@Timeout(60)
class HistogramLogTest {
  @TempDir Path folder;

  /** As fio's {@code plat_val_to_idx} was seen to have them. */
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1",
    "63, 63",
    "64, 64",
    "127, 127",
    "128, 128",
    "129, 128",
    "130, 129",
    "255, 191",
    "256, 192",
    "1000, 317",
    "1000000, 954",
    "17179869183, 1855",
    "9223372036854775807, 1855"
  })
  void binsAreFios(long nanos, int bin) {
    assertThat(LatencyBins.of(nanos)).isEqualTo(bin);
  }

  @ParameterizedTest
  @CsvSource({"0, 1856", "1, 928", "6, 29"})
  void eachWindowIsALine(int coarseness, int bins) {
    try (Rig rig =
        new Rig(
            "virtual:null?size=1G&thread=shared&latency=100us",
            100,
            "rw=randread",
            "bs=4k",
            "runtime=50ms",
            "time_based",
            "write_hist_log=h",
            "log_hist_msec=10",
            "log_hist_coarseness=" + coarseness)) {
      JobResult job = rig.run();
      List<LatencyBins> lines = rig.logs.histograms().get("h_clat_hist.1.log");
      assertThat(lines).hasSizeBetween(4, 5).allMatch(line -> line.size() == bins);
      long all = 0;
      for (LatencyBins line : lines) {
        assertThat(line.direction()).isEqualTo(Direction.READ);
        assertThat(line.blockBytes()).isEqualTo(4096);
        for (int bin = 0; bin < bins; bin++) {
          all += line.count(bin);
        }
        // All take 100 us and a little, which is one bin or the next.
        int at = LatencyBins.of(100_000) >> coarseness;
        assertThat(line.count(at) + (at + 1 < bins ? line.count(at + 1) : 0)).isBetween(90L, 110L);
      }
      assertThat(all).isBetween(390L, job.direction(Direction.READ).ios());
      assertThat(lines.get(1).endMillis() - lines.get(0).endMillis()).isBetween(9L, 11L);
    }
  }

  @Test
  void theFileIsAsFioWritesIt() throws Exception {
    try (NvmeController controller = Drives.open("virtual:null?size=1G&thread=shared");
        LogFiles logs = new LogFiles(folder, null)) {
      assertThat(
              new Bench(
                      CommandLineJobs.read(
                          List.of(
                              "--name=j",
                              "--rw=randrw",
                              "--runtime=200ms",
                              "--time_based",
                              "--write_hist_log",
                              "--log_hist_msec=20",
                              "--log_hist_coarseness=6",
                              "--numjobs=2",
                              "--per_job_logs=0")),
                      controller,
                      controller.namespaces().getFirst(),
                      RunOptions.standard().withAllowWrite(true).withLogs(logs))
                  .run()
                  .isClean())
          .isTrue();
    }
    List<String> lines = Files.readAllLines(folder.resolve("j_clat_hist.log"));
    assertThat(lines)
        .hasSizeGreaterThan(4)
        .allMatch(line -> line.matches("\\d+, [01], 4096(, \\d+){29}"));
    List<Long> times =
        new ArrayList<>(
            Stream.of(lines.toArray(String[]::new))
                .map(line -> Long.valueOf(line.split(",")[0]))
                .toList());
    assertThat(times).isSorted();
  }

  @Test
  void withoutAnIntervalItStaysEmptyAndThatIsSaid() {
    try (NvmeController controller = Drives.open("virtual:null?size=1G&thread=shared")) {
      KeptLogs logs = new KeptLogs();
      assertThat(
              new Bench(
                      CommandLineJobs.read(List.of("--size=1m", "--write_hist_log=h")),
                      controller,
                      controller.namespaces().getFirst(),
                      RunOptions.standard().withLogs(logs))
                  .run()
                  .warnings())
          .containsExactly("write_hist_log without a log_hist_msec stays empty, as with fio");
      assertThat(logs.histograms().get("h_clat_hist.1.log")).isEmpty();
    }
  }
}
