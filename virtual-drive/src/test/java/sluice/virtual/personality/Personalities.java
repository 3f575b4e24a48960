package sluice.virtual.personality;

import java.util.HashMap;
import java.util.Map;

/** Personalities for tests, as a user would write them. */
public final class Personalities {
  private Personalities() {}

  /** From {@code "pause=50ms&every=2s"}. */
  public static Personality of(String options) {
    Map<String, String> map = new HashMap<>();
    for (String option : options.split("&")) {
      String[] parts = option.split("=", 2);
      map.put(parts[0], parts[1]);
    }
    return PersonalityOptions.parse(map);
  }

  public static Personality latency(long nanos) {
    return of("latency=" + nanos + "ns");
  }
}
