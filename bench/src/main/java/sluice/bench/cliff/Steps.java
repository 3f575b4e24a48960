package sluice.bench.cliff;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleConsumer;
import sluice.bench.pass.Pass;

/**
 * Notes when each step of a pass is done, and finds the cliff in that. Used by one thread;
 * allocates nothing until the result.
 */
public final class Steps implements Pass.Progress {
  /** So many that a cliff is found to a twentieth of a percent of all. */
  private static final long MOST_STEPS = 2_000;

  /** A poll may find all that was out at once: a step is longer than that. */
  private static final int LEAST_OUTS = 2;

  private static final long PROGRESS_NANOS = 100_000_000;

  private final long bytes;
  private final long outBytes;
  private final long stepBytes;
  private final long[] ends;
  private final DoubleConsumer onProgress;
  private final long begin;
  private long nextProgress;
  private int steps;

  /**
   * @param bytes of the pass
   * @param chunk bytes of its commands
   * @param depth how many of them are out at a time
   * @param now by the clock, when it begins
   * @param onProgress told several times a second how much is done, from 0 to 1
   */
  public Steps(long bytes, int chunk, int depth, long now, DoubleConsumer onProgress) {
    this.bytes = bytes;
    this.onProgress = onProgress;
    this.outBytes = (long) depth * chunk;
    long least = Math.max(Math.ceilDiv(bytes, MOST_STEPS), LEAST_OUTS * outBytes);
    this.stepBytes = Math.ceilDiv(least, chunk) * chunk;
    this.ends = new long[(int) Math.ceilDiv(bytes, stepBytes)];
    this.begin = now;
    this.nextProgress = now;
  }

  @Override
  public void done(long done, long now) {
    while (steps < ends.length && done >= (steps + 1) * stepBytes) {
      ends[steps++] = now - begin;
    }
    if (now - nextProgress >= 0) {
      nextProgress = now + PROGRESS_NANOS;
      onProgress.accept((double) done / bytes);
    }
  }

  /**
   * What there is after the pass.
   *
   * @param done bytes that were done
   */
  public CliffResult result(Pass pass, long done) {
    long took = Math.max(1, pass.endNanos() - begin);
    if (done > steps * stepBytes) {
      ends[steps++] = took;
    }
    List<Long> all = new ArrayList<>(steps);
    for (int i = 0; i < steps; i++) {
      all.add(ends[i]);
    }
    return CliffResult.of(
        stepBytes,
        all,
        done,
        outBytes,
        pass.pauses(done * 1e9 / took),
        pass.stalls(),
        done < bytes);
  }
}
