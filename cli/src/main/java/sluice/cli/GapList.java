package sluice.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import picocli.CommandLine.Option;
import sluice.recorder.Gap;
import sluice.recorder.GapReader;
import sluice.recorder.Recording;

/**
 * The gaps of a recording: the first ones that were passed when it was played, all of them counted;
 * and the list of all of them, which is read from the drive as it is written out, so that it may be
 * as long as it likes.
 */
final class GapList {
  private static final int LISTED = 20;

  /** The option to list all gaps in text; JSON has them anyway. */
  static final class Wanted {
    @Option(
        names = "--list-gaps",
        description =
            "List every gap: its stream offset, its bytes and when it began. JSON does so anyway.")
    private boolean all;

    boolean isWanted() {
      return all;
    }
  }

  /** A gap that was passed: its stream offset and its bytes, and whether they are an estimate. */
  private record Passed(long offset, long bytes, boolean isEstimate) {}

  private final List<Passed> first = new ArrayList<>();
  private long count;
  private long bytes;
  private long estimatedBytes;

  void add(long offset, long length, boolean isEstimate) {
    if (first.size() < LISTED) {
      first.add(new Passed(offset, length, isEstimate));
    }
    count++;
    bytes += length;
    estimatedBytes += isEstimate ? length : 0;
  }

  long count() {
    return count;
  }

  long bytes() {
    return bytes;
  }

  /** Bytes in those whose size is an estimate. */
  long estimatedBytes() {
    return estimatedBytes;
  }

  /** A line for each of the first, and one for those that are not listed. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (Passed gap : first) {
      lines.add(line(gap.bytes, gap.isEstimate, gap.offset));
    }
    if (count > first.size()) {
      lines.add("and %d more gaps; --list-gaps lists all".formatted(count - first.size()));
    }
    return lines;
  }

  /** The first of them, as JSON. */
  List<Map<String, Object>> firstAsJson() {
    return first.stream()
        .map(gap -> {
          Map<String, Object> json = new LinkedHashMap<>();
          json.put("offset", gap.offset);
          json.put("bytes", gap.bytes);
          json.put("estimated", gap.isEstimate);
          return json;
        })
        .toList();
  }

  private static String line(long bytes, boolean isEstimate, long offset) {
    return "gap: %s%d bytes lost at stream offset %d"
        .formatted(isEstimate ? "about " : "", bytes, offset);
  }

  /** Prints a line for each gap of a part of a recording. */
  static void print(Recording recording, long from, long to, PrintStream out) {
    all(recording, from, to)
        .forEach(gap ->
            out.println(
                line(gap.bytes(), gap.isEstimate(), gap.streamOffset())
                    + ", "
                    + RecordingFacts.time(gap.timeNanos())));
  }

  /** Bytes in those gaps of a recording whose size is an estimate. */
  static long estimatedBytes(Recording recording) {
    long bytes = 0;
    if (recording.gaps() > 0) {
      for (Gap gap : all(recording, 0, Long.MAX_VALUE)) {
        bytes += gap.isEstimate() ? gap.bytes() : 0;
      }
    }
    return bytes;
  }

  /** All gaps of a recording, as JSON. */
  static Iterable<Map<String, Object>> json(Recording recording) {
    return json(recording, 0, Long.MAX_VALUE);
  }

  /**
   * The gaps of a part of a recording, as JSON.
   *
   * @param from the stream offset of the part's first byte
   * @param to the stream offset behind its last
   */
  static Iterable<Map<String, Object>> json(Recording recording, long from, long to) {
    if (recording.gaps() == 0) {
      return List.of();
    }
    Iterable<Gap> gaps = all(recording, from, to);
    return () -> {
      Iterator<Gap> iterator = gaps.iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return iterator.hasNext();
        }

        @Override
        public Map<String, Object> next() {
          Gap gap = iterator.next();
          Map<String, Object> json = new LinkedHashMap<>();
          json.put("offset", gap.streamOffset());
          json.put("bytes", gap.bytes());
          json.put("estimated", gap.isEstimate());
          json.put("time", RecordingFacts.time(gap.timeNanos()).toString());
          return json;
        }
      };
    };
  }

  private static Iterable<Gap> all(Recording recording, long from, long to) {
    return () -> new Walk(recording, from, to);
  }

  /** From the drive, one at a time; what lies over the part's ends is cut off. */
  private static final class Walk implements Iterator<Gap> {
    private final long from;
    private final long to;
    private GapReader reader;
    private Gap next;

    Walk(Recording recording, long from, long to) {
      this.from = from;
      this.to = to;
      this.reader = recording.openGaps();
    }

    @Override
    public boolean hasNext() {
      while (next == null && reader != null) {
        Gap gap = reader.next();
        if (gap == null || gap.streamOffset() >= to) {
          reader.close();
          reader = null;
        } else if (gap.streamOffset() + gap.bytes() > from) {
          long begin = Math.max(from, gap.streamOffset());
          long end = Math.min(to, gap.streamOffset() + gap.bytes());
          next = new Gap(begin, end - begin, gap.isEstimate(), gap.timeNanos());
        }
      }
      return next != null;
    }

    @Override
    public Gap next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Gap gap = next;
      next = null;
      return gap;
    }
  }
}
