package sluice.bench.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import sluice.bench.result.Direction;
import sluice.bench.result.LatencyBins;
import sluice.bench.result.LogSink;
import sluice.bench.result.SampleLog;
import sluice.bench.result.Samples;

/** Keeps logs in memory, by their files' names. */
public final class KeptLogs implements LogSink {
  /** A line of a log. */
  public record Line(
      long timeMillis, long value, Direction direction, int blockBytes, long offsetBytes) {}

  private final Map<String, List<Line>> files = new LinkedHashMap<>();
  private final Map<String, List<LatencyBins>> histograms = new LinkedHashMap<>();

  @Override
  public Consumer<Samples> open(SampleLog log) {
    List<Line> lines = files.computeIfAbsent(log.fileName(), name -> new ArrayList<>());
    return samples -> {
      for (int i = 0; i < samples.size(); i++) {
        lines.add(
            new Line(
                samples.timeMillis(i),
                samples.value(i),
                samples.direction(i),
                samples.blockBytes(i),
                samples.offsetBytes(i)));
      }
    };
  }

  @Override
  public Consumer<LatencyBins> openHistograms(SampleLog log) {
    return histograms.computeIfAbsent(log.fileName(), name -> new ArrayList<>())::add;
  }

  public Map<String, List<LatencyBins>> histograms() {
    return histograms;
  }

  public Map<String, List<Line>> files() {
    return files;
  }
}
