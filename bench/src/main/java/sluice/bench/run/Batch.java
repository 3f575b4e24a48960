package sluice.bench.run;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
import sluice.nvme.ControllerTransport;
import sluice.nvme.NvmeController;
import sluice.support.Closing;
import sluice.vfio.DmaMemory;

/** Jobs that run at the same time, with all that they need. */
final class Batch implements AutoCloseable {
  private static final long LOOK_MILLIS = 20;
  private static final int PAGE = 4096;

  private final List<Target> targets;
  private final RunOptions options;
  private final List<Worker> workers = new ArrayList<>();

  /** By target; null where no clone is on it. */
  private final List<DriveQueues> queues = new ArrayList<>();

  /** By target. */
  private final List<List<DmaMemory>> memories = new ArrayList<>();

  /** By worker. */
  private final List<Ports> ports = new ArrayList<>();

  private final Map<Integer, Flow> flows = new HashMap<>();
  private CountDownLatch ended;

  /**
   * Makes the queues and the memory for all.
   *
   * @param targets all drives of the run
   */
  Batch(List<Clone> clones, List<Target> targets, RunOptions options) {
    this.targets = targets;
    this.options = options;
    try {
      for (int target = 0; target < targets.size(); target++) {
        memories.add(new ArrayList<>());
        queues.add(queues(target, clones));
      }
      for (Clone clone : clones) {
        workers.add(worker(clone));
      }
      workers.forEach(this::letWait);
    } catch (RuntimeException e) {
      Closing.after(e, this);
      throw e;
    }
  }

  private DriveQueues queues(int target, List<Clone> clones) {
    List<Clone> users = clones.stream().filter(clone -> clone.plan().isOn(target)).toList();
    if (users.isEmpty()) {
      return null;
    }
    NvmeController controller = targets.get(target).controller();
    return new DriveQueues(
        controller,
        users,
        QueueMap.of(
            options.queues(), controller.maxIoQueues(), users.stream().map(Clone::job).toList()));
  }

  private Worker worker(Clone clone) {
    JobOptions job = clone.job();
    List<Integer> drives = clone.plan().drives();
    int depth = job.get(Options.IODEPTH);
    for (int drive : drives) {
      depth = Math.min(depth, targets.get(drive).controller().maxQueueDepth());
    }
    int stride = (job.greatestBlock() + PAGE - 1) / PAGE * PAGE;
    List<Port> its = new ArrayList<>();
    for (int drive : drives) {
      Target target = targets.get(drive);
      DmaMemory memory = target.controller().dma().allocate((long) depth * stride);
      memories.get(drive).add(memory);
      DriveQueues those = queues.get(drive);
      ControllerTransport transport = target.controller().transport();
      its.add(
          new Port(
              drive,
              target.drive(),
              those.reads(clone),
              those.others(clone),
              memory,
              transport::stalledNanos));
    }
    Ports all = new Ports(its, clone.plan().region().parts());
    ports.add(all);
    Slots slots =
        new Slots(depth, stride, its.stream().map(Port::memory).toArray(DmaMemory[]::new));
    Flow flow =
        job.get(Options.FLOW) == 0
            ? null
            : flows.computeIfAbsent(job.get(Options.FLOW_ID), id -> new Flow());
    return new Worker(clone, all, slots, options.nanoClock(), flow);
  }

  /** Those of a batch before have ended. */
  private void letWait(Worker worker) {
    String waitee = worker.job().get(Options.WAIT_FOR);
    if (waitee != null) {
      worker.waitFor(workers.stream().filter(other -> other.name().equals(waitee)).toList());
    }
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
    int[] knots = Knots.of(ports);
    int count = IntStream.of(knots).max().orElse(-1) + 1;
    if (options.sharesThreads()) {
      count = Math.min(count, options.threads());
    }
    ended = new CountDownLatch(count);
    List<WorkerThread> threads = new ArrayList<>();
    for (int thread = 0; thread < count; thread++) {
      List<Worker> share = new ArrayList<>();
      for (int i = 0; i < workers.size(); i++) {
        if (knots[i] % count == thread) {
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
    Closing.all(queues.stream().filter(Objects::nonNull).toList(), DriveQueues::close);
    for (int target = 0; target < memories.size(); target++) {
      memories.get(target).forEach(targets.get(target).controller().dma()::free);
    }
    memories.clear();
  }
}
