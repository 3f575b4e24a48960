package sluice.bench.report;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.bench.result.BenchResult;
import sluice.bench.result.JobResult;
import sluice.bench.result.SampleLog;

/**
 * Writes fio's log files: a line per sample with time in ms, value, direction (0 read, 1 write, 2
 * trim), block size, the offset where it was asked for, and a priority, which is 0 here.
 */
public final class LogFiles {
  private LogFiles() {}

  /**
   * Writes the logs of all jobs, each over a file that may be there from before. Logs of one name
   * (of {@code per_job_logs=0}) share a file, in the order of their times.
   *
   * @param folder where names begin that are not absolute
   * @return the files in the order of the jobs
   * @throws IOException when one cannot be written; its message names the file
   */
  public static List<Path> write(BenchResult result, Path folder) throws IOException {
    Map<Path, List<SampleLog>> files = new LinkedHashMap<>();
    for (JobResult job : result.jobs()) {
      for (SampleLog log : job.logs()) {
        files.computeIfAbsent(folder.resolve(log.fileName()), name -> new ArrayList<>()).add(log);
      }
    }
    for (Map.Entry<Path, List<SampleLog>> file : files.entrySet()) {
      try (BufferedWriter out = Files.newBufferedWriter(file.getKey())) {
        write(file.getValue(), out);
      } catch (IOException e) {
        throw new IOException("cannot write the log " + file.getKey() + ": " + e.getMessage(), e);
      }
    }
    return List.copyOf(files.keySet());
  }

  private static void write(List<SampleLog> logs, BufferedWriter out) throws IOException {
    if (logs.size() == 1) {
      SampleLog log = logs.getFirst();
      for (int i = 0; i < log.size(); i++) {
        out.write(line(log, i));
      }
      return;
    }
    record Sample(SampleLog log, int index) {
      long time() {
        return log.timeMillis(index);
      }
    }
    List<Sample> samples = new ArrayList<>();
    for (SampleLog log : logs) {
      for (int i = 0; i < log.size(); i++) {
        samples.add(new Sample(log, i));
      }
    }
    samples.sort(Comparator.comparingLong(Sample::time));
    for (Sample sample : samples) {
      out.write(line(sample.log(), sample.index()));
    }
  }

  private static String line(SampleLog log, int index) {
    String offset = log.hasOffsets() ? log.offsetBytes(index) + ", " : "";
    return log.timeMillis(index)
        + ", "
        + log.value(index)
        + ", "
        + log.direction(index).number()
        + ", "
        + log.blockBytes(index)
        + ", "
        + offset
        + "0\n";
  }
}
