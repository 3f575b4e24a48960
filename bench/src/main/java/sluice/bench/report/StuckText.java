package sluice.bench.report;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import sluice.bench.result.StuckIo;

/** The line that tells of a stuck I/O at once, with times by which to find it in other logs. */
public final class StuckText {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT);

  private StuckText() {}

  /**
   * What it is, where, since when, and for how long; how it ended if that is over.
   *
   * @param since when it went out; told in this machine's zone
   * @param tellsDrive whether the run has several drives
   */
  public static String of(StuckIo stuck, Instant since, boolean tellsDrive) {
    return of(stuck, since, tellsDrive, ZoneId.systemDefault());
  }

  static String of(StuckIo stuck, Instant since, boolean tellsDrive, ZoneId zone) {
    String text =
        "job %s, %s: %s, out since %s"
            .formatted(
                stuck.io().job(),
                stuck.io().way(tellsDrive),
                stuck.io().what(),
                CLOCK.format(since.atZone(zone)));
    String seconds = String.format(Locale.ROOT, "%.3f s", stuck.nanos() / 1e9);
    return stuck.isOver()
        ? text + ", is over after " + seconds + ": " + stuck.end()
        : text + ", for " + seconds + " now";
  }
}
