package sluice.bench.result;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The slowest I/Os of a job, flushes left out.
 *
 * @param most how many are kept; 0 if none are wanted
 * @param ios the slowest first
 */
public record SlowestIos(int most, List<SlowIo> ios) {
  /** How many can be kept. */
  public static final int MOST = 1_000;

  public static final SlowestIos NONE = new SlowestIos(0, List.of());

  public SlowestIos {
    ios = List.copyOf(ios);
  }

  /** Those of two jobs: as many as each keeps. */
  public SlowestIos plus(SlowestIos other) {
    int kept = Math.max(most, other.most);
    return new SlowestIos(kept, slowest(Stream.concat(ios.stream(), other.ios.stream()), kept));
  }

  /** The slowest of some. */
  public static List<SlowIo> slowest(Stream<SlowIo> all, int most) {
    return all.sorted(Comparator.comparingLong(SlowIo::nanos).reversed()).limit(most).toList();
  }
}
