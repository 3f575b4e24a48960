package sluice.bench.run;

import java.util.function.Consumer;
import sluice.bench.result.BenchResult;

/**
 * Results while a run goes on: when they are asked for by {@link Bench#report}, and every now and
 * then.
 *
 * @param everyNanos how often they come by themselves; 0 for never
 * @param to told what was measured until then, without log files, on the thread that runs the
 *     bench; jobs that have not begun are not in it
 */
public record Interim(long everyNanos, Consumer<BenchResult> to) {
  static final Interim NONE = new Interim(0, result -> {});

  public Interim {
    if (everyNanos < 0) {
      throw new IllegalArgumentException("an interval is 0 or more, not " + everyNanos);
    }
  }
}
