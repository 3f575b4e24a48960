package sluice.bench.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import sluice.bench.result.Direction;
import sluice.bench.result.Progress;
import sluice.bench.result.StuckIo;

/**
 * The line by which fio tells how far it is: {@code Jobs: 1 (f=1):
 * [M(1)][24.8%][r=20.5MiB/s,w=23.5MiB/s][r=82,w=94 IOPS][eta 01m:31s]}. What is stuck stands behind
 * it.
 */
public final class StatusLine {
  private StatusLine() {}

  /** The line for a state. */
  public static String of(Progress progress) {
    StringBuilder line = new StringBuilder();
    line.append("Jobs: %d (f=%d): [".formatted(progress.running(), progress.running()));
    line.append(letters(progress.letters())).append("][");
    boolean known = progress.fraction() >= 0;
    line.append(known ? String.format(Locale.ROOT, "%.1f%%", progress.fraction() * 100) : "-.-%");
    if (!progress.bytesPerSecond().isEmpty()) {
      StringJoiner rates = new StringJoiner(",");
      StringJoiner counts = new StringJoiner(",");
      for (Direction way : Direction.values()) {
        rate(rates, way, progress.bytesPerSecond(), true);
        rate(counts, way, progress.iosPerSecond(), false);
      }
      line.append("][").append(rates).append("][").append(counts).append(" IOPS");
    }
    line.append("][eta ").append(known ? time(progress.etaSeconds()) : "--m:--s");
    line.append(']');
    if (!progress.stuck().isEmpty()) {
      StuckIo first = progress.stuck().getFirst();
      line.append(
          String.format(
              Locale.ROOT,
              " %d stuck, %s of job %s for %.0f s",
              progress.stuck().size(),
              first.io().command(),
              first.io().job(),
              Math.floor(first.nanos() / 1e9)));
    }
    return line.toString();
  }

  private static void rate(
      StringJoiner joiner, Direction way, Map<Direction, Double> rates, boolean bytes) {
    if (rates.containsKey(way)) {
      long rate = Math.round(rates.get(way));
      String figure = bytes ? FioFigures.binaryBytes(rate) + "/s" : FioFigures.count(rate);
      joiner.add(way.lowerCase().charAt(0) + "=" + figure);
    }
  }

  /** Neighbours in the same state are counted. */
  private static String letters(List<Character> letters) {
    StringJoiner text = new StringJoiner(",");
    for (int i = 0; i < letters.size(); ) {
      int same = i;
      while (same < letters.size() && letters.get(same).equals(letters.get(i))) {
        same++;
      }
      text.add(letters.get(i) + "(" + (same - i) + ")");
      i = same;
    }
    return text.toString();
  }

  private static String time(long seconds) {
    long minutes = seconds / 60;
    long hours = minutes / 60;
    long days = hours / 24;
    String text = "%02dm:%02ds".formatted(minutes % 60, seconds % 60);
    text = hours > 0 ? "%02dh:".formatted(hours % 24) + text : text;
    return days > 0 ? "%02dd:".formatted(days) + text : text;
  }
}
