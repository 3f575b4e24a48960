package sluice.bench.modes;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import sluice.nvme.CompletionMode;

/**
 * All modes that were measured.
 *
 * @param hasInterrupts whether the drive can be waited for; else it was polled only
 * @param leftOut shapes for which the drive has too few queues
 * @param rows by shape, and by mode within
 */
public record ModeResult(boolean hasInterrupts, List<Shape> leftOut, List<Row> rows) {

  /**
   * A mode at a shape.
   *
   * @param figures medians of the rounds
   * @param spread between the rounds with the most and the fewest commands per second, as a part of
   *     the median: what differs by less says nothing
   * @param toPolled commands per second by those of polling
   */
  public record Row(
      Shape shape, CompletionMode mode, Figures figures, double spread, double toPolled) {}

  /** A shape in a mode. */
  record Case(Shape shape, CompletionMode mode) {}

  /**
   * @param rounds figures of each round; polling is among the modes of each shape
   */
  static List<Row> rows(Map<Case, List<Figures>> rounds) {
    List<Row> rows = new ArrayList<>();
    rounds.forEach((key, figures) -> {
      Figures medians = Figures.medians(figures);
      Figures polled = Figures.medians(rounds.get(new Case(key.shape, CompletionMode.POLLED)));
      double most = figures.stream().mapToDouble(Figures::iops).max().orElseThrow();
      double fewest = figures.stream().mapToDouble(Figures::iops).min().orElseThrow();
      rows.add(
          new Row(
              key.shape,
              key.mode,
              medians,
              (most - fewest) / medians.iops(),
              medians.iops() / polled.iops()));
    });
    return rows;
  }
}
