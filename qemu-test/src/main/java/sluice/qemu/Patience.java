package sluice.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * How long to wait for something that takes a known time on a quiet machine, and longer on a busy
 * one: whoever waits for another process says how long that may take on a quiet machine, and gets
 * as many times that as there are threads that want a processor for each processor. What hangs is
 * given up all the same.
 *
 * <p>The machine is looked at when the time on a quiet one is up, so waits that end cost nothing.
 * Not thread-safe.
 */
public final class Patience {
  /**
   * The system property that says how many times as long as on a quiet machine everything takes at
   * least: what runs in a guest does not see how busy the machine around it is.
   */
  public static final String PROPERTY = "sluice.pace";

  private static final Path LOAD = Path.of("/proc/loadavg");

  /** Where a machine is busier than this, something else is wrong. */
  private static final double MOST = 20;

  private final LongSupplier clock;
  private final DoubleSupplier pace;
  private final long quiet;
  private final long start;
  private long limit;

  /**
   * Begins to wait.
   *
   * @param quiet how long it may take on a quiet machine
   */
  public Patience(Duration quiet) {
    this(quiet, System::nanoTime, Patience::pace);
  }

  Patience(Duration quiet, LongSupplier clock, DoubleSupplier pace) {
    this.quiet = quiet.toNanos();
    this.clock = clock;
    this.pace = pace;
    start = clock.getAsLong();
    limit = this.quiet;
  }

  /** Waits for that long on a quiet machine too. */
  public Patience atLeast(Duration least) {
    limit = Math.max(limit, least.toNanos());
    return this;
  }

  /** How long to wait yet, in nanoseconds; 0 if it is over. */
  public long nanosLeft() {
    long waited = clock.getAsLong() - start;
    if (waited >= limit) {
      limit = Math.max(limit, (long) (quiet * pace.getAsDouble()));
    }
    return Math.max(0, limit - waited);
  }

  /** Whether it has been waited for long enough. */
  public boolean isOver() {
    return nanosLeft() == 0;
  }

  /** A time on a quiet machine as it may be on this one now. */
  public static Duration stretch(Duration quiet) {
    return Duration.ofNanos((long) (quiet.toNanos() * pace()));
  }

  /** How many times as long as on a quiet machine things take on this one now, from 1. */
  public static double pace() {
    double least = Double.parseDouble(System.getProperty(PROPERTY, "1"));
    return Math.max(least, pace(load(), Runtime.getRuntime().availableProcessors()));
  }

  /**
   * @param load the content of /proc/loadavg (proc(5)): the mean number of threads that ran or
   *     waited for a processor in the last minute, in two others, and how many do now
   */
  static double pace(String load, int processors) {
    String[] part = load.strip().split("[ /]");
    double threads = Math.max(Double.parseDouble(part[0]), Double.parseDouble(part[3]));
    return Math.clamp(threads / processors, 1, MOST);
  }

  private static String load() {
    try {
      return Files.readString(LOAD);
    } catch (IOException e) {
      throw new QemuException("cannot read " + LOAD + ": " + e.getMessage(), e);
    }
  }
}
