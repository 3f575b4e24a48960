package sluice.bench.run;

/** Why a worker ends before its time, if it does. Set by its thread, read by any. */
final class Outcome {
  private volatile Failure failure;

  /** The first reason is the one that counts. */
  void fail(int errno, String text) {
    if (failure == null) {
      failure = new Failure(errno, text);
    }
  }

  boolean isFailed() {
    return failure != null;
  }

  /** Null without one. */
  Failure failure() {
    return failure;
  }
}
