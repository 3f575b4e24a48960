package sluice.bench.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Layout;
import sluice.bench.job.Options;
import sluice.bench.result.JobResult;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.vfio.DmaMemory;

/**
 * A worker on a virtual drive that is moved step by step, and a clock for both that goes on by a
 * fixed time whenever it is read: what is measured follows from the job alone.
 */
final class Rig implements AutoCloseable, LongSupplier {
  private static final int MOST_STEPS = 50_000_000;
  private static final long REAL = -1;

  final NvmeController controller;
  final Namespace drive;
  final Worker worker;
  final IoNames names;
  final KeptLogs logs = new KeptLogs();
  private final long tick;
  private final JobOptions job;
  private long time = 1_000_000_000;

  /**
   * @param tick nanoseconds per reading
   */
  Rig(String address, long tick, String... options) {
    this.tick = tick;
    List<String> arguments = Stream.of(options).map(option -> "--" + option).toList();
    job = CommandLineJobs.read(arguments).jobs().getFirst();
    controller =
        Drives.open(DriveAddress.parse(address), ControllerOptions.defaults().withNanoClock(this));
    drive = controller.namespaces().getFirst();
    RunOptions run = RunOptions.standard();
    Region region =
        Region.of(job, 0, Layout.of(List.of(job), drive.bytes()), List.of(drive), warning -> {});
    int depth = job.get(Options.IODEPTH);
    int stride = (job.greatestBlock() + 4095) / 4096 * 4096;
    IoQueue queue = controller.createIoQueue(depth);
    Plan plan =
        new Plan(
            1,
            0,
            region,
            Limits.of(job, region, run),
            job.get(Options.RAMP_TIME),
            run.pauseNanos(),
            run.outliers(),
            64,
            false,
            4711);
    DmaMemory memory = controller.dma().allocate((long) depth * stride);
    QueueShare share = QueueShare.whole(queue);
    Ports ports =
        new Ports(
            List.of(new Port(0, drive, share, share, memory, controller.transport()::stalledNanos)),
            region.parts());
    Slots slots = new Slots(depth, stride, memory);
    names = new IoNames(job.name(), ports, slots);
    try {
      JobLogs jobLogs = new JobLogs(job, 1, logs, new LogBudget());
      Clone clone = new Clone(job, plan, jobLogs);
      worker = new Worker(clone, ports, slots, this, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    long start = tick == REAL ? System.nanoTime() : time;
    worker.beginAt(start + job.get(Options.STARTDELAY).least(), start);
  }

  /** By the machine's own clock. */
  static Rig withRealClock(String address, String... options) {
    return new Rig(address, REAL, options);
  }

  @Override
  public long getAsLong() {
    return tick == REAL ? System.nanoTime() : (time += tick);
  }

  void steps(int count) {
    for (int i = 0; i < count; i++) {
      worker.doWork();
    }
  }

  /** Lets time go by in which the worker does not run. */
  void stall(long nanos) {
    time += nanos;
  }

  /** Runs the job to its end. */
  JobResult run() {
    for (int i = 0; i < MOST_STEPS && !worker.isEnded(); i++) {
      worker.doWork();
      if (i % 1000 == 0) {
        drainLogs();
      }
    }
    if (!worker.isEnded()) {
      throw new AssertionError("the job did not end; it is " + worker.phase());
    }
    return result();
  }

  JobResult result() {
    Failure failure = worker.failure();
    JobResult.Builder result =
        JobResult.builder(job.name(), 0)
            .error(failure == null ? 0 : failure.errno(), failure == null ? "" : failure.text());
    worker.result(result, time);
    drainLogs();
    worker.logs().finish();
    drainLogs();
    return result.build();
  }

  private void drainLogs() {
    worker.logs().drain((way, interval) -> {});
  }

  @Override
  public void close() {
    controller.close();
  }
}
