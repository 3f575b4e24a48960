package sluice.bench.modes;

import java.util.ArrayList;
import java.util.List;

/**
 * How commands are spread.
 *
 * @param queues how many, each with a job of its own
 * @param depth commands that are out at a time on each
 */
public record Shape(int queues, int depth) {
  public Shape {
    if (queues < 1 || depth < 1) {
      throw new IllegalArgumentException(
          "at least one queue with one command, not %d with %d".formatted(queues, depth));
    }
  }

  /** Commands that are out at a time on all queues. */
  public int outstanding() {
    return queues * depth;
  }

  /**
   * One queue and several for the same number of commands.
   *
   * @param outstanding numbers of commands that are out at a time
   * @param queues as how many the several are; one queue alone with fewer commands than that
   * @throws IllegalArgumentException if a number is not positive, or cannot be shared evenly
   */
  public static List<Shape> of(List<Integer> outstanding, int queues) {
    if (queues < 1) {
      throw new IllegalArgumentException("at least one queue is needed, not " + queues);
    }
    List<Shape> shapes = new ArrayList<>();
    for (int commands : outstanding) {
      shapes.add(new Shape(1, commands));
      if (queues == 1 || commands < queues) {
        continue;
      }
      if (commands % queues != 0) {
        throw new IllegalArgumentException(
            "%d commands cannot be shared evenly by %d queues".formatted(commands, queues));
      }
      shapes.add(new Shape(queues, commands / queues));
    }
    return shapes;
  }
}
