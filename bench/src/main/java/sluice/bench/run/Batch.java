package sluice.bench.run;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.job.StartDelay;
import sluice.bench.result.JobInterval;
import sluice.bench.result.JobResult;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.support.Closing;
import sluice.vfio.DmaMemory;

/** Jobs that run at the same time, with all that they need. */
final class Batch implements AutoCloseable {
  private static final long LOOK_MILLIS = 20;
  private static final int PAGE = 4096;

  private final NvmeController controller;
  private final Namespace drive;
  private final RunOptions options;
  private final List<Worker> workers = new ArrayList<>();
  private final List<IoQueue> queues = new ArrayList<>();
  private final List<DmaMemory> memories = new ArrayList<>();
  private int queueCount;
  private CountDownLatch ended;

  /** Makes the queues and the memory for all. */
  Batch(List<Clone> clones, NvmeController controller, Namespace drive, RunOptions options) {
    this.controller = controller;
    this.drive = drive;
    this.options = options;
    try {
      QueueShare[] shares = shares(clones);
      for (int i = 0; i < shares.length; i++) {
        workers.add(worker(clones.get(i), shares[i]));
      }
    } catch (RuntimeException e) {
      Closing.after(e, this);
      throw e;
    }
  }

  /** A queue for each; where the drive has too few, they come in turns. */
  private QueueShare[] shares(List<Clone> clones) {
    QueueShare[] shares = new QueueShare[clones.size()];
    queueCount = Math.min(shares.length, controller.maxIoQueues());
    for (int first = 0; first < queueCount; first++) {
      int[] depths =
          IntStream.iterate(first, i -> i < shares.length, i -> i + queueCount)
              .map(i -> depth(clones.get(i)))
              .toArray();
      long all = IntStream.of(depths).asLongStream().sum();
      IoQueue queue = controller.createIoQueue((int) Math.min(all, controller.maxQueueDepth()));
      queues.add(queue);
      QueueShare[] parts = QueueShare.of(queue, depths);
      for (int i = 0; i < parts.length; i++) {
        shares[first + i * queueCount] = parts[i];
      }
    }
    return shares;
  }

  private int depth(Clone clone) {
    return Math.min(clone.job().get(Options.IODEPTH), controller.maxQueueDepth());
  }

  private Worker worker(Clone clone, QueueShare queue) {
    JobOptions job = clone.job();
    int depth = depth(clone);
    int stride = (job.greatestBlock() + PAGE - 1) / PAGE * PAGE;
    DmaMemory memory = controller.dma().allocate((long) depth * stride);
    memories.add(memory);
    Slots slots = new Slots(depth, memory, stride);
    return new Worker(
        clone, queue, drive, slots, options.nanoClock(), controller.transport()::stalledNanos);
  }

  /** Asks all jobs to end. From any thread. */
  void stop() {
    workers.forEach(Worker::stop);
  }

  /**
   * Runs all to their ends. A fault of this program ends all, and is in the result of whom it met.
   *
   * @param runStart when the run began, by the clock
   * @param secondsBehind how long the batches behind this one take
   * @param snapshots told of results while it goes on, when they are asked for
   */
  List<JobResult> run(long runStart, long secondsBehind, Snapshots snapshots) {
    LongSupplier clock = options.nanoClock();
    Results results = new Results(Instant.now(), clock.getAsLong(), runStart);
    for (Worker worker : workers) {
      worker.beginAt(results.startNanos() + delay(worker), runStart);
    }
    List<WorkerThread> threads = threads();
    Watch watch = new Watch(workers, options, secondsBehind);
    snapshots.begin(threads, results, watch);
    threads.forEach(WorkerThread::start);
    lookOn(threads, results, watch, snapshots);
    long end = clock.getAsLong();
    writeLogs(results);
    workers.forEach(worker -> worker.logs().finish());
    writeLogs(results);
    workers.forEach(worker -> worker.logs().close());
    return Results.inOrder(
        threads.stream().flatMap(thread -> results.of(thread, end).stream()), watch);
  }

  private void writeLogs(Results results) {
    for (Worker worker : workers) {
      worker
          .logs()
          .drain((way, interval) ->
              options
                  .logs()
                  .interval(
                      new JobInterval(worker.name(), way, results.measured(worker), interval)));
    }
  }

  private void lookOn(
      List<WorkerThread> threads, Results results, Watch watch, Snapshots snapshots) {
    boolean interrupted = false;
    boolean running = true;
    while (running) {
      try {
        running = !ended.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
      writeLogs(results);
      long now = options.nanoClock().getAsLong();
      watch.look(now);
      snapshots.look(now);
      if (interrupted || threads.stream().anyMatch(thread -> thread.fault() != null)) {
        stop();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private List<WorkerThread> threads() {
    // Those who share a queue share a thread.
    int count = queueCount;
    if (options.sharesThreads()) {
      count = Math.min(count, options.threads());
    }
    ended = new CountDownLatch(count);
    List<WorkerThread> threads = new ArrayList<>();
    for (int thread = 0; thread < count; thread++) {
      List<Worker> share = new ArrayList<>();
      for (int i = 0; i < workers.size(); i++) {
        if (i % queueCount % count == thread) {
          share.add(workers.get(i));
        }
      }
      threads.add(new WorkerThread(share, options.nanoClock(), ended));
    }
    return threads;
  }

  private long delay(Worker worker) {
    StartDelay delay = worker.job().get(Options.STARTDELAY);
    long seed = worker.plan().seed() + worker.plan().number();
    long range = delay.most() - delay.least();
    double part = range == 0 ? 0 : new SplittableRandom(seed).nextDouble();
    return options.scaled(delay.least() + (long) (range * part));
  }

  /** Deletes the queues, then frees the memory that their commands might have reached. */
  @Override
  public void close() {
    RuntimeException failure = null;
    for (IoQueue queue : queues) {
      try {
        queue.close();
      } catch (RuntimeException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
    memories.forEach(controller.dma()::free);
    memories.clear();
  }
}
