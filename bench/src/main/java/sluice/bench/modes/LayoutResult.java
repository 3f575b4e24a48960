package sluice.bench.modes;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.bench.result.Direction;
import sluice.bench.run.QueueLayout;

/**
 * Jobs under all layouts of queues that were compared.
 *
 * @param rows by job, direction and drive, and by layout within, in the order in which layouts were
 *     given
 * @param warnings to the user, a line each
 */
public record LayoutResult(List<Row> rows, List<String> warnings) {
  /** Instead of a drive's number: all drives of the job together. */
  public static final int ALL = -1;

  public LayoutResult {
    rows = List.copyOf(rows);
    warnings = List.copyOf(warnings);
  }

  /**
   * A job in a direction under a layout.
   *
   * @param drive which of the run's drives, from 0; {@link #ALL} for all together
   * @param figures medians of the rounds
   * @param spread between the rounds with the most and the fewest commands per second, as a part of
   *     the median: what differs by less says nothing
   * @param toFirst commands per second by those under the first layout
   */
  public record Row(
      String job,
      Direction direction,
      int drive,
      QueueLayout layout,
      Figures figures,
      double bytesPerSecond,
      double spread,
      double toFirst) {}

  /** What rounds measured of a job in a direction, on one drive or all. */
  record Case(int number, String job, Direction direction, int drive) {}

  /** What one round measured. */
  record Measured(Figures figures, double bytesPerSecond) {}

  /**
   * @param rounds by case and by layout
   */
  static LayoutResult of(
      Map<Case, Map<QueueLayout, List<Measured>>> rounds, List<String> warnings) {
    List<Row> rows = new ArrayList<>();
    rounds.forEach((key, layouts) -> {
      Map<QueueLayout, Figures> medians = new LinkedHashMap<>();
      layouts.forEach((layout, each) ->
          medians.put(layout, Figures.medians(each.stream().map(Measured::figures).toList())));
      double first = medians.values().iterator().next().iops();
      layouts.forEach((layout, each) -> {
        double[] iops =
            each.stream().mapToDouble(measured -> measured.figures().iops()).sorted().toArray();
        double[] bytes = each.stream().mapToDouble(Measured::bytesPerSecond).sorted().toArray();
        Figures figures = medians.get(layout);
        rows.add(
            new Row(
                key.job,
                key.direction,
                key.drive,
                layout,
                figures,
                bytes[bytes.length / 2],
                (iops[iops.length - 1] - iops[0]) / figures.iops(),
                figures.iops() / first));
      });
    });
    return new LayoutResult(rows, warnings);
  }
}
