package sluice.bench.report;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DriveInfo;
import sluice.bench.result.JobInterval;
import sluice.bench.result.JobResult;
import sluice.bench.result.LatencyResult;

/**
 * Writes latencies as HdrHistogram's log ({@code .hlog}), which its tools plot, while a run goes
 * on: a tag per job and direction, {@code NAME-read}, with a histogram per second; and at the end
 * {@code NAME-read-intended}, the whole job's latencies from the intended issue, where the job was
 * paced. Values are nanoseconds, maxima in the log are milliseconds.
 */
final class HistogramLog implements AutoCloseable {
  private static final double NANOS_PER_MILLI = 1e6;

  private final Path file;
  private final PrintStream out;
  private final HistogramLogWriter writer;
  private final long base;

  /**
   * Opens the log over what may be in the file.
   *
   * @throws IOException when it cannot be written; its message names the file
   */
  HistogramLog(Path file, Instant start, List<DriveInfo> drives) throws IOException {
    this.file = file;
    try {
      out =
          new PrintStream(
              new BufferedOutputStream(Files.newOutputStream(file)), false, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IOException("cannot write " + file + ": " + RoundFiles.reason(e), e);
    }
    writer = new HistogramLogWriter(out);
    base = start.toEpochMilli();
    writer.outputComment(
        "[Latencies of "
            + drives.stream().map(DriveInfo::address).collect(Collectors.joining(", "))
            + ", in nanoseconds]");
    writer.outputLogFormatVersion();
    writer.outputStartTime(base);
    writer.setBaseTime(base);
    writer.outputLegend();
  }

  void add(JobInterval second) {
    if (second.interval().ios() > 0) {
      write(
          second.interval().latency(),
          tag(second.job(), second.direction()),
          second.measured(),
          second.interval().startMillis(),
          second.interval().endMillis());
    }
  }

  /** Adds what is known of whole jobs only. */
  void finish(BenchResult result) {
    for (JobResult job : result.jobs()) {
      for (Direction direction : Direction.values()) {
        LatencyResult intended = job.direction(direction).intended();
        if (!intended.isEmpty()) {
          write(
              intended.histogram(),
              tag(job.name(), direction) + "-intended",
              job.measured(),
              0,
              job.runtimeMillis());
        }
      }
    }
  }

  private static String tag(String job, Direction direction) {
    return (job + "-" + direction.lowerCase()).replaceAll("[\\s,]", "_");
  }

  private void write(
      Histogram histogram, String tag, Instant measured, long startMillis, long endMillis) {
    double start = (measured.toEpochMilli() - base) / 1e3;
    Histogram tagged = histogram.copy();
    tagged.setTag(tag);
    writer.outputIntervalHistogram(
        start + startMillis / 1e3, start + endMillis / 1e3, tagged, NANOS_PER_MILLI);
  }

  /**
   * @throws IOException if it could not be written as it should have been
   */
  @Override
  public void close() throws IOException {
    out.close();
    if (out.checkError()) {
      throw new IOException("cannot write " + file + ": writing failed");
    }
  }
}
