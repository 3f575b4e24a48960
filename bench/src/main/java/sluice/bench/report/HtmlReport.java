package sluice.bench.report;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.DriveInfo;
import sluice.bench.result.JobResult;
import sluice.bench.result.Pauses;

/**
 * The report for looking at: one page without anything from outside, in light or dark as the reader
 * has it. The answer and a table of all jobs first, then for each job the rate over time, latency
 * percentiles, also over time, a heat map, pauses, the backlog, and the slowest I/Os.
 */
public final class HtmlReport {
  private static final List<String> COLUMNS =
      List.of(
          "job",
          "",
          "IOPS",
          "rate",
          "p50",
          "p99",
          "p99.9",
          "max",
          "pauses",
          "longest",
          "buffer",
          "CPU per I/O");

  private final BenchResult result;
  private final StringBuilder out = new StringBuilder();
  private final Formatter text = new Formatter(out, Locale.ROOT);

  private HtmlReport(BenchResult result) {
    this.result = result;
  }

  /** The whole page. */
  public static String of(BenchResult result) {
    return of(result, ZoneId.systemDefault());
  }

  static String of(BenchResult result, ZoneId zone) {
    HtmlReport report = new HtmlReport(result);
    report.writePage(zone);
    return report.out.toString();
  }

  private void writePage(ZoneId zone) {
    List<JobResult> jobs = result.reportedJobs();
    out.append(
        Page.begin(
            result.drives().stream().map(DriveInfo::address).collect(Collectors.joining(", ")),
            "sluice bench"));
    result.drives().forEach(this::writeDrive);
    out.append(
        Page.facts(
            List.of(
                Page.fact("measured", FioFigures.ctime(result.end(), zone)),
                Page.fact("by", result.version()))));
    if (result.interrupted()) {
      text.format("<p class=\"bad\">%s</p>\n", RoundsText.interruption(result));
    }
    out.append(AnswerCard.of(result, jobs));
    writeTable(jobs);
    writeWarnings(result.warnings());
    Map<String, String> conditions = ConditionsText.of(result);
    if (!conditions.isEmpty()) {
      out.append("<details class=\"card\"><summary>Conditions</summary>\n");
      out.append(
          Page.facts(
              conditions.entrySet().stream()
                  .map(condition -> Page.fact(condition.getKey(), condition.getValue()))
                  .toList()));
      out.append("</details>\n");
    }
    out.append(RoundsCard.of(result.rounds()));
    for (int i = 0; i < jobs.size(); i++) {
      writeJob(jobs.get(i), i + 1);
    }
    if (jobs.stream().filter(job -> !job.backlog().isEmpty()).count() > 1) {
      out.append(
          "<section class=\"card\"><h2>All paced jobs at once</h2>\n<div class=\"plots\">\n");
      out.append(
          Page.plot(
              "Buffer: " + BufferText.of(result.backlog()), BacklogPlot.of(result.backlog())));
      out.append("</div></section>\n");
    }
    out.append(Page.data(JsonReport.of(result, false), "sluice-bench.json"));
    out.append(Page.end());
  }

  private void writeDrive(DriveInfo drive) {
    out.append(
        Page.facts(
            List.of(
                result.drives().size() == 1 ? "" : Page.fact("drive", drive.address()),
                Page.fact("model", drive.model()),
                Page.fact("serial", drive.serial()),
                Page.fact("firmware", drive.firmware()),
                Page.fact("capacity", FioFigures.decimalBytes(drive.capacityBytes())),
                Page.fact("block", drive.blockBytes() + " B"),
                Page.fact("temperature", drive.temperature()),
                Page.fact("IOMMU", drive.iommu()))));
  }

  private void writeWarnings(List<String> warnings) {
    if (!warnings.isEmpty()) {
      text.format(
          "<details class=\"card warnings\"><summary>%s</summary><ul>\n",
          warnings.size() == 1 ? "One warning" : warnings.size() + " warnings");
      warnings.forEach(warning -> text.format("<li>%s</li>\n", Svg.escaped(warning)));
      out.append("</ul></details>\n");
    }
  }

  private void writeTable(List<JobResult> jobs) {
    out.append("<div class=\"card scroll\"><table><thead><tr>");
    COLUMNS.forEach(column -> text.format("<th>%s</th>", column));
    out.append("</tr></thead><tbody>\n");
    for (JobResult job : jobs) {
      for (Direction direction : used(job)) {
        writeRow(job, direction, direction == used(job).getFirst());
      }
    }
    out.append("</tbody></table>\n");
    out.append("<p class=\"soft\">Latencies are from submission to completion.</p></div>\n");
  }

  private void writeRow(JobResult job, Direction direction, boolean first) {
    DirectionResult result = job.direction(direction);
    Pauses pauses = job.pauses();
    boolean watched = first && pauses.thresholdNanos() > 0;
    boolean processor = first && job.processorNanosPerIo() > 0;
    List<String> cells = new ArrayList<>();
    cells.add(Svg.escaped(job.name()));
    cells.add(direction.lowerCase());
    cells.add(FioFigures.count((long) result.iosPerSecond()));
    cells.add(FioFigures.binaryBytes((long) result.bytesPerSecond()) + "/s");
    for (double percentile : new double[] {50, 99, 99.9, 100}) {
      cells.add(
          result.completion().isEmpty()
              ? "–"
              : Plots.duration(result.completion().percentileNanos(percentile)));
    }
    cells.add(watched ? Long.toString(pauses.count()) : "");
    cells.add(watched && pauses.count() > 0 ? Plots.duration(pauses.longestNanos()) : "");
    cells.add(first && !job.backlog().isEmpty() ? BufferText.brief(job.backlog()) : "");
    cells.add(processor ? Plots.duration(job.processorNanosPerIo()) : "");
    text.format(
        "<tr>%s</tr>\n",
        cells.stream().map(cell -> "<td>" + cell + "</td>").collect(Collectors.joining()));
  }

  private static List<Direction> used(JobResult job) {
    List<Direction> used = new ArrayList<>();
    for (Direction direction : Direction.values()) {
      if (job.direction(direction).ios() > 0) {
        used.add(direction);
      }
    }
    return used;
  }

  private void writeJob(JobResult job, int number) {
    text.format(
        "<section class=\"card\" id=\"job-%d\"><h2>%s</h2>\n", number, Svg.escaped(job.name()));
    if (!job.description().isEmpty()) {
      text.format("<p>%s</p>\n", Svg.escaped(job.description()));
    }
    String options =
        job.options().entrySet().stream()
            .map(option -> option.getKey() + "=" + option.getValue())
            .collect(Collectors.joining(" "));
    text.format("<p class=\"soft\">%s</p>\n", Svg.escaped(options));
    if (job.error() != 0) {
      text.format("<p class=\"bad\">failed: %s</p>\n", Svg.escaped(job.errorText()));
    }
    if (job.verify().failures() > 0) {
      text.format(
          "<p class=\"bad\">%d of %d blocks differ; the first: %s</p>\n",
          job.verify().failures(), job.verify().blocks(), Svg.escaped(job.verify().firstFailure()));
    }
    out.append(OutlierCard.of(job.stuck(), !job.drives().isEmpty()));
    writeKey(job);
    out.append(SharesTable.of(result, job));
    writePlots(job);
    out.append(OutlierCard.of(job.slowest(), !job.drives().isEmpty()));
    out.append("</section>\n");
  }

  private void writeKey(JobResult job) {
    out.append("<p>");
    for (Direction direction : used(job)) {
      String name = direction.lowerCase();
      text.format("<span class=\"key %s\"><i></i>%s</span>", name, name);
      if (!job.direction(direction).intended().isEmpty()) {
        text.format(
            "<span class=\"key %s\"><i class=\"hollow\"></i>%s from the intended issue</span>",
            name, name);
      }
    }
    out.append("</p>\n");
  }

  private void writePlots(JobResult job) {
    Plots plots = new Plots(job);
    Pauses pauses = job.pauses();
    out.append("<div class=\"plots\">\n");
    if (plots.hasTime()) {
      out.append(Page.plot("Rate over time", plots.rate()));
    }
    if (!used(job).isEmpty()) {
      out.append(Page.plot("Latency percentiles", plots.percentiles()));
    }
    if (plots.hasTime()) {
      out.append(Page.plot("Percentiles over time", plots.percentilesOverTime()));
      out.append(Page.plot("Latency over time", plots.heatMap()));
    }
    if (pauses.count() > 0 || job.stalls().count() > 0) {
      String title =
          FioFigures.count(pauses.count())
              + (pauses.count() == 1 ? " pause" : " pauses")
              + " over "
              + Plots.duration(pauses.thresholdNanos())
              + (pauses.count() == 0
                  ? ""
                  : ", the longest " + Plots.duration(pauses.longestNanos()));
      out.append(Page.plot(title, plots.pauses()));
    }
    if (!job.backlog().isEmpty()) {
      out.append(
          Page.plot("Buffer: " + BufferText.of(job.backlog()), BacklogPlot.of(job.backlog())));
    }
    out.append("</div>\n");
    if (pauses.thresholdNanos() > 0 && pauses.count() == 0) {
      text.format(
          "<p class=\"soft\">no pause over %s</p>\n", Plots.duration(pauses.thresholdNanos()));
    }
    if (job.stalls().count() > 0) {
      text.format("<p class=\"soft\">Stalls: %s.</p>\n", StallText.of(job.stalls()));
    }
  }
}
