package sluice.bench.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import sluice.bench.result.Backlog;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.JobResult;

/** The page's first part: what there is to be known in a few lines, and all jobs side by side. */
final class AnswerCard {
  /** From which part of its time on a job's stalls are told. */
  private static final double STALLED_SHARE = 0.01;

  private AnswerCard() {}

  static String of(BenchResult result, List<JobResult> jobs) {
    StringBuilder out = new StringBuilder("<div class=\"card answer\">\n");
    for (String line : lines(result, jobs)) {
      out.append("<p>").append(Svg.escaped(line)).append("</p>\n");
    }
    return out.append(bars(jobs)).append("</div>\n").toString();
  }

  /** The most important first. */
  static List<String> lines(BenchResult result, List<JobResult> jobs) {
    List<String> lines = new ArrayList<>();
    List<String> failed =
        jobs.stream().filter(job -> !job.isClean()).map(JobResult::name).distinct().toList();
    lines.add(
        failed.isEmpty()
            ? (jobs.size() == 1 ? "One job" : jobs.size() + " jobs") + ", no error."
            : "Failed: " + String.join(", ", failed) + ".");
    stuck(jobs).ifPresent(lines::add);
    String late =
        jobs.stream()
            .filter(job -> !job.backlog().isEmpty())
            .filter(job -> job.backlog().verdict() == Backlog.Verdict.GROWING)
            .map(JobResult::name)
            .distinct()
            .collect(Collectors.joining(", "));
    if (!late.isEmpty()) {
      lines.add("The rate was not kept: " + late + ".");
    }
    lines.add(pauses(jobs));
    if (!result.backlog().isEmpty() && result.backlog().verdict() != Backlog.Verdict.GROWING) {
      lines.add("The buffer that the stream needs: " + BufferText.of(result.backlog()) + ".");
    }
    jobs.stream()
        .filter(job -> job.stalls().totalNanos() > STALLED_SHARE * 1e6 * job.runtimeMillis())
        .max(Comparator.comparingLong(job -> job.stalls().totalNanos()))
        .ifPresent(job ->
            lines.add(
                "This machine stalled, most in %s: for %s."
                    .formatted(job.name(), Plots.duration(job.stalls().totalNanos()))));
    return lines;
  }

  /** Of all jobs in one line. */
  private static Optional<String> stuck(List<JobResult> jobs) {
    List<JobResult> those = jobs.stream().filter(job -> job.stuck().count() > 0).toList();
    long count = those.stream().mapToLong(job -> job.stuck().count()).sum();
    return those.stream()
        .max(Comparator.comparingLong(job -> job.stuck().longestNanos()))
        .map(worst ->
            "%s stuck%s, the longest for %s in %s."
                .formatted(
                    count == 1 ? "One I/O was" : count + " I/Os were",
                    those.size() > 1 ? " in " + those.size() + " jobs" : "",
                    Plots.duration(worst.stuck().longestNanos()),
                    worst.name()));
  }

  private static String pauses(List<JobResult> jobs) {
    JobResult worst =
        jobs.stream()
            .max(Comparator.comparingLong(job -> job.pauses().longestNanos()))
            .orElse(null);
    if (worst == null || worst.pauses().thresholdNanos() == 0) {
      return "Nobody looked for pauses.";
    }
    return worst.pauses().count() == 0
        ? "No pause over " + Plots.duration(worst.pauses().thresholdNanos()) + "."
        : "The longest pause: %s, in %s."
            .formatted(Plots.duration(worst.pauses().longestNanos()), worst.name());
  }

  /** A row for each job and direction: IOPS, rate and p99 as bars, on scales of their own. */
  private static String bars(List<JobResult> jobs) {
    double mostIos = 0;
    double mostBytes = 0;
    double mostNanos = 0;
    for (JobResult job : jobs) {
      for (Direction way : Direction.values()) {
        DirectionResult result = job.direction(way);
        mostIos = Math.max(mostIos, result.iosPerSecond());
        mostBytes = Math.max(mostBytes, result.bytesPerSecond());
        mostNanos = Math.max(mostNanos, p99(result));
      }
    }
    StringBuilder out = new StringBuilder("<div class=\"bars\">\n");
    Formatter text = new Formatter(out, Locale.ROOT);
    text.format("<b>job</b><b>IOPS</b><b>rate</b><b>p99 latency</b>\n");
    for (int i = 0; i < jobs.size(); i++) {
      for (Direction way : Direction.values()) {
        DirectionResult result = jobs.get(i).direction(way);
        if (result.ios() > 0) {
          String tone = way.lowerCase();
          text.format(
              "<a href=\"#job-%d\">%s <span class=\"soft\">%s</span></a>",
              i + 1, Svg.escaped(jobs.get(i).name()), tone);
          bar(
              text,
              tone,
              result.iosPerSecond() / mostIos,
              FioFigures.count((long) result.iosPerSecond()));
          bar(
              text,
              tone,
              result.bytesPerSecond() / mostBytes,
              FioFigures.binaryBytes((long) result.bytesPerSecond()) + "/s");
          bar(text, tone, p99(result) / Math.max(1, mostNanos), Plots.duration(p99(result)));
          out.append('\n');
        }
      }
    }
    return out.append("</div>\n").toString();
  }

  private static void bar(Formatter text, String tone, double share, String value) {
    text.format(
        "<span class=\"bar %s\"><i style=\"width:%.1f%%\"></i><span>%s</span></span>",
        tone, 100 * Math.clamp(share, 0, 1), value);
  }

  private static double p99(DirectionResult result) {
    return result.completion().isEmpty() ? 0 : result.completion().percentileNanos(99);
  }
}
