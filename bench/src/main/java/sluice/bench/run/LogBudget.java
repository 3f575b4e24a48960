package sluice.bench.run;

import java.util.concurrent.Semaphore;

/** How much all logs of a run may hold that was not written yet. Used by any thread. */
final class LogBudget {
  /** Of samples of single I/Os: some 30 MB. */
  static final int PIECES = 1024;

  private final Semaphore left = new Semaphore(PIECES);

  /** Takes room for a piece more; false if there is none. */
  boolean take() {
    return left.tryAcquire();
  }

  /** Gives pieces back. */
  void give(int pieces) {
    left.release(pieces);
  }
}
