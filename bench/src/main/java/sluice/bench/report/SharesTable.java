package sluice.bench.report;

import java.util.List;
import java.util.stream.Collectors;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.DriveShare;
import sluice.bench.result.JobResult;
import sluice.bench.result.Pauses;

/** What a job did on each of several drives, as a table of the page. */
final class SharesTable {
  private static final List<String> COLUMNS =
      List.of("drive", "", "IOPS", "rate", "p50", "p99", "p99.9", "max", "pauses", "longest");

  private SharesTable() {}

  /** Empty where the run has one drive. */
  static String of(BenchResult result, JobResult job) {
    if (job.drives().isEmpty()) {
      return "";
    }
    StringBuilder rows = new StringBuilder();
    for (DriveShare share : job.drives()) {
      for (Direction direction : Direction.values()) {
        DirectionResult done = share.direction(direction);
        if (done.ios() > 0) {
          rows.append(row(name(result, share.drive()), direction, done, share.pauses()));
        }
      }
    }
    return "<div class=\"scroll\"><table><thead><tr>%s</tr></thead><tbody>\n%s</tbody></table></div>\n"
        .formatted(cells("th", COLUMNS), rows);
  }

  /** Pauses are those of all directions. */
  private static String row(
      String drive, Direction direction, DirectionResult done, Pauses pauses) {
    return "<tr>%s</tr>\n"
        .formatted(
            cells(
                "td",
                List.of(
                    drive,
                    direction.lowerCase(),
                    FioFigures.count((long) done.iosPerSecond()),
                    FioFigures.binaryBytes((long) done.bytesPerSecond()) + "/s",
                    Plots.duration(done.completion().percentileNanos(50)),
                    Plots.duration(done.completion().percentileNanos(99)),
                    Plots.duration(done.completion().percentileNanos(99.9)),
                    Plots.duration(done.completion().percentileNanos(100)),
                    Long.toString(pauses.count()),
                    pauses.count() == 0 ? "" : Plots.duration(pauses.longestNanos()))));
  }

  private static String cells(String tag, List<String> cells) {
    return cells.stream()
        .map(cell -> "<" + tag + ">" + cell + "</" + tag + ">")
        .collect(Collectors.joining());
  }

  /** A drive by its number and address, as HTML. */
  static String name(BenchResult result, int drive) {
    return "drive " + drive + " " + Svg.escaped(result.drives().get(drive).address());
  }
}
