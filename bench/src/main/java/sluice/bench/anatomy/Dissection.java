package sluice.bench.anatomy;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;

/**
 * Times the steps of single commands, on several drives in turns, so that whatever else the machine
 * does meets them alike. Random places, one command at a time. Used by one thread.
 */
public final class Dissection implements AutoCloseable {
  /** Commands before the first that counts: compilers and caches settle. */
  private static final int WARM_UP = 20_000;

  private static final int CLOCK_READINGS = 10_001;

  private final List<Subject> subjects = new ArrayList<>();
  private final boolean writes;
  private final int bytes;
  private final int count;

  /**
   * @param writes whether commands write, and what the drives hold is lost
   * @param bytes per command
   * @param count commands per drive, 1 to 10 million
   */
  public Dissection(boolean writes, int bytes, int count) {
    if (count < 1 || count > 10_000_000) {
      throw new IllegalArgumentException("1 to 10000000 commands can be timed, not " + count);
    }
    if (bytes < 1) {
      throw new IllegalArgumentException("a command needs at least a block, not " + bytes);
    }
    this.writes = writes;
    this.bytes = bytes;
    this.count = count;
  }

  /** Adds a drive, which is not closed by this. */
  public void add(NvmeController controller, Namespace namespace) {
    subjects.add(new Subject(controller, namespace, writes, bytes, count));
  }

  /**
   * The times of a drive's steps.
   *
   * @param drive its address
   * @param steps those that it can tell of
   */
  public record Result(String drive, Map<Step, Summary> steps) {}

  /**
   * Runs all commands.
   *
   * @return a result per drive, in the order of their addition
   * @throws sluice.nvme.NvmeException if a drive fails
   */
  public List<Result> run() {
    for (int i = -Math.min(WARM_UP, Math.max(count, 1000)); i < count; i++) {
      for (int j = 0; j < subjects.size(); j++) {
        subjects.get(j).run(i);
      }
    }
    return subjects.stream().map(Dissection::result).toList();
  }

  private static Result result(Subject subject) {
    Map<Step, Summary> steps = new EnumMap<>(Step.class);
    for (Step step : Step.values()) {
      if (subject.tells(step)) {
        steps.put(step, Summary.of(subject.times(step)));
      }
    }
    return new Result(subject.name(), steps);
  }

  /** What a look at the clock costs, which is in each step: the median in nanoseconds. */
  public static long clockNanos() {
    long[] readings = new long[CLOCK_READINGS];
    for (int i = 0; i < readings.length; i++) {
      long before = System.nanoTime();
      readings[i] = System.nanoTime() - before;
    }
    return Summary.of(readings).p50();
  }

  @Override
  public void close() {
    subjects.forEach(Subject::close);
  }
}
