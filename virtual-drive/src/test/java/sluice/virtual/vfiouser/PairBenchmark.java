package sluice.virtual.vfiouser;

import java.util.Arrays;
import sluice.nvme.CompletionHandler;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.vfio.DmaMemory;

/**
 * How many 4 KiB random reads a drive takes a second, at several depths, and how long one of them
 * takes: the driver's own cost and the way to the drive and back, without any benchmark around
 * them. Not a test: {@code main} takes a drive's address and, if wanted, how many rounds.
 *
 * <pre>
 *   taskset -c 1 ./sluice serve vfio-user --socket /tmp/s --drive null,size=1T &amp;
 *   taskset -c 0 java … sluice.virtual.vfiouser.PairBenchmark vfio-user:/tmp/s 5
 * </pre>
 */
final class PairBenchmark {
  private static final int[] DEPTHS = {1, 4, 32, 128};
  private static final long ROUND_NANOS = 1_000_000_000L;
  private static final int BLOCK_BYTES = 4096;
  private static final int SAMPLES = 200_000;
  private static final int CHECK_CLOCK_EVERY = 1024;

  private final IoQueue queue;
  private final Namespace namespace;
  private final DmaMemory memory;
  private final long blocks;
  private final int step;
  private long random = 88172645463325252L;

  private PairBenchmark(NvmeController controller, IoQueue queue) {
    this.queue = queue;
    this.namespace = controller.namespaces().getFirst();
    this.memory = controller.dma().allocate(128L * BLOCK_BYTES);
    this.step = BLOCK_BYTES / namespace.blockSize();
    this.blocks = namespace.blocks() / step;
  }

  public static void main(String[] arguments) {
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
    try (NvmeController controller =
            Drives.open(DriveAddress.parse(arguments[0]), ControllerOptions.defaults());
        IoQueue queue = controller.createIoQueue(Math.min(128, controller.maxQueueDepth()))) {
      PairBenchmark benchmark = new PairBenchmark(controller, queue);
      for (int wanted : DEPTHS) {
        int depth = Math.min(wanted, queue.depth());
        double warmUp = benchmark.run(depth, 2 * ROUND_NANOS);
        double[] rates = new double[rounds];
        for (int round = 0; round < rounds; round++) {
          rates[round] = benchmark.run(depth, ROUND_NANOS);
        }
        Arrays.sort(rates);
        System.out.printf(
            "QD %3d: %.2f M IOPS, median of %d (%.2f to %.2f; while warming up %.2f)%n",
            depth,
            rates[rounds / 2] / 1e6,
            rounds,
            rates[0] / 1e6,
            rates[rounds - 1] / 1e6,
            warmUp / 1e6);
      }
      benchmark.printLatencies();
    }
  }

  /** I/Os a second. */
  private double run(int depth, long nanos) {
    CompletionHandler handler = (_, status) -> check(status);
    long begin = System.nanoTime();
    long now = begin;
    long done = 0;
    int out = 0;
    while (now - begin < nanos) {
      for (long i = 0; i < CHECK_CLOCK_EVERY; i++) {
        while (out < depth && read(out)) {
          out++;
        }
        int completed = queue.poll(handler);
        out -= completed;
        done += completed;
      }
      now = System.nanoTime();
    }
    while (out > 0) {
      out -= queue.poll(handler);
    }
    return done * 1e9 / (now - begin);
  }

  private boolean read(int slot) {
    random ^= random << 13;
    random ^= random >>> 7;
    random ^= random << 17;
    long block = (random >>> 1) % blocks;
    return queue.read(namespace, block * step, step, memory, (long) slot * BLOCK_BYTES, slot);
  }

  private void printLatencies() {
    long[] samples = new long[SAMPLES];
    CompletionHandler handler = (_, status) -> check(status);
    for (int i = 0; i < SAMPLES; i++) {
      long begin = System.nanoTime();
      boolean _ = read(0);
      while (queue.poll(handler) == 0) {
        // Nothing to do but to look again.
      }
      samples[i] = System.nanoTime() - begin;
    }
    Arrays.sort(samples);
    System.out.printf(
        "QD 1 latency: p50 %d ns, p99 %d ns, p99.9 %d ns, of %d%n",
        samples[SAMPLES / 2], samples[SAMPLES / 100 * 99], samples[SAMPLES / 1000 * 999], SAMPLES);
  }

  private static void check(int status) {
    if (status != 0) {
      throw new IllegalStateException("a read ended with status " + status);
    }
  }
}
