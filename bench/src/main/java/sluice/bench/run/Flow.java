package sluice.bench.run;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Jobs that share their I/Os out by weight ({@code flow_id}): who is ahead of its share waits for
 * the others. Those count that have begun and have not ended. There is always one that may go.
 */
final class Flow {
  /** One more than all that they have issued, as fio has it. */
  private final AtomicLong ios = new AtomicLong(1);

  private final AtomicInteger weights = new AtomicInteger();

  /** One job's part of it. Used by the job's thread. */
  final class Share {
    private final int weight;
    private long own;
    private boolean joined;

    private Share(int weight) {
      this.weight = weight;
    }

    /** The job begins. */
    void join() {
      joined = true;
      weights.addAndGet(weight);
    }

    /** The job issues no more. */
    void leave() {
      if (joined) {
        joined = false;
        ios.addAndGet(-own);
        weights.addAndGet(-weight);
        own = 0;
      }
    }

    /** Whether the others have to issue something first. */
    boolean isAhead() {
      return own * (double) weights.get() > ios.get() * (double) weight;
    }

    void issued() {
      if (joined) {
        own++;
        ios.incrementAndGet();
      }
    }
  }

  Share share(int weight) {
    return new Share(weight);
  }
}
