package sluice.virtual.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index agrees with a map, and what is in use stays. */
class LineTableTest {
  private static final int LINES = 2048;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 17, 256, 1000})
  void eachLineHasOneKeyAndEachKeyOneLine(int capacity) {
    long seed = Long.getLong("sluice.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    LineTable table = new LineTable(capacity);
    Map<Long, Integer> lines = new HashMap<>();
    for (int step = 0; step < 50_000; step++) {
      long key = random.nextInt(4 * capacity) + (random.nextInt(8) == 0 ? 1L << 40 : 0);
      int line = table.find(key);
      assertThat(line).isEqualTo(lines.getOrDefault(key, LineTable.NONE));
      if (line == LineTable.NONE) {
        boolean isFull = table.count() == capacity;
        long evictions = table.evictions();
        int taken = table.take(key);
        assertThat(table.evictions()).isEqualTo(isFull ? evictions + 1 : evictions);
        boolean isOthers = lines.values().remove(taken);
        assertThat(isOthers).isEqualTo(isFull);
        lines.put(key, taken);
        assertThat(table.key(taken)).isEqualTo(key);
      } else if (random.nextInt(4) == 0) {
        table.release(line);
        lines.remove(key);
      } else {
        table.touch(line);
      }
      assertThat(table.count()).isEqualTo(lines.size());
    }
    Set<Integer> different = new HashSet<>(lines.values());
    assertThat(different).hasSameSizeAs(lines.values());
  }

  @Test
  void aScanLeavesWhatIsInUse() {
    LineTable table = new LineTable(LINES);
    CachePolicyTrial.Policy policy = CachePolicyTrial.of(table);
    for (int round = 0; round < 3; round++) {
      for (int key = 0; key < LINES / 2; key++) {
        boolean _ = policy.access(key);
      }
    }
    for (int key = 1 << 20; key < (1 << 20) + 100 * LINES; key++) {
      assertThat(policy.access(key)).isFalse();
    }
    int kept = 0;
    for (int key = 0; key < LINES / 2; key++) {
      kept += table.find(key) == LineTable.NONE ? 0 : 1;
    }
    // A few went, that were at an end when too many others had been passed by.
    assertThat(kept).isGreaterThan(LINES / 2 * 99 / 100);
  }

  @Test
  void hitRatesAreThoseOfAGoodPolicy() {
    assertThat(rate(CachePolicyTrial.uniform(8 * LINES))).isBetween(0.12, 0.14);
    assertThat(rate(CachePolicyTrial.zipf(8 * LINES, 0.99))).isGreaterThan(0.74);
    // Half of the reads are of the hot set, and all of these can be hits.
    assertThat(rate(CachePolicyTrial.scan(LINES, LINES * 9 / 10, 2))).isGreaterThan(0.49);
    assertThat(rate(CachePolicyTrial.loop(LINES * 9 / 10))).isEqualTo(1);
    assertThat(rate(CachePolicyTrial.loop(LINES * 5 / 4))).isGreaterThan(0.5);
  }

  private static double rate(IntSupplier trace) {
    return CachePolicyTrial.rate(CachePolicyTrial.of(new LineTable(LINES)), trace, LINES);
  }

  @Test
  void whatIsInUseIsNotPassedByForLong() {
    LineTable table = new LineTable(1 << 16);
    for (int key = 0; key < 1 << 16; key++) {
      int line = table.take(key);
      for (int use = 0; use < 3; use++) {
        table.touch(line);
      }
    }
    // All are in use: one goes all the same, after a few steps.
    int _ = table.take(1 << 20);
    assertThat(table.evictions()).isEqualTo(1);
    assertThat(table.count()).isEqualTo(1 << 16);
  }
}
