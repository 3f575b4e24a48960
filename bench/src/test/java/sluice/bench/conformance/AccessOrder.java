package sluice.bench.conformance;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import sluice.bench.result.Direction;

/** In what order I/Os come, as far as it does not depend on random numbers. */
enum AccessOrder {
  /** Each begins where the one before of its direction ended. */
  IN_ORDER,
  /** Each begins as many bytes behind the one before, or is at the first again. */
  STEPS,
  /** Each block is trimmed, and then written. */
  TRIM_THEN_WRITE,
  /** Not in order, and no block twice, and none left out between them. */
  EACH_ONCE,
  /** Not in order, and blocks come more than once. */
  DRAWN;

  static AccessOrder of(List<Access> accesses) {
    if (isTrimThenWrite(accesses)) {
      return TRIM_THEN_WRITE;
    }
    boolean inOrder = true;
    boolean steps = true;
    Set<Long> seen = new HashSet<>();
    Map<Direction, Long> next = new EnumMap<>(Direction.class);
    long first = accesses.getFirst().offset();
    long step = accesses.get(1).offset() - first;
    Access before = null;
    for (Access access : accesses) {
      seen.add(access.offset());
      long expected = next.getOrDefault(access.direction(), access.offset());
      inOrder &= access.offset() == expected;
      steps &=
          access.offset() == first || (before != null && access.offset() - before.offset() == step);
      next.put(access.direction(), access.end());
      before = access;
    }
    if (inOrder) {
      return IN_ORDER;
    }
    if (steps) {
      return STEPS;
    }
    return seen.size() == accesses.size() ? EACH_ONCE : DRAWN;
  }

  private static boolean isTrimThenWrite(List<Access> accesses) {
    if (accesses.size() % 2 != 0) {
      return false;
    }
    for (int i = 0; i < accesses.size(); i += 2) {
      Access trim = accesses.get(i);
      Access write = accesses.get(i + 1);
      boolean pair =
          trim.direction() == Direction.TRIM
              && write.direction() == Direction.WRITE
              && trim.offset() == write.offset();
      if (!pair) {
        return false;
      }
    }
    return true;
  }
}
