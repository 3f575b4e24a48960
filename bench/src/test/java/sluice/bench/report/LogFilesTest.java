package sluice.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.JobResult;
import sluice.bench.result.LogKind;
import sluice.bench.result.SampleLog;

class LogFilesTest {
  @TempDir Path folder;

  @Test
  void linesAreThoseOfFio() throws IOException {
    SampleLog plain = new SampleLog(LogKind.COMPLETION, "job", 1, 0, false, false);
    plain.add(0, 701, Direction.READ, 4096, 8192);
    plain.add(1, 100, Direction.WRITE, 4096, 0);
    SampleLog offsets = new SampleLog(LogKind.LATENCY, "job", 1, 0, false, true);
    offsets.add(0, 8412, Direction.TRIM, 4096, 61440);

    List<Path> files = LogFiles.write(run(List.of(plain, offsets)), folder);

    assertThat(files).containsExactly(at("job_clat.1.log"), at("job_lat.1.log"));
    assertThat(at("job_clat.1.log")).hasContent("0, 701, 0, 4096, 0\n1, 100, 1, 4096, 0\n");
    assertThat(at("job_lat.1.log")).hasContent("0, 8412, 2, 4096, 61440, 0\n");
  }

  @Test
  void logsOfOneNameShareAFileInTheOrderOfTime() throws IOException {
    SampleLog first = new SampleLog(LogKind.IOPS, "all", 0, 0, false, false);
    first.add(500, 1, Direction.READ, 0, 0);
    first.add(1000, 2, Direction.READ, 0, 0);
    SampleLog second = new SampleLog(LogKind.IOPS, "all", 0, 0, false, false);
    second.add(750, 3, Direction.READ, 0, 0);

    LogFiles.write(run(List.of(first, second)), folder);

    assertThat(at("all_iops.log"))
        .hasContent("500, 1, 0, 0, 0\n750, 3, 0, 0, 0\n1000, 2, 0, 0, 0\n");
  }

  @Test
  void aFileThatCannotBeWrittenIsNamed() {
    SampleLog log = new SampleLog(LogKind.IOPS, "no/such/folder", 1, 0, false, false);

    assertThatIOException()
        .isThrownBy(() -> LogFiles.write(run(List.of(log)), folder))
        .withMessageContaining("cannot write the log " + at("no/such/folder_iops.1.log"));
  }

  @Test
  void histogramsCanBeReadAgain() throws IOException {
    Path file = at("run.hlog");
    HistogramLog.write(SampleRun.result(), file);

    List<Histogram> read = new ArrayList<>();
    try (HistogramLogReader reader = new HistogramLogReader(file.toFile())) {
      for (EncodableHistogram next = reader.nextIntervalHistogram();
          next != null;
          next = reader.nextIntervalHistogram()) {
        read.add((Histogram) next);
      }
    }

    assertThat(read).hasSize(5 * 60 + 1);
    assertThat(read)
        .extracting(Histogram::getTag)
        .contains("record-write-intended", "record-write");
    long reads =
        read.stream()
            .filter(histogram -> histogram.getTag().equals("randrw-4k-qd32-read"))
            .mapToLong(Histogram::getTotalCount)
            .sum();
    JobResult mixed = SampleRun.result().jobs().get(1);
    assertThat(reads).isEqualTo(mixed.direction(Direction.READ).completion().exact().count());
    assertThat(Files.readString(file)).contains("#[StartTime: 1795248000.000");
  }

  @Test
  void histogramsBeginWhereTheRampEnds() throws IOException {
    Path file = at("ramp.hlog");
    BenchResult sample = SampleRun.result();
    JobResult job =
        sample.jobs().getFirst().toBuilder().measured(SampleRun.START.plusSeconds(3)).build();
    HistogramLog.write(
        new BenchResult(
            "1", sample.start(), sample.end(), Map.of(), List.of(), sample.drive(), List.of(job)),
        file);

    try (HistogramLogReader reader = new HistogramLogReader(file.toFile())) {
      EncodableHistogram first = reader.nextIntervalHistogram();
      assertThat(first.getStartTimeStamp())
          .isEqualTo(SampleRun.START.plusSeconds(3).toEpochMilli());
    }
  }

  private Path at(String name) {
    return folder.resolve(name);
  }

  private static BenchResult run(List<SampleLog> logs) {
    BenchResult sample = SampleRun.result();
    JobResult job = JobResult.builder("job", 0).logs(logs).build();
    return new BenchResult(
        "1", sample.start(), sample.end(), Map.of(), List.of(), sample.drive(), List.of(job));
  }
}
