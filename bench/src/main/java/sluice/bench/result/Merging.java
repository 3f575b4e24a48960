package sluice.bench.result;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Makes one result of many, by fio's rules. */
public final class Merging {
  private Merging() {}

  /**
   * Jobs as a report shows them: a job that wants group reporting joins the job before it when both
   * are of the same group.
   */
  static List<JobResult> reported(List<JobResult> jobs) {
    List<JobResult> reported = new ArrayList<>();
    for (JobResult job : jobs) {
      boolean joins =
          job.reporting().group()
              && !reported.isEmpty()
              && reported.getLast().groupId() == job.groupId();
      if (joins) {
        reported.add(join(reported.removeLast(), job));
      } else {
        reported.add(job);
      }
    }
    return List.copyOf(reported);
  }

  /**
   * One result of two jobs that ran side by side. Name, options and reporting are those of the
   * first; bytes, commands and rates are summed, the runtime of a direction is the longer one, the
   * first error stays.
   */
  public static JobResult join(JobResult first, JobResult second) {
    JobResult.Builder joined =
        first.toBuilder()
            .members(first.members() + second.members())
            .elapsedSeconds(Math.max(first.elapsedSeconds(), second.elapsedSeconds()))
            .runtimeMillis(first.runtimeMillis() + second.runtimeMillis())
            .sync(first.sync().plus(second.sync()))
            .processor(first.processor().plus(second.processor()))
            .depths(first.depths().plus(second.depths()))
            .pauses(first.pauses().plus(second.pauses()))
            .stalls(first.stalls().plus(second.stalls()))
            .stuck(first.stuck().plus(second.stuck()))
            .slowest(first.slowest().plus(second.slowest()))
            .backlog(first.backlog().plus(second.backlog()))
            .verify(first.verify().plus(second.verify()))
            .drives(DriveShare.sum(first.drives(), second.drives()));
    if (first.error() == 0 && second.error() != 0) {
      joined.error(second.error(), second.errorText());
    }
    for (Map.Entry<Direction, DirectionResult> entry : bothDirections(first, second).entrySet()) {
      joined.direction(entry.getKey(), entry.getValue());
    }
    return joined.build();
  }

  private static Map<Direction, DirectionResult> bothDirections(JobResult a, JobResult b) {
    Map<Direction, DirectionResult> both = new EnumMap<>(Direction.class);
    for (Direction direction : Direction.values()) {
      both.put(direction, sum(a.direction(direction), b.direction(direction)));
    }
    return both;
  }

  /** All directions of a job as one, for {@code unified_rw_reporting}. */
  public static JobResult mixed(JobResult job) {
    DirectionResult all = DirectionResult.none();
    for (Direction direction : Direction.values()) {
      all = sum(all, job.direction(direction));
    }
    return job.toBuilder().mixed(all).build();
  }

  static DirectionResult sum(DirectionResult a, DirectionResult b) {
    return new DirectionResult(
        a.bytes() + b.bytes(),
        a.ios() + b.ios(),
        a.shortIos() + b.shortIos(),
        a.droppedIos() + b.droppedIos(),
        Math.max(a.runtimeMillis(), b.runtimeMillis()),
        a.submission().plus(b.submission()),
        a.completion().plus(b.completion()),
        a.total().plus(b.total()),
        a.intended().plus(b.intended()),
        a.bandwidth().alongside(b.bandwidth()),
        a.iops().alongside(b.iops()),
        sum(a.intervals(), b.intervals()));
  }

  /**
   * Intervals by their times, in the longer ones of both: those of jobs of a group begin together,
   * and those of long jobs are longer.
   */
  private static List<Interval> sum(List<Interval> a, List<Interval> b) {
    boolean first =
        meanMillis(a) > meanMillis(b) || (meanMillis(a) == meanMillis(b) && a.size() >= b.size());
    List<Interval> longer = first ? a : b;
    List<Interval> shorter = first ? b : a;
    List<Interval> sum = new ArrayList<>(longer);
    int at = 0;
    for (Interval next : shorter) {
      long middle = (next.startMillis() + next.endMillis()) / 2;
      while (at < longer.size() && longer.get(at).endMillis() <= middle) {
        at++;
      }
      if (at < longer.size()) {
        sum.set(at, plus(sum.get(at), next));
      } else {
        sum.add(next);
      }
    }
    return sum;
  }

  private static double meanMillis(List<Interval> intervals) {
    return intervals.isEmpty()
        ? 0
        : (double) (intervals.getLast().endMillis() - intervals.getFirst().startMillis())
            / intervals.size();
  }

  private static Interval plus(Interval one, Interval other) {
    Histogram latency = one.latency().copy();
    latency.setAutoResize(true);
    latency.add(other.latency());
    return new Interval(
        one.startMillis(),
        Math.max(one.endMillis(), other.endMillis()),
        one.bytes() + other.bytes(),
        one.ios() + other.ios(),
        latency);
  }
}
