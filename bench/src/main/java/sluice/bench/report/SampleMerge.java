package sluice.bench.report;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Makes one log of several, in the order of their times; holds a line of each. */
final class SampleMerge {
  private SampleMerge() {}

  /** A log that is read, at a line of it. */
  private static final class Source {
    private final BufferedReader in;
    private final int number;
    private String line;
    private long time;

    Source(BufferedReader in, int number) {
      this.in = in;
      this.number = number;
    }

    boolean next() throws IOException {
      line = in.readLine();
      if (line == null) {
        return false;
      }
      time = Long.parseLong(line, 0, line.indexOf(','), 10);
      return true;
    }
  }

  /**
   * @param logs each in the order of its times, as {@link LogFiles} has written them
   */
  static void of(List<Path> logs, Path whole) throws IOException {
    PriorityQueue<Source> sources =
        new PriorityQueue<>(
            Comparator.comparingLong((Source source) -> source.time)
                .thenComparingInt(source -> source.number));
    List<BufferedReader> readers = new ArrayList<>();
    try (BufferedWriter out = Files.newBufferedWriter(whole)) {
      for (Path log : logs) {
        BufferedReader reader = Files.newBufferedReader(log);
        readers.add(reader);
        Source source = new Source(reader, readers.size());
        if (source.next()) {
          sources.add(source);
        }
      }
      for (Source next = sources.poll(); next != null; next = sources.poll()) {
        out.append(next.line).append('\n');
        if (next.next()) {
          sources.add(next);
        }
      }
    } finally {
      for (BufferedReader reader : readers) {
        reader.close();
      }
    }
  }
}
