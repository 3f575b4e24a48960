package sluice.bench.compare;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import sluice.bench.compare.Difference.Verdict;
import sluice.bench.result.RoundFigure;
import sluice.bench.result.Rounds.Series;

/**
 * What differs between two sides, job by job, and whether it is more than chance.
 *
 * <p>Each figure's change gets an interval by {@link Shift}. Intervals are so wide that all of a
 * comparison hold at the same time with 95 %: each has its share of the 5 % (Bonferroni), so that
 * of identical runs fewer than one comparison in twenty calls any figure better or worse. A figure
 * is better or worse when its whole interval lies beyond what is called the same, and beyond what
 * {@link Contention} explains; it is the same when its whole interval lies within; else the rounds
 * do not tell.
 */
public final class Comparison {
  /**
   * What is called the same, as a share, where nothing else is said. Two processes that measure the
   * same differ a little in all of their rounds, by how they were compiled and where their memory
   * lies; rounds of one process cannot show that.
   */
  public static final double TOLERANCE = 0.05;

  private static final double ERROR = 0.05;
  private static final double LEAST_ABOVE = 10;

  /** A rate and its bytes go together up to how each is rounded in a report. */
  private static final double ROUNDING = 1e-3;

  private final Side before;
  private final Side after;
  private final double tolerance;
  private final List<Difference> differences = new ArrayList<>();
  private int tests;

  /**
   * What of a row is compared.
   *
   * @param isRare whether it is a percentile that too few commands lie above
   */
  private record Pair(
      String row, RoundFigure figure, List<Double> before, List<Double> after, boolean isRare) {
    /** Whether all values are those of the other figure times one number. */
    boolean goesWith(Pair other) {
      double factor = before.getFirst() / other.before.getFirst();
      return row.equals(other.row)
          && isMultiple(before, other.before, factor)
          && isMultiple(after, other.after, factor);
    }

    private static boolean isMultiple(List<Double> some, List<Double> others, double factor) {
      boolean isMultiple = some.size() == others.size();
      for (int i = 0; isMultiple && i < some.size(); i++) {
        double difference = Math.abs(some.get(i) - factor * others.get(i));
        isMultiple = difference <= ROUNDING * some.get(i);
      }
      return isMultiple;
    }
  }

  private Comparison(Side before, Side after, double tolerance) {
    this.before = before;
    this.after = after;
    this.tolerance = tolerance;
    List<Pair> pairs = pairs();
    for (Pair pair : pairs) {
      tests += isTest(pair, pairs) ? 1 : 0;
    }
    pairs.forEach(pair -> differences.add(judge(pair)));
  }

  /**
   * Compares two sides.
   *
   * @param before reports of the first; if a side has more than one, each is one value, on both
   * @param after of the second
   * @param tolerance which change is called none, as a share: 0 or more, less than 1
   * @throws IllegalArgumentException when a report cannot be read, is none, or when the sides have
   *     no job in common; the message is one line
   */
  public static Comparison of(List<Path> before, List<Path> after, double tolerance) {
    if (!(tolerance >= 0 && tolerance < 1)) {
      throw new IllegalArgumentException(
          "what is called the same is from 0%% up to less than 100%%, not %s%%"
              .formatted(tolerance * 100));
    }
    boolean byReport = before.size() > 1 || after.size() > 1;
    Side a = Side.read(before, byReport);
    Side b = Side.read(after, byReport);
    Comparison comparison = new Comparison(a, b, tolerance);
    if (comparison.differences.isEmpty()) {
      throw new IllegalArgumentException(
          a.paths()
              + " and "
              + b.paths()
              + " have no job of the same name and direction in common");
    }
    return comparison;
  }

  private List<Pair> pairs() {
    List<Pair> pairs = new ArrayList<>();
    for (String row : common()) {
      double fewest = Math.min(before.fewestIos(row), after.fewestIos(row));
      for (RoundFigure figure : RoundFigure.values()) {
        List<Double> a = before.values(row, figure);
        List<Double> b = after.values(row, figure);
        if (!a.isEmpty() && !b.isEmpty()) {
          double above = fewest * (1 - figure.percentile() / 100);
          boolean isRare = figure.percentile() > 0 && !(above >= LEAST_ABOVE);
          pairs.add(new Pair(row, figure, a, b, isRare));
        }
      }
    }
    return pairs;
  }

  private List<String> common() {
    return before.rows().stream().filter(row -> before.has(row) && after.has(row)).toList();
  }

  /** The same question is asked once: of blocks of one size, rate and bandwidth are the same. */
  private static boolean isTest(Pair pair, List<Pair> all) {
    return !pair.isRare
        && !(pair.figure == RoundFigure.BANDWIDTH
            && all.stream()
                .anyMatch(other -> other.figure == RoundFigure.IOPS && pair.goesWith(other)));
  }

  private double level() {
    return ERROR / Math.max(1, tests);
  }

  private Difference judge(Pair pair) {
    double a = new Series(pair.before).median();
    double b = new Series(pair.after).median();
    double change = Shift.factor(pair.before, pair.after) - 1;
    Optional<Shift> shift =
        pair.isRare ? Optional.empty() : Shift.between(pair.before, pair.after, level());
    double least = shift.map(Shift::least).orElse(Double.NaN) - 1;
    double most = shift.map(Shift::most).orElse(Double.NaN) - 1;
    return new Difference(
        pair.row, pair.figure, a, b, change, least, most, verdict(pair, least, most));
  }

  private Verdict verdict(Pair pair, double least, double most) {
    if (pair.isRare) {
      return Verdict.TOO_FEW_COMMANDS;
    }
    if (Double.isNaN(least) || Double.isNaN(most)) {
      boolean one = Math.min(pair.before.size(), pair.after.size()) == 1;
      return one ? Verdict.ONE_ROUND : Verdict.TOO_FEW_ROUNDS;
    }
    boolean isMore = least > tolerance;
    boolean isLess = most < -tolerance;
    if (!isMore && !isLess) {
      return least >= -tolerance && most <= tolerance ? Verdict.SAME : Verdict.SCATTERED;
    }
    double busy =
        Contention.factor(
            pair.before, before.hadProcessor(pair.row), pair.after, after.hadProcessor(pair.row));
    double factor = isMore ? 1 + least : 1 / (1 + most);
    boolean isOfWaiting =
        Contention.isOfWaiting(pair.figure, before.hadProcessor(pair.row))
            || Contention.isOfWaiting(pair.figure, after.hadProcessor(pair.row));
    if (isOfWaiting || factor <= busy * (1 + tolerance)) {
      return Verdict.BUSY;
    }
    return isMore == pair.figure.moreIsBetter() ? Verdict.BETTER : Verdict.WORSE;
  }

  /** All figures that both sides have. */
  public List<Difference> differences() {
    return List.copyOf(differences);
  }

  /** Which change is called none, as a share. */
  public double tolerance() {
    return tolerance;
  }

  /** Among how many figures the 5 % are shared: those that could be judged with enough rounds. */
  public int tests() {
    return tests;
  }

  /** Whether values are of whole reports, as a side has several; else of one report's rounds. */
  public boolean isByReport() {
    return before.isByReport();
  }

  /** How many rounds (or reports, if they are the values) each side needs. */
  public int needed() {
    return Shift.needed(level());
  }

  /** The files of the first side. */
  public List<String> filesBefore() {
    return before.files();
  }

  /** The files of the second side. */
  public List<String> filesAfter() {
    return after.files();
  }

  /** What is to be known besides: rows of one side only, other loads, runs that were broken off. */
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    missing(before, after).forEach(row -> notes.add("only in a: " + row));
    missing(after, before).forEach(row -> notes.add("only in b: " + row));
    otherLoads().forEach(load -> notes.add("not the same load: " + load));
    before.interrupted().forEach(path -> notes.add("interrupted: " + path));
    after.interrupted().forEach(path -> notes.add("interrupted: " + path));
    return notes;
  }

  Side before() {
    return before;
  }

  Side after() {
    return after;
  }

  /** Rows that the first side has and the second has not; and the other way round if so asked. */
  List<String> missing(Side has, Side hasNot) {
    return has.rows().stream().filter(row -> !hasNot.has(row)).toList();
  }

  /** Rows of the first side that are missing on the second: nothing is known of them. */
  public List<String> lost() {
    return missing(before, after);
  }

  /** What jobs in common were asked to do otherwise, a line each. */
  List<String> otherLoads() {
    Map<String, String> lines = new LinkedHashMap<>();
    for (String row : common()) {
      Map<String, String> a = before.options(row);
      Map<String, String> b = after.options(row);
      Set<String> names = new TreeSet<>(a.keySet());
      names.addAll(b.keySet());
      Set<String> told = new LinkedHashSet<>();
      for (String name : names) {
        if (!String.valueOf(a.get(name)).equals(String.valueOf(b.get(name)))) {
          told.add(
              "%s in a, %s in b".formatted(shown(name, a.get(name)), shown(name, b.get(name))));
        }
      }
      if (!told.isEmpty()) {
        lines.put(
            before.job(row), "job %s: %s".formatted(before.job(row), String.join("; ", told)));
      }
    }
    return List.copyOf(lines.values());
  }

  private static String shown(String name, String value) {
    return value == null ? "no " + name : value.isEmpty() ? name : name + "=" + value;
  }
}
