package sluice.virtual.array;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;

/**
 * Policies for the cache, on traces of lines: how many parts in a hundred are hits. {@link
 * LineTable} is the one that was chosen; the others are here for comparison, without regard to
 * speed. Run it with the number of lines of the cache.
 *
 * <pre>
 *   65536 lines                    LRU     SIEVE        2Q W-TinyLFU   S3-FIFO
 *   uniform over 8                12.5      12.5      12.5      12.5      12.5
 *   zipf 0.8 over 8               51.8      58.7      57.6      59.8      60.1
 *   zipf 1.0 over 8               77.8      81.3      80.7      81.4      82.0
 *   zipf 1.2 over 8               94.9      95.4      94.8      95.4      95.5
 *   zipf that moves               64.1      59.9      64.4      55.1      60.5
 *   zipf behind LRU of 1/2        21.1      33.2      34.3      42.7      41.9
 *   hot 0.5, scan 1:1             36.1      50.0      50.0      50.0      50.0
 *   hot 0.9, scan 1:1             23.6      48.7      43.0      49.7      50.0
 *   hot 0.9, scan 1:9              1.1       3.6       2.6      10.1       4.9
 *   zipf 1.0, scan 1:1            33.1      37.9      37.0      37.9      38.8
 *   bursts of 3 and zipf          69.1      68.8      71.7      71.3      69.7
 *   loop 0.9                     100.0     100.0     100.0     100.0     100.0
 *   loop 1.25                      0.0       0.0      66.3      79.2      59.7
 *   loop 2                         0.0       0.0       0.0      48.7       0.0
 * </pre>
 */
final class CachePolicyTrial {
  private static final int DRIVE = 8;
  private static final int WARM_UP = 20;
  private static final int LENGTH = 40;

  private CachePolicyTrial() {}

  /** Whether a line was there; it is afterwards, unless the policy does not let it in. */
  interface Policy {
    boolean access(int key);
  }

  public static void main(String[] args) {
    int lines = args.length > 0 ? Integer.parseInt(args[0]) : 16_384;
    Map<String, IntFunction<Policy>> policies = new LinkedHashMap<>();
    policies.put("LRU", Lru::new);
    policies.put("SIEVE", Sieve::new);
    policies.put("2Q", TwoQueues::new);
    policies.put("W-TinyLFU", TinyLfu::new);
    policies.put("S3-FIFO", count -> of(new LineTable(count)));
    Map<String, IntFunction<IntSupplier>> traces = new LinkedHashMap<>();
    traces.put("uniform over 8", c -> uniform(DRIVE * c));
    traces.put("zipf 0.8 over 8", c -> zipf(DRIVE * c, 0.8));
    traces.put("zipf 1.0 over 8", c -> zipf(DRIVE * c, 0.99));
    traces.put("zipf 1.2 over 8", c -> zipf(DRIVE * c, 1.2));
    traces.put("zipf that moves", CachePolicyTrial::moving);
    traces.put("zipf behind LRU of 1/2", c -> behind(c / 2, zipf(DRIVE * c, 0.99)));
    traces.put("hot 0.5, scan 1:1", c -> scan(c, c / 2, 2));
    traces.put("hot 0.9, scan 1:1", c -> scan(c, c * 9 / 10, 2));
    traces.put("hot 0.9, scan 1:9", c -> scan(c, c * 9 / 10, 10));
    traces.put("zipf 1.0, scan 1:1", CachePolicyTrial::zipfAndScan);
    traces.put("bursts of 3 and zipf", CachePolicyTrial::bursts);
    traces.put("loop 0.9", c -> loop(c * 9 / 10));
    traces.put("loop 1.25", c -> loop(c * 5 / 4));
    traces.put("loop 2", c -> loop(c * 2));
    System.out.printf(Locale.ROOT, "%-24s", lines + " lines");
    policies.keySet().forEach(name -> System.out.printf(Locale.ROOT, "%10s", name));
    System.out.println();
    traces.forEach((name, trace) -> {
      System.out.printf(Locale.ROOT, "%-24s", name);
      for (IntFunction<Policy> policy : policies.values()) {
        double rate = rate(policy.apply(lines), trace.apply(lines), lines);
        System.out.printf(Locale.ROOT, "%10.1f", 100 * rate);
      }
      System.out.println();
    });
  }

  static double rate(Policy policy, IntSupplier trace, int lines) {
    int hits = 0;
    for (int i = 0; i < WARM_UP * lines; i++) {
      policy.access(trace.getAsInt());
    }
    for (int i = 0; i < LENGTH * lines; i++) {
      hits += policy.access(trace.getAsInt()) ? 1 : 0;
    }
    return (double) hits / LENGTH / lines;
  }

  // ---- traces

  static IntSupplier uniform(int range) {
    Random random = new Random(1);
    return () -> random.nextInt(range);
  }

  /** Line r is asked for by a frequency of 1 in r to the power of theta; in no order. */
  static IntSupplier zipf(int range, double theta) {
    double[] sums = new double[range];
    double sum = 0;
    for (int i = 0; i < range; i++) {
      sum += Math.pow(i + 1, -theta);
      sums[i] = sum;
    }
    Random random = new Random(2);
    double all = sum;
    return () -> {
      int at = Arrays.binarySearch(sums, random.nextDouble() * all);
      return scattered(at < 0 ? Math.min(-at - 1, range - 1) : at, range);
    };
  }

  private static int scattered(int rank, int range) {
    return (int) (rank * 7_368_787L % range);
  }

  /** What is hot changes, by a tenth of the lines, after as many reads as the cache has lines. */
  private static IntSupplier moving(int lines) {
    IntSupplier zipf = zipf(DRIVE * lines, 0.99);
    int[] count = new int[1];
    return () -> (zipf.getAsInt() + count[0]++ / lines * (lines / 10)) % (DRIVE * lines);
  }

  /** What misses a cache before this one, as a file system's. */
  private static IntSupplier behind(int lines, IntSupplier trace) {
    Policy first = new Lru(lines);
    return () -> {
      int key;
      do {
        key = trace.getAsInt();
      } while (first.access(key));
      return key;
    };
  }

  /** One read in so many is of the hot set, the others go once through all, again and again. */
  static IntSupplier scan(int lines, int hot, int one) {
    Random random = new Random(3);
    int[] next = new int[1];
    int range = DRIVE * lines;
    return () -> random.nextInt(one) == 0 ? random.nextInt(hot) : hot + next[0]++ % (range - hot);
  }

  private static IntSupplier zipfAndScan(int lines) {
    IntSupplier zipf = zipf(DRIVE * lines, 0.99);
    Random random = new Random(4);
    int[] next = new int[1];
    return () ->
        random.nextBoolean() ? zipf.getAsInt() : DRIVE * lines + next[0]++ % (DRIVE * lines);
  }

  /** Half of all are lines that are read three times in a row and never again. */
  private static IntSupplier bursts(int lines) {
    IntSupplier zipf = zipf(DRIVE * lines, 0.99);
    Random random = new Random(5);
    int[] next = new int[1];
    return () -> random.nextBoolean() ? zipf.getAsInt() : DRIVE * lines + next[0]++ / 3 % (1 << 28);
  }

  static IntSupplier loop(int range) {
    int[] next = new int[1];
    return () -> next[0]++ % range;
  }

  // ---- policies

  static Policy of(LineTable table) {
    return key -> {
      int line = table.find(key);
      if (line == LineTable.NONE) {
        int _ = table.take(key);
        return false;
      }
      table.touch(line);
      return true;
    };
  }

  private static int eldest(Set<Integer> keys) {
    return keys.iterator().next();
  }

  private static final class Lru implements Policy {
    private final int lines;
    private final LinkedHashSet<Integer> keys = new LinkedHashSet<>();

    Lru(int lines) {
      this.lines = lines;
    }

    @Override
    public boolean access(int key) {
      boolean isHit = keys.remove(key);
      keys.add(key);
      if (keys.size() > lines) {
        keys.remove(eldest(keys));
      }
      return isHit;
    }
  }

  /** A hand goes from the oldest to the newest; what was used stays where it is. */
  private static final class Sieve implements Policy {
    private static final int NONE = -1;

    private final int lines;
    private final Map<Integer, Integer> index = new HashMap<>();
    private final int[] keys;
    private final boolean[] used;
    private final int[] newer;
    private final int[] older;
    private int newest = NONE;
    private int oldest = NONE;
    private int hand = NONE;

    Sieve(int lines) {
      this.lines = lines;
      keys = new int[lines];
      used = new boolean[lines];
      newer = new int[lines];
      older = new int[lines];
    }

    @Override
    public boolean access(int key) {
      Integer at = index.get(key);
      if (at != null) {
        used[at] = true;
        return true;
      }
      int line = index.size() < lines ? index.size() : evict();
      keys[line] = key;
      used[line] = false;
      index.put(key, line);
      older[line] = newest;
      newer[line] = NONE;
      if (newest == NONE) {
        oldest = line;
      } else {
        newer[newest] = line;
      }
      newest = line;
      return false;
    }

    private int evict() {
      int at = hand == NONE ? oldest : hand;
      while (used[at]) {
        used[at] = false;
        at = newer[at] == NONE ? oldest : newer[at];
      }
      hand = newer[at];
      if (older[at] == NONE) {
        oldest = newer[at];
      } else {
        newer[older[at]] = newer[at];
      }
      if (newer[at] == NONE) {
        newest = older[at];
      } else {
        older[newer[at]] = older[at];
      }
      index.remove(keys[at]);
      return at;
    }
  }

  /** The full version: a quarter for what comes, half as many ghosts as there are lines. */
  private static final class TwoQueues implements Policy {
    private final int lines;
    private final LinkedHashSet<Integer> in = new LinkedHashSet<>();
    private final LinkedHashSet<Integer> out = new LinkedHashSet<>();
    private final LinkedHashSet<Integer> main = new LinkedHashSet<>();

    TwoQueues(int lines) {
      this.lines = lines;
    }

    @Override
    public boolean access(int key) {
      if (main.remove(key)) {
        main.add(key);
        return true;
      }
      if (in.contains(key)) {
        return true;
      }
      (out.remove(key) ? main : in).add(key);
      if (in.size() + main.size() > lines) {
        if (in.size() > lines / 4 || main.isEmpty()) {
          int gone = eldest(in);
          in.remove(gone);
          out.add(gone);
          if (out.size() > lines / 2) {
            out.remove(eldest(out));
          }
        } else {
          main.remove(eldest(main));
        }
      }
      return false;
    }
  }

  /** A window of one in a hundred, a segmented main part, and a sketch that decides. */
  private static final class TinyLfu implements Policy {
    private static final int ROWS = 4;
    private static final int MOST = 15;

    private final int windowLines;
    private final int mainLines;
    private final LinkedHashSet<Integer> window = new LinkedHashSet<>();
    private final LinkedHashSet<Integer> probation = new LinkedHashSet<>();
    private final LinkedHashSet<Integer> kept = new LinkedHashSet<>();
    private final byte[] counts;
    private final int sample;
    private int counted;

    TinyLfu(int lines) {
      windowLines = Math.max(1, lines / 100);
      mainLines = lines - windowLines;
      counts = new byte[ROWS * 4 * Integer.highestOneBit(lines)];
      sample = 10 * lines;
    }

    private int at(int key, int row) {
      long hash = (key + 1L) * (0x9e37_79b9_7f4a_7c15L + 2L * row * 0x1234_5677);
      return row * (counts.length / ROWS) + (int) ((hash >>> 32) % (counts.length / ROWS));
    }

    private int frequency(int key) {
      int least = MOST;
      for (int row = 0; row < ROWS; row++) {
        least = Math.min(least, counts[at(key, row)]);
      }
      return least;
    }

    private void count(int key) {
      for (int row = 0; row < ROWS; row++) {
        int at = at(key, row);
        counts[at] = (byte) Math.min(MOST, counts[at] + 1);
      }
      if (++counted == sample) {
        counted /= 2;
        for (int i = 0; i < counts.length; i++) {
          counts[i] = (byte) (counts[i] / 2);
        }
      }
    }

    @Override
    public boolean access(int key) {
      count(key);
      if (window.remove(key)) {
        window.add(key);
        return true;
      }
      if (kept.remove(key)) {
        kept.add(key);
        return true;
      }
      if (probation.remove(key)) {
        kept.add(key);
        if (kept.size() > mainLines * 8 / 10) {
          int back = eldest(kept);
          kept.remove(back);
          probation.add(back);
        }
        return true;
      }
      window.add(key);
      if (window.size() > windowLines) {
        int candidate = eldest(window);
        window.remove(candidate);
        letIn(candidate);
      }
      return false;
    }

    private void letIn(int candidate) {
      if (probation.size() + kept.size() < mainLines) {
        probation.add(candidate);
        return;
      }
      Set<Integer> from = probation.isEmpty() ? kept : probation;
      int victim = eldest(from);
      if (frequency(candidate) > frequency(victim)) {
        from.remove(victim);
        probation.add(candidate);
      }
    }
  }
}
