package sluice.bench.run;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** A thread for one or several workers, until all of them have ended. */
final class WorkerThread {
  private final List<Worker> workers;
  private final CountDownLatch ended;
  private final Rest rest;
  private final Thread thread;
  private final AtomicReference<Runnable> asked = new AtomicReference<>();
  private volatile Throwable fault;

  /**
   * @param clock the workers'
   * @param ended counted down at the end, whatever it is
   */
  WorkerThread(List<Worker> workers, LongSupplier clock, CountDownLatch ended) {
    this.workers = List.copyOf(workers);
    this.ended = ended;
    this.rest = new Rest(this.workers, clock, LockSupport::parkNanos);
    if (workers.size() > 1) {
      workers.forEach(Worker::sharesItsThread);
    }
    this.thread =
        Thread.ofPlatform()
            .name("bench-" + workers.getFirst().name())
            .daemon()
            .unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  List<Worker> workers() {
    return workers;
  }

  /** What should not have happened; null if it did not. */
  Throwable fault() {
    return fault;
  }

  /**
   * Has something done on this thread between two turns of its workers, where all that is theirs
   * can be read. One thing at a time. From any thread.
   */
  void ask(Runnable what) {
    asked.set(what);
  }

  /** Does what was asked for, if it was not done: by this thread, or by any when it has ended. */
  void answer() {
    if (asked.getPlain() != null) {
      Runnable what = asked.getAndSet(null);
      if (what != null) {
        what.run();
      }
    }
  }

  boolean isEnded() {
    return !thread.isAlive();
  }

  private void run() {
    try {
      Worker[] all = workers.toArray(Worker[]::new);
      int left = all.length;
      while (left > 0) {
        int work = 0;
        left = 0;
        answer();
        for (Worker worker : all) {
          work += worker.doWork();
          left += worker.isEnded() ? 0 : 1;
        }
        if (work == 0 && left > 0 && !rest.isTaken()) {
          Thread.onSpinWait();
        }
      }
    } catch (Throwable t) {
      fault = t;
      workers.forEach(worker -> worker.breakOff(t));
    } finally {
      ended.countDown();
    }
  }
}
