package sluice.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.Interval;
import sluice.bench.result.JobInterval;
import sluice.bench.result.JobResult;
import sluice.bench.result.LogKind;
import sluice.bench.result.LogSink;
import sluice.bench.result.Rounds;
import sluice.bench.result.SampleLog;
import sluice.bench.result.Samples;

class LogFilesTest {
  @TempDir Path folder;

  @Test
  void linesAreThoseOfFio() throws IOException {
    LogFiles logs = new LogFiles(folder, null);
    Consumer<Samples> plain = logs.open(new SampleLog(LogKind.COMPLETION, "job", 1, false));
    Consumer<Samples> offsets = logs.open(new SampleLog(LogKind.LATENCY, "job", 1, true));
    Samples samples = new Samples(2);
    samples.add(0, 701, Direction.READ, 4096, 8192);
    samples.add(1, 100, Direction.WRITE, 4096, 0);
    plain.accept(samples);
    // What is written can be read while the run goes on.
    assertThat(at("job_clat.1.log")).hasContent("0, 701, 0, 4096, 0\n1, 100, 1, 4096, 0\n");
    samples.clear();
    samples.add(0, 8412, Direction.TRIM, 4096, 61440);
    offsets.accept(samples);
    assertThat(logs.paths()).containsExactly(at("job_clat.1.log"), at("job_lat.1.log"));
    logs.close();

    assertThat(at("job_lat.1.log")).hasContent("0, 8412, 2, 4096, 61440, 0\n");
  }

  @Test
  void logsOfOneNameShareAFileInTheOrderOfTime() throws IOException {
    LogFiles logs = new LogFiles(folder, null);
    SampleLog all = new SampleLog(LogKind.IOPS, "all", 0, false);
    Consumer<Samples> first = logs.open(all);
    Consumer<Samples> second = logs.open(all);
    Consumer<Samples> third = logs.open(all);
    write(first, 500, 1);
    write(second, 750, 3);
    write(first, 1000, 2);
    write(second, 1000, 4);
    logs.close();

    assertThat(third).isNotNull();
    assertThat(at("all_iops.log"))
        .hasContent("500, 1, 0, 0, 0\n750, 3, 0, 0, 0\n1000, 2, 0, 0, 0\n1000, 4, 0, 0, 0\n");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactly(at("all_iops.log"));
    }
  }

  private static void write(Consumer<Samples> log, long millis, long value) {
    Samples samples = new Samples(1);
    samples.add(millis, value, Direction.READ, 0, 0);
    log.accept(samples);
  }

  @Test
  void aFileThatCannotBeOpenedIsNamed() throws IOException {
    try (LogFiles logs = new LogFiles(folder, null)) {
      assertThatIOException()
          .isThrownBy(() -> logs.open(new SampleLog(LogKind.IOPS, "no/such/folder", 1, false)))
          .withMessageContaining("cannot write the log " + at("no/such/folder_iops.1.log"));
    }
  }

  /** The run goes on, and its report is not lost. */
  @Test
  void whatCannotBeWrittenAnyMoreIsToldAtTheEnd() throws IOException {
    Files.createSymbolicLink(at("full_iops.1.log"), Path.of("/dev/full"));
    LogFiles logs = new LogFiles(folder, null);
    Consumer<Samples> log = logs.open(new SampleLog(LogKind.IOPS, "full", 1, false));
    write(log, 1, 1);
    write(log, 2, 2);
    assertThatIOException()
        .isThrownBy(logs::close)
        .withMessageStartingWith("cannot write the log " + at("full_iops.1.log") + ": ")
        .withMessageContaining("No space left");
    Files.delete(at("full_iops.1.log"));
  }

  /** As of a run with {@code --rounds}: the report is that of one. */
  @Test
  void ofSeveralRoundsTheLogsOfTheOneThatIsShownAreKept() throws IOException {
    Files.writeString(at("a_iops.1.log"), "of before");
    LogFiles logs = new LogFiles(folder, at("r.hlog"));
    BenchResult sample = SampleRun.result();
    for (int round = 1; round <= 3; round++) {
      LogSink sink = logs.round(round);
      Consumer<Samples> log = sink.open(new SampleLog(LogKind.IOPS, "a", 1, false));
      sink.begin(sample.start().plusSeconds(round), sample.drives());
      write(log, 5, round);
    }
    assertThat(at("a_iops.1.log")).hasContent("of before");
    Rounds rounds = new Rounds(3, 2, List.of());
    logs.finish(sample.withRounds(rounds, false, List.of()));
    logs.close();

    assertThat(at("a_iops.1.log")).hasContent("5, 2, 0, 0, 0\n");
    assertThat(at("r.hlog")).content().contains("[StartTime: 1795248002.000");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactlyInAnyOrder(at("a_iops.1.log"), at("r.hlog"));
    }
  }

  @Test
  void histogramsCanBeReadAgain() throws IOException {
    Path file = at("run.hlog");
    write(SampleRun.result(), file);

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
    write(
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

  /** As a run does it, second by second. */
  private void write(BenchResult result, Path file) throws IOException {
    LogFiles logs = new LogFiles(folder, file);
    assertThat(logs.wantsIntervals()).isTrue();
    logs.begin(result.start(), result.drives());
    for (JobResult job : result.jobs()) {
      for (Direction way : Direction.values()) {
        for (Interval interval : job.direction(way).intervals()) {
          logs.interval(new JobInterval(job.name(), way, job.measured(), interval));
        }
      }
    }
    logs.finish(result);
    logs.close();
  }
}
