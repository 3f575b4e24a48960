package sluice.bench.pts;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The tests that there are. */
public enum PtsTest {
  /** Random access by mix and size; steady by writes of 4 KiB. */
  IOPS(
      "IOPS",
      cells(List.of(100, 95, 65, 50, 35, 5, 0), 1024, 128, 64, 32, 16, 8, 4, 0),
      List.of(new Cell(0, 4096)),
      Figure.IOPS),
  /** 128 KiB one after the other; steady by both ways. */
  THROUGHPUT_128K(
      "Throughput 128 KiB",
      cells(List.of(100, 0), 128),
      cells(List.of(100, 0), 128),
      Figure.THROUGHPUT),
  /** 1024 KiB one after the other; steady by both ways. */
  THROUGHPUT_1024K(
      "Throughput 1024 KiB",
      cells(List.of(100, 0), 1024),
      cells(List.of(100, 0), 1024),
      Figure.THROUGHPUT),
  /** Single commands at random by mix and size; steady by the mean of writes of 4 KiB. */
  LATENCY(
      "Latency", cells(List.of(100, 65, 0), 8, 4, 0), List.of(new Cell(0, 4096)), Figure.LATENCY);

  /** What is told of a cell first, and by what a drive is steady. */
  public enum Figure {
    IOPS("IOPS"),
    THROUGHPUT("MB/s"),
    LATENCY("ms");

    private final String unit;

    Figure(String unit) {
      this.unit = unit;
    }

    public String unit() {
      return unit;
    }
  }

  private static final int HALF_KIB = 512;

  private final String title;

  @SuppressWarnings("ImmutableEnumChecker") // A copy that is not modified.
  private final List<Cell> cells;

  @SuppressWarnings("ImmutableEnumChecker") // As that.
  private final List<Cell> tracked;

  private final Figure figure;

  PtsTest(String title, List<Cell> cells, List<Cell> tracked, Figure figure) {
    this.title = title;
    this.cells = List.copyOf(cells);
    this.tracked = List.copyOf(tracked);
    this.figure = figure;
  }

  /**
   * All of some mixes and sizes, mix by mix.
   *
   * @param sizes in KiB; 0 is half a KiB
   */
  private static List<Cell> cells(List<Integer> mixes, int... sizes) {
    List<Cell> cells = new ArrayList<>();
    for (int mix : mixes) {
      for (int size : sizes) {
        cells.add(new Cell(mix, size == 0 ? HALF_KIB : size * 1024));
      }
    }
    return cells;
  }

  public String title() {
    return title;
  }

  /** All patterns, in the order of a round. */
  public List<Cell> cells() {
    return cells;
  }

  /** By which it is told whether the drive is steady. */
  public List<Cell> tracked() {
    return tracked;
  }

  public Figure figure() {
    return figure;
  }

  boolean isSequential() {
    return figure == Figure.THROUGHPUT;
  }

  /** Whether one command is out at a time. */
  boolean isSingle() {
    return figure == Figure.LATENCY;
  }

  /** As it is named on a command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
