package sluice.bench.run;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** A thread for one or several workers, until all of them have ended. */
final class WorkerThread {
  private final List<Worker> workers;
  private final CountDownLatch ended;
  private final Thread thread;
  private final AtomicReference<Runnable> asked = new AtomicReference<>();
  private volatile Throwable fault;

  /**
   * @param ended counted down at the end, whatever it is
   */
  WorkerThread(List<Worker> workers, CountDownLatch ended) {
    this.workers = List.copyOf(workers);
    this.ended = ended;
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
      Worker only = all.length == 1 ? all[0] : null;
      int left = all.length;
      while (left > 0) {
        int work = 0;
        left = 0;
        answer();
        for (Worker worker : all) {
          work += worker.doWork();
          left += worker.isEnded() ? 0 : 1;
        }
        if (work == 0 && left > 0) {
          if (only != null) {
            only.idle();
          } else {
            Thread.onSpinWait();
          }
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
