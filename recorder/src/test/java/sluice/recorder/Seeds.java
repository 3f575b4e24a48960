package sluice.recorder;

import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;

/** Many runs of a test, each by its seed, on all processors. */
final class Seeds {
  private Seeds() {}

  /** Runs a test with so many seeds; fails with the first of those that fail. */
  static void forEach(long first, long count, LongConsumer test) {
    Optional<AssertionError> failed =
        LongStream.range(first, first + count)
            .parallel()
            .mapToObj(seed -> run(seed, test))
            .flatMap(Optional::stream)
            .findFirst();
    if (failed.isPresent()) {
      throw failed.get();
    }
  }

  private static Optional<AssertionError> run(long seed, LongConsumer test) {
    try {
      test.accept(seed);
      return Optional.empty();
    } catch (RuntimeException | AssertionError e) {
      return Optional.of(new AssertionError("seed " + seed + ": " + e.getMessage(), e));
    }
  }
}
