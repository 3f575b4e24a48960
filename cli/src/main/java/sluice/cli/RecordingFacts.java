package sluice.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import sluice.recorder.Volume;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.LatencyBuckets;
import sluice.recorder.volume.Finding;
import sluice.recorder.volume.Repair;

/** What the catalogue knows of a recording, as JSON. */
final class RecordingFacts {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private RecordingFacts() {}

  static Map<String, Object> json(CatalogueEntry entry) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("number", entry.number());
    json.put("name", entry.name());
    json.put("uuid", entry.uuid().toString());
    json.put("state", state(entry));
    json.put("endReason", entry.endReason().name().toLowerCase(Locale.ROOT));
    json.put("opened", time(entry.openedNanos()).toString());
    json.put("closed", entry.closedNanos() == 0 ? null : time(entry.closedNanos()).toString());
    json.put("source", entry.source());
    json.put("header", entry.header());
    json.put("bytes", entry.totals().streamBytes());
    json.put("recordedBytes", entry.totals().recordedBytes());
    json.put("gaps", entry.totals().gaps());
    json.put("lostBytes", entry.totals().lostBytes());
    json.put("chunks", entry.totals().chunks());
    json.put("address", address(entry));
    json.put("length", entry.extents().stream().mapToLong(extent -> extent.bytes()).sum());
    json.put("extents", extents(entry));
    json.put("ringBytes", entry.ring().ringBytes());
    json.put("ringHighWaterBytes", entry.ring().highWaterBytes());
    json.put("pauses", entry.pauses().count());
    json.put("pauseThresholdNanos", entry.pauses().thresholdNanos());
    json.put("longestPauseNanos", entry.pauses().longestNanos());
    json.put("longestWriteNanos", entry.pauses().longestWriteNanos());
    json.put("writeLatencies", latencies(entry.pauses().latencies()));
    return json;
  }

  /** The histogram of write latencies: how many took from so many nanoseconds to below so many. */
  private static List<Map<String, Object>> latencies(LatencyBuckets buckets) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (int i = 0; i < LatencyBuckets.COUNT; i++) {
      if (buckets.count(i) > 0) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("fromNanos", i == 0 ? 0 : 1L << i);
        json.put("belowNanos", i == LatencyBuckets.COUNT - 1 ? null : 1L << (i + 1));
        json.put("writes", buckets.count(i));
        list.add(json);
      }
    }
    return list;
  }

  static List<Map<String, Object>> findings(List<Finding> findings) {
    return findings.stream()
        .map(finding -> {
          Map<String, Object> json = new LinkedHashMap<>();
          json.put("severity", finding.severity().name().toLowerCase(Locale.ROOT));
          json.put("where", finding.where());
          json.put("text", finding.text());
          return json;
        })
        .toList();
  }

  static List<Map<String, Object>> repairs(List<Repair> repairs) {
    return repairs.stream()
        .map(repair -> {
          Map<String, Object> json = new LinkedHashMap<>();
          json.put("action", repair.action().name().toLowerCase(Locale.ROOT));
          json.put("where", repair.where());
          json.put("text", repair.text());
          return json;
        })
        .toList();
  }

  /** That it is damaged, in a line: the first of it, and how much more there is; empty if not. */
  static String damage(Volume volume, List<Finding> findings) {
    List<Finding> damage = findings.stream().filter(Finding::isDamage).toList();
    if (damage.isEmpty()) {
      return "";
    }
    String more = damage.size() > 1 ? " (and %d more)".formatted(damage.size() - 1) : "";
    return volume.drive().name() + " is damaged: " + damage.getFirst() + more;
  }

  private static List<Map<String, Object>> extents(CatalogueEntry entry) {
    return entry.extents().stream()
        .map(extent -> {
          Map<String, Object> json = new LinkedHashMap<>();
          json.put("address", extent.address());
          json.put("bytes", extent.bytes());
          return json;
        })
        .toList();
  }

  /**
   * Whether it was closed before it was opened, by a clock that was set back meanwhile. One that
   * was set forward again, or not as far, is not seen in the catalogue.
   */
  static boolean clockWasSetBack(CatalogueEntry entry) {
    return entry.closedNanos() != 0 && entry.closedNanos() < entry.openedNanos();
  }

  /** The byte on the drive where its stream begins; 0 if it has none. */
  static long address(CatalogueEntry entry) {
    return entry.extents().isEmpty() ? 0 : entry.extents().getFirst().address();
  }

  static String state(CatalogueEntry entry) {
    return entry.state().name().toLowerCase(Locale.ROOT);
  }

  static Instant time(long nanos) {
    return Instant.ofEpochSecond(
        Math.floorDiv(nanos, NANOS_PER_SECOND), Math.floorMod(nanos, NANOS_PER_SECOND));
  }
}
