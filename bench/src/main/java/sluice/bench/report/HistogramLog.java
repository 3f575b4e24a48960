package sluice.bench.report;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.Interval;
import sluice.bench.result.JobResult;
import sluice.bench.result.LatencyResult;

/**
 * Writes latencies as HdrHistogram's log ({@code .hlog}), which its tools plot: a tag per job and
 * direction, {@code NAME-read}, with a histogram per interval; and {@code NAME-read-intended}, the
 * whole job's latencies from the intended issue, where the job was paced. Values are nanoseconds,
 * maxima in the log are milliseconds.
 */
public final class HistogramLog {
  private static final double NANOS_PER_MILLI = 1e6;

  private HistogramLog() {}

  /**
   * Writes the log over what may be in the file.
   *
   * @throws IOException when it cannot be written; its message names the file
   */
  public static void write(BenchResult result, Path file) throws IOException {
    List<Histogram> histograms = new ArrayList<>();
    for (JobResult job : result.jobs()) {
      for (Direction direction : Direction.values()) {
        addAll(job, direction, histograms);
      }
    }
    histograms.sort(Comparator.comparingLong(Histogram::getStartTimeStamp));
    long base = result.start().toEpochMilli();
    try (PrintStream out =
        new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8)) {
      HistogramLogWriter writer = new HistogramLogWriter(out);
      writer.outputComment("[Latencies of " + result.drive().address() + ", in nanoseconds]");
      writer.outputLogFormatVersion();
      writer.outputStartTime(base);
      writer.setBaseTime(base);
      writer.outputLegend();
      for (Histogram histogram : histograms) {
        writer.outputIntervalHistogram(
            (histogram.getStartTimeStamp() - base) / 1e3,
            (histogram.getEndTimeStamp() - base) / 1e3,
            histogram,
            NANOS_PER_MILLI);
      }
      if (out.checkError()) {
        throw new IOException("writing failed");
      }
    } catch (IOException e) {
      throw new IOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  private static void addAll(JobResult job, Direction direction, List<Histogram> histograms) {
    DirectionResult result = job.direction(direction);
    String tag = (job.name() + "-" + direction.lowerCase()).replaceAll("[\\s,]", "_");
    for (Interval interval : result.intervals()) {
      if (interval.ios() > 0) {
        histograms.add(
            tagged(interval.latency(), tag, job, interval.startMillis(), interval.endMillis()));
      }
    }
    if (result.intervals().isEmpty()) {
      addWhole(result.completion(), tag, job, result.runtimeMillis(), histograms);
    }
    addWhole(result.intended(), tag + "-intended", job, result.runtimeMillis(), histograms);
  }

  private static void addWhole(
      LatencyResult latency,
      String tag,
      JobResult job,
      long runtimeMillis,
      List<Histogram> histograms) {
    if (!latency.isEmpty()) {
      histograms.add(tagged(latency.histogram(), tag, job, 0, runtimeMillis));
    }
  }

  private static Histogram tagged(
      Histogram histogram, String tag, JobResult job, long startMillis, long endMillis) {
    long start = job.measured().toEpochMilli();
    Histogram copy = histogram.copy();
    copy.setTag(tag);
    copy.setStartTimeStamp(start + startMillis);
    copy.setEndTimeStamp(start + endMillis);
    return copy;
  }
}
