package sluice.bench.result;

import java.util.HashMap;
import java.util.Map;

/**
 * Tells jobs of the same name apart, by their order: the second {@code a} is {@code a#2}. Where
 * that is a job's own name already, the next number that is free is taken.
 */
public final class JobNames {
  private final Map<String, Integer> seen = new HashMap<>();

  /** The next job's name. */
  public String unique(String name) {
    int number = seen.merge(name, 1, Integer::sum);
    if (number == 1) {
      return name;
    }
    String unique = name + "#" + number;
    return seen.containsKey(unique) ? unique(name) : unique(unique);
  }
}
