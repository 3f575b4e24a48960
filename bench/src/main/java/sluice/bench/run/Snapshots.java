package sluice.bench.run;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import sluice.bench.result.JobResult;

/**
 * Results of jobs that go on. Each thread puts together what its workers measured, between two of
 * their turns; this looks on, on the thread that runs the bench, and passes on what all have made.
 */
final class Snapshots {
  private final long everyNanos;
  private final Consumer<List<JobResult>> to;
  private final List<CompletableFuture<List<Results.Part>>> parts = new ArrayList<>();
  private List<WorkerThread> threads = List.of();
  private Results results;
  private Watch watch;
  private long last;
  private volatile boolean asked;

  /**
   * @param everyNanos how often they come by themselves; 0 for never
   * @param to told the results of the batch that runs
   */
  Snapshots(long everyNanos, long now, Consumer<List<JobResult>> to) {
    this.everyNanos = everyNanos;
    this.to = to;
    this.last = now;
  }

  /** Asks for one. From any thread. */
  void ask() {
    asked = true;
  }

  /** A batch begins; what was not taken of the one before it is not taken any more. */
  void begin(List<WorkerThread> itsThreads, Results itsResults, Watch itsWatch) {
    threads = itsThreads;
    results = itsResults;
    watch = itsWatch;
    parts.clear();
  }

  /** Begins one if it is time for it, and passes it on if it is whole. */
  void look(long now) {
    if (parts.isEmpty() && (asked || (everyNanos > 0 && now - last >= everyNanos))) {
      asked = false;
      last = now;
      for (WorkerThread thread : threads) {
        CompletableFuture<List<Results.Part>> part = new CompletableFuture<>();
        thread.ask(() -> part.complete(results.of(thread, now)));
        parts.add(part);
      }
    }
    for (WorkerThread thread : threads) {
      if (thread.isEnded()) {
        thread.answer();
      }
    }
    if (!parts.isEmpty() && parts.stream().allMatch(CompletableFuture::isDone)) {
      List<Results.Part> all = parts.stream().flatMap(part -> part.join().stream()).toList();
      parts.clear();
      to.accept(Results.inOrder(all.stream(), watch));
    }
  }
}
