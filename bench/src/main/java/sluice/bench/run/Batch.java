package sluice.bench.run;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.job.StartDelay;
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
  private CountDownLatch ended;

  /** Makes the queues and the memory for all. */
  Batch(List<Clone> clones, NvmeController controller, Namespace drive, RunOptions options) {
    this.controller = controller;
    this.drive = drive;
    this.options = options;
    try {
      for (Clone clone : clones) {
        workers.add(worker(clone));
      }
    } catch (RuntimeException e) {
      Closing.after(e, this);
      throw e;
    }
  }

  private Worker worker(Clone clone) {
    JobOptions job = clone.job();
    int depth = Math.min(job.get(Options.IODEPTH), controller.maxQueueDepth());
    int stride = (job.greatestBlock() + PAGE - 1) / PAGE * PAGE;
    DmaMemory memory = controller.dma().allocate((long) depth * stride);
    memories.add(memory);
    IoQueue queue = controller.createIoQueue(depth);
    queues.add(queue);
    Slots slots = new Slots(depth, memory, stride);
    return new Worker(job, clone.plan(), queue, drive, slots, options.nanoClock());
  }

  /** Asks all jobs to end. From any thread. */
  void stop() {
    workers.forEach(Worker::stop);
  }

  /**
   * Runs all to their ends.
   *
   * @param runStart when the run began, by the clock
   * @param secondsBehind how long the batches behind this one take
   */
  List<JobResult> run(long runStart, long secondsBehind) {
    Instant start = Instant.now();
    long begin = options.nanoClock().getAsLong();
    for (Worker worker : workers) {
      worker.beginAt(begin + delay(worker), runStart);
    }
    List<WorkerThread> threads = threads();
    Watch watch = new Watch(workers, options, secondsBehind);
    threads.forEach(WorkerThread::start);
    try {
      while (!ended.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        watch.look(options.nanoClock().getAsLong());
        if (threads.stream().anyMatch(thread -> thread.fault() != null)) {
          stop();
        }
      }
    } catch (InterruptedException e) {
      stop();
      Thread.currentThread().interrupt();
    }
    requireNoFault(threads);
    return Results.of(threads, watch, start, begin, runStart);
  }

  private List<WorkerThread> threads() {
    int count = workers.size();
    if (options.sharesThreads()) {
      count = Math.min(count, options.threads());
    }
    ended = new CountDownLatch(count);
    List<WorkerThread> threads = new ArrayList<>();
    for (int thread = 0; thread < count; thread++) {
      List<Worker> share = new ArrayList<>();
      for (int i = thread; i < workers.size(); i += count) {
        share.add(workers.get(i));
      }
      threads.add(new WorkerThread(share, ended));
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

  private static void requireNoFault(List<WorkerThread> threads) {
    for (WorkerThread thread : threads) {
      if (thread.fault() != null) {
        throw new IllegalStateException(
            "a job broke off: " + thread.fault().getMessage(), thread.fault());
      }
    }
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
