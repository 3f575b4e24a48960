package sluice.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gaps that were passed when a recording was played: the first ones in full, all of them counted.
 */
final class GapList {
  private static final int LISTED = 20;

  /** A gap: its stream offset and its bytes. */
  private record Gap(long offset, long bytes) {}

  private final List<Gap> listed = new ArrayList<>();
  private long count;
  private long bytes;

  void add(long offset, long length) {
    if (listed.size() < LISTED) {
      listed.add(new Gap(offset, length));
    }
    count++;
    bytes += length;
  }

  long count() {
    return count;
  }

  long bytes() {
    return bytes;
  }

  /** A line for each, and one for those that are not listed. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (Gap gap : listed) {
      lines.add("gap: %d bytes lost at stream offset %d".formatted(gap.bytes, gap.offset));
    }
    if (count > listed.size()) {
      lines.add("and %d more gaps".formatted(count - listed.size()));
    }
    return lines;
  }

  List<Map<String, Object>> json() {
    List<Map<String, Object>> list = new ArrayList<>();
    for (Gap gap : listed) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("offset", gap.offset);
      json.put("bytes", gap.bytes);
      list.add(json);
    }
    return list;
  }
}
