package sluice.virtual.personality;

import java.util.List;

/**
 * What a virtual drive is like to live with: how fast, how steady, how warm, how reliable. Times
 * are in nanoseconds, rates in bytes per second; 0 is none of it.
 *
 * @param latency how long a command takes at the least
 * @param bandwidth how much data moves per second
 * @param pause how long the drive stops now and then: no command completes
 * @param every how often it stops, from start to start
 * @param jitter by which part the time between pauses varies, 0 to 1
 * @param seed of the jitter
 * @param cliff how many bytes of writes go at full speed, until the cache is full
 * @param after the rate of writes then, and the rate at which an idle drive empties its cache
 * @param temperatureKelvin the composite temperature
 * @param warningKelvin WCTEMP
 * @param criticalKelvin CCTEMP
 * @param faults what goes wrong
 */
public record Personality(
    long latency,
    long bandwidth,
    long pause,
    long every,
    double jitter,
    long seed,
    long cliff,
    long after,
    int temperatureKelvin,
    int warningKelvin,
    int criticalKelvin,
    List<Fault> faults) {
  static final int ZERO_CELSIUS = 273;

  /** As fast as it gets, steady, cool and without faults. */
  public static final Personality PLAIN =
      new Personality(
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          ZERO_CELSIUS + 30,
          ZERO_CELSIUS + 70,
          ZERO_CELSIUS + 80,
          List.of());

  public Personality {
    faults = List.copyOf(faults);
  }

  /** The same as fast as it gets, for a drive whose media is slow instead. */
  public Personality untimed() {
    return new Personality(
        0, 0, 0, 0, 0, 0, 0, 0, temperatureKelvin, warningKelvin, criticalKelvin, faults);
  }

  /** Whether completions depend on the clock. */
  public boolean isTimed() {
    return latency > 0 || bandwidth > 0 || pause > 0 || cliff > 0;
  }
}
