package sluice.bench.report;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The keys and types of a JSON report, in order, without what fio 3.33 does not write. */
public final class KeyTree {
  /** {@code job_start} came with fio 3.36; {@code disk_util} is written for real drives only. */
  private static final Set<String> NOT_FIOS = Set.of("sluice", "job_start", "disk_util");

  private KeyTree() {}

  /** One line per key: its path and its type. Bins are left out: their keys are measured values. */
  public static List<String> of(String json) throws IOException {
    List<String> lines = new ArrayList<>();
    walk("", JSON.std.mapFrom(json), lines, new LinkedHashMap<>());
    return lines;
  }

  /** All values by their paths. */
  public static Map<String, Object> leaves(Map<String, Object> json) {
    Map<String, Object> leaves = new TreeMap<>();
    walk("", json, new ArrayList<>(), leaves);
    return leaves;
  }

  private static void walk(
      String path, Object node, List<String> lines, Map<String, Object> leaves) {
    switch (node) {
      case Map<?, ?> map ->
          map.forEach((key, value) -> {
            if (!NOT_FIOS.contains(key)) {
              String child = path + "/" + key;
              lines.add(child + " " + type(value));
              if (!key.equals("bins")) {
                walk(child, value, lines, leaves);
              }
            }
          });
      case List<?> list -> {
        for (int i = 0; i < list.size(); i++) {
          walk(path + "[" + i + "]", list.get(i), lines, leaves);
        }
      }
      default -> leaves.put(path, node);
    }
  }

  private static String type(Object value) {
    return switch (value) {
      case Map<?, ?> map -> "object";
      case List<?> list -> "array";
      case String text -> "text";
      case Double real -> "real";
      case Number number -> "integer";
      default -> value.getClass().getSimpleName();
    };
  }
}
