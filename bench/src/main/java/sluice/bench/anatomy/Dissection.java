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

  /** That is enough of them, where they are slow. */
  private static final long WARM_UP_NANOS = 1_000_000_000;

  private static final int UNCOUNTED = -1;

  /** Fewer have no confidence intervals to speak of. */
  private static final int MIN_COUNT = 30;

  /** So that all times stay in memory. */
  private static final int MAX_COUNT = 1_000_000;

  private final List<Subject> subjects = new ArrayList<>();
  private final boolean writes;
  private final int bytes;
  private final int count;

  /**
   * @param writes whether commands write, and what the drives hold is lost
   * @param bytes per command
   * @param count commands per drive, 30 to a million
   */
  public Dissection(boolean writes, int bytes, int count) {
    if (count < MIN_COUNT || count > MAX_COUNT) {
      throw new IllegalArgumentException(
          "%d to %d commands can be timed, not %d".formatted(MIN_COUNT, MAX_COUNT, count));
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
    long start = System.nanoTime();
    for (int i = 0; i < WARM_UP && System.nanoTime() - start < WARM_UP_NANOS; i++) {
      each(UNCOUNTED);
    }
    for (int i = 0; i < count; i++) {
      each(i);
    }
    return subjects.stream().map(Dissection::result).toList();
  }

  private void each(int index) {
    for (int i = 0; i < subjects.size(); i++) {
      subjects.get(i).run(index);
    }
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

  @Override
  public void close() {
    subjects.forEach(Subject::close);
  }
}
