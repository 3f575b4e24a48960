package sluice.bench.compare;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import sluice.bench.compare.Difference.Verdict;
import sluice.bench.result.RoundFigure;

/**
 * From which loss on a comparison has failed: figures, each with a share of what it was before. A
 * figure fails when it is worse by more than chance, and by at least that share as estimated.
 */
public final class FailOn {
  private static final String ANY = "any";

  private final Map<RoundFigure, Double> limits;

  private FailOn(Map<RoundFigure, Double> limits) {
    this.limits = limits;
  }

  /**
   * Reads what a command line says: {@code bw:5%,p99:10%}, {@code iops} for any loss, {@code
   * any:10%} for every figure.
   *
   * @throws IllegalArgumentException if it is not of that kind, in one line
   */
  public static FailOn parse(String text) {
    Map<RoundFigure, Double> limits = new LinkedHashMap<>();
    for (String part : text.split(",", -1)) {
      String[] words = part.strip().split(":", 2);
      double limit = words.length == 1 ? 0 : share(words[1].strip(), text);
      List<RoundFigure> figures = figures(words[0].strip(), text);
      figures.forEach(figure -> limits.put(figure, limit));
    }
    return new FailOn(limits);
  }

  private static List<RoundFigure> figures(String word, String text) {
    if (word.equals(ANY)) {
      return List.of(RoundFigure.values());
    }
    return List.of(
        RoundFigure.ofWord(word)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "no figure is called '%s' in '%s'; there are any, %s"
                        .formatted(
                            word,
                            text,
                            Arrays.stream(RoundFigure.values())
                                .map(RoundFigure::word)
                                .collect(Collectors.joining(", "))))));
  }

  /** A percentage as a share, with or without its sign. */
  public static double share(String percent, String text) {
    String digits = percent.endsWith("%") ? percent.substring(0, percent.length() - 1) : percent;
    if (!digits.matches("\\d{1,9}(\\.\\d{1,9})?")) {
      throw new IllegalArgumentException(
          "'%s' in '%s' is not a percentage, as 5%% or 2.5%%".formatted(percent, text));
    }
    return Double.parseDouble(digits) / 100;
  }

  /**
   * The figures that have failed.
   *
   * @throws IllegalArgumentException if the comparison cannot be judged so: a figure is in none of
   *     its rows, or a job is missing on the second side
   */
  public List<Difference> failures(Comparison comparison) {
    if (!comparison.lost().isEmpty()) {
      throw new IllegalArgumentException(
          "%s is in %s only: nothing can be said of it"
              .formatted(comparison.lost().getFirst(), comparison.before().paths()));
    }
    for (RoundFigure figure : limits.keySet()) {
      boolean isThere =
          comparison.differences().stream().anyMatch(difference -> difference.figure() == figure);
      if (!isThere && limits.size() < RoundFigure.values().length) {
        throw new IllegalArgumentException("no job has %s on both sides".formatted(figure.word()));
      }
    }
    return comparison.differences().stream().filter(this::isFailure).toList();
  }

  private boolean isFailure(Difference difference) {
    Double limit = limits.get(difference.figure());
    return limit != null && difference.verdict() == Verdict.WORSE && difference.loss() >= limit;
  }

  /** How many of the figures asked for are not known to be better, worse or the same. */
  public long unknown(Comparison comparison) {
    return comparison.differences().stream()
        .filter(difference -> limits.containsKey(difference.figure()))
        .filter(difference -> !difference.verdict().isKnown())
        .count();
  }

  /** One line: what failed, and by how much. */
  public static String told(List<Difference> failures) {
    Difference first = failures.getFirst();
    String more = failures.size() == 1 ? "" : " (and %d more)".formatted(failures.size() - 1);
    return String.format(
        Locale.ROOT,
        "%s: %s is worse by %.1f%%%s",
        first.row(),
        first.figure().word(),
        first.loss() * 100,
        more);
  }
}
