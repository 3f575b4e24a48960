package sluice.bench.pts;

import java.util.ArrayList;
import java.util.List;
import sluice.support.text.Units;

/** What of a plan is not as the specification has it, so that nobody takes a try for a result. */
public final class Deviations {
  private static final long MINUTE = 60_000_000_000L;
  private static final int MOST_ROUNDS = 25;
  private static final int PRECONDITIONS = 2;

  private Deviations() {}

  /** A line for each; none if there is nothing to be said. */
  public static List<String> of(PtsResult result) {
    PtsPlan plan = result.plan();
    List<String> lines = new ArrayList<>();
    if (plan.purge() == PtsPlan.Purge.NONE) {
      lines.add("the drive was not purged");
    } else {
      lines.add("the purge was a deallocation of the active range, not a format or a sanitize");
    }
    if (result.drive() != null && plan.bytes() < result.drive().capacityBytes()) {
      lines.add(
          "the active range is %s of %s"
              .formatted(
                  Units.formatSize(plan.bytes()),
                  Units.formatSize(result.drive().capacityBytes())));
    }
    if (plan.preconditions() < PRECONDITIONS) {
      lines.add("it was preconditioned %d times, not twice".formatted(plan.preconditions()));
    }
    if (plan.roundNanos() != MINUTE) {
      lines.add(
          "patterns went for %s in each round, not for a minute"
              .formatted(Units.formatDuration(plan.roundNanos())));
    }
    if (plan.mostRounds() != MOST_ROUNDS) {
      lines.add("at most %d rounds were done, not 25".formatted(plan.mostRounds()));
    }
    lines.add("the write cache was as it was found");
    return lines;
  }
}
