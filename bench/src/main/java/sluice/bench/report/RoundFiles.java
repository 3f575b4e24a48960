package sluice.bench.report;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import sluice.bench.result.BenchResult;
import sluice.bench.result.DriveInfo;
import sluice.bench.result.JobInterval;
import sluice.bench.result.LatencyBins;
import sluice.bench.result.LogSink;
import sluice.bench.result.SampleLog;
import sluice.bench.result.Samples;

/**
 * The log files of one round: a line per sample with time in ms, value, direction (0 read, 1 write,
 * 2 trim), block size, the offset where it was asked for, and a priority, which is 0 here; or per
 * histogram with time, direction, block size and the count of each bin. And HdrHistogram's log, if
 * it is wanted.
 *
 * <p>Files that are there from before are written over. Logs of one name (of {@code
 * per_job_logs=0}) share a file in the end, in the order of their times; until then all but the
 * first have files {@code NAME.2.part} and so on beside it.
 */
final class RoundFiles implements LogSink {
  private final Path folder;
  private final Path histogramFile;
  private final String suffix;
  private final Map<Path, List<Part>> files = new LinkedHashMap<>();

  /** Null if none is wanted, and before the run begins. */
  private HistogramLog histograms;

  private IOException failure;

  /** One job's part of a file. */
  private final class Part {
    final Path path;
    final boolean hasOffsets;
    private final BufferedWriter out;
    private final StringBuilder text = new StringBuilder();
    private boolean fails;

    Part(Path path, boolean hasOffsets) throws IOException {
      this.path = path;
      this.hasOffsets = hasOffsets;
      this.out = Files.newBufferedWriter(path);
    }

    void write(Samples samples) {
      text.setLength(0);
      for (int i = 0; i < samples.size(); i++) {
        text.append(samples.timeMillis(i))
            .append(", ")
            .append(samples.value(i))
            .append(", ")
            .append(samples.direction(i).number())
            .append(", ")
            .append(samples.blockBytes(i));
        if (hasOffsets) {
          text.append(", ").append(samples.offsetBytes(i));
        }
        text.append(", 0\n");
      }
      write();
    }

    void write(LatencyBins bins) {
      text.setLength(0);
      text.append(bins.endMillis())
          .append(", ")
          .append(bins.direction().number())
          .append(", ")
          .append(bins.blockBytes());
      for (int bin = 0; bin < bins.size(); bin++) {
        text.append(", ").append(bins.count(bin));
      }
      text.append('\n');
      write();
    }

    private void write() {
      if (!fails) {
        try {
          out.append(text).flush();
        } catch (IOException e) {
          fails = true;
          fail(path, e);
        }
      }
    }

    void close() {
      try {
        out.close();
      } catch (IOException e) {
        fail(path, e);
      }
    }
  }

  /**
   * @param folder where names begin that are not absolute
   * @param histograms the file of HdrHistogram's log; null for none
   * @param suffix what is behind the names until {@link #keep}; empty for nothing
   */
  RoundFiles(Path folder, Path histograms, String suffix) {
    this.folder = folder;
    this.histogramFile = histograms;
    this.suffix = suffix;
  }

  @Override
  public Consumer<Samples> open(SampleLog log) throws IOException {
    return openPart(log)::write;
  }

  @Override
  public Consumer<LatencyBins> openHistograms(SampleLog log) throws IOException {
    return openPart(log)::write;
  }

  private Part openPart(SampleLog log) throws IOException {
    Path file = folder.resolve(log.fileName());
    List<Part> parts = files.computeIfAbsent(file, path -> new ArrayList<>());
    Path first = now(file);
    Path path = parts.isEmpty() ? first : beside(first, (parts.size() + 1) + ".part");
    try {
      Part part = new Part(path, log.hasOffsets());
      parts.add(part);
      return part;
    } catch (IOException e) {
      throw cannot(path, e);
    }
  }

  /** Where a file is for now. */
  private Path now(Path file) {
    return suffix.isEmpty() ? file : beside(file, suffix);
  }

  private static Path beside(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + "." + suffix);
  }

  @Override
  public boolean wantsIntervals() {
    return histogramFile != null;
  }

  @Override
  public void begin(Instant start, List<DriveInfo> drives) throws IOException {
    if (histogramFile != null) {
      histograms = new HistogramLog(now(histogramFile), start, drives);
    }
  }

  @Override
  public void interval(JobInterval interval) {
    if (histograms != null) {
      histograms.add(interval);
    }
  }

  /** The log files' names in the end, in the order of the jobs. */
  List<Path> paths() {
    return List.copyOf(files.keySet());
  }

  /** Writes what is known only when the run is over. */
  void finish(BenchResult result) {
    if (histograms != null) {
      histograms.finish(result);
    }
  }

  /** Ends all logs; nothing comes for them any more. */
  void endLogs() {
    files.forEach((file, parts) -> {
      parts.forEach(Part::close);
      joinParts(now(file), parts);
      parts.clear();
    });
  }

  /**
   * Ends all files, and gives them their names.
   *
   * @throws IOException if one could not be written as it should have been; its message says which
   */
  void keep() throws IOException {
    end();
    for (Path file : all()) {
      if (!suffix.isEmpty()) {
        try {
          Files.move(now(file), file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
          fail(file, e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * Ends all files, and removes them.
   *
   * @throws IOException if one cannot be removed
   */
  void drop() throws IOException {
    end();
    for (Path file : all()) {
      Files.deleteIfExists(now(file));
    }
  }

  private void end() {
    endLogs();
    if (histograms != null) {
      try {
        histograms.close();
      } catch (IOException e) {
        failure = failure == null ? e : failure;
      }
    }
  }

  private List<Path> all() {
    List<Path> all = new ArrayList<>(files.keySet());
    if (histograms != null) {
      all.add(histogramFile);
    }
    return all;
  }

  private void joinParts(Path file, List<Part> parts) {
    if (parts.size() < 2) {
      return;
    }
    Path whole = beside(file, "part");
    List<Path> paths = parts.stream().map(part -> part.path).toList();
    try {
      SampleMerge.of(paths, whole);
      Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING);
      for (Path path : paths.subList(1, paths.size())) {
        Files.delete(path);
      }
    } catch (IOException e) {
      fail(file, e);
    }
  }

  private void fail(Path path, IOException e) {
    if (failure == null) {
      failure = cannot(path, e);
    }
  }

  private static IOException cannot(Path path, IOException e) {
    return new IOException("cannot write the log " + path + ": " + reason(e), e);
  }

  /** Why a file cannot be written, as the end of a sentence. */
  static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "there is no such folder";
      case AccessDeniedException _ -> "that is not allowed";
      case FileSystemException f when f.getReason() != null -> f.getReason();
      default -> e.getMessage();
    };
  }
}
