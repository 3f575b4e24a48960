package sluice.bench.run;

import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A thread for one or several workers, until all of them have ended. */
final class WorkerThread {
  private final List<Worker> workers;
  private final CountDownLatch ended;
  private final Thread thread;
  private volatile Throwable fault;

  /**
   * @param ended counted down at the end, whatever it is
   */
  WorkerThread(List<Worker> workers, CountDownLatch ended) {
    this.workers = List.copyOf(workers);
    this.ended = ended;
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

  private void run() {
    try {
      Worker[] all = workers.toArray(Worker[]::new);
      Worker only = all.length == 1 ? all[0] : null;
      int left = all.length;
      while (left > 0) {
        int work = 0;
        left = 0;
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
    } finally {
      ended.countDown();
    }
  }
}
