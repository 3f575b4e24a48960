package sluice.bench.report;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import sluice.bench.result.BenchResult;
import sluice.bench.result.DriveInfo;
import sluice.bench.result.JobInterval;
import sluice.bench.result.LatencyBins;
import sluice.bench.result.LogSink;
import sluice.bench.result.SampleLog;
import sluice.bench.result.Samples;

/**
 * Writes fio's log files while a run goes on, and HdrHistogram's, over files that may be there from
 * before. Of several rounds each has files of its own, {@code NAME.round-1} and so on; in the end
 * those of the round that is shown have the names, and the others are removed.
 */
public final class LogFiles implements LogSink, AutoCloseable {
  private final Path folder;
  private final Path histograms;
  private final List<RoundFiles> rounds = new ArrayList<>();

  /** From 1; 0 for the last. */
  private int shown;

  /**
   * @param folder where names begin that are not absolute
   * @param histograms the file of HdrHistogram's log; null for none
   */
  public LogFiles(Path folder, Path histograms) {
    this.folder = folder;
    this.histograms = histograms;
  }

  @Override
  public LogSink round(int number) {
    if (!rounds.isEmpty()) {
      rounds.getLast().endLogs();
    }
    rounds.add(new RoundFiles(folder, histograms, "round-" + number));
    return rounds.getLast();
  }

  /** That of a run without rounds. */
  private RoundFiles only() {
    if (rounds.isEmpty()) {
      rounds.add(new RoundFiles(folder, histograms, ""));
    }
    return rounds.getLast();
  }

  @Override
  public Consumer<Samples> open(SampleLog log) throws IOException {
    return only().open(log);
  }

  @Override
  public Consumer<LatencyBins> openHistograms(SampleLog log) throws IOException {
    return only().openHistograms(log);
  }

  @Override
  public boolean wantsIntervals() {
    return histograms != null;
  }

  @Override
  public void begin(Instant start, List<DriveInfo> drives) throws IOException {
    only().begin(start, drives);
  }

  @Override
  public void interval(JobInterval interval) {
    only().interval(interval);
  }

  /** The log files' paths, in the order of the jobs. */
  public List<Path> paths() {
    return rounds.isEmpty() ? List.of() : rounds.getFirst().paths();
  }

  /** Writes what is known only when the run is over. */
  public void finish(BenchResult result) {
    shown = result.rounds().shown();
    if (!rounds.isEmpty()) {
      kept().finish(result);
    }
  }

  private RoundFiles kept() {
    return shown == 0 ? rounds.getLast() : rounds.get(shown - 1);
  }

  /**
   * Ends all files.
   *
   * @throws IOException if one could not be written as it should have been; its message says which
   */
  @Override
  public void close() throws IOException {
    if (rounds.isEmpty()) {
      return;
    }
    RoundFiles kept = kept();
    rounds.remove(kept);
    try {
      kept.keep();
    } finally {
      for (RoundFiles other : rounds) {
        other.drop();
      }
      rounds.clear();
    }
  }
}
