package sluice.bench.run;

import sluice.bench.result.Direction;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.vfio.DmaMemory;

/**
 * A program that tells what measuring costs: the time per I/O of a bare loop on a queue of a drive
 * that does nothing, of the same I/Os by a worker, and the difference. The shortest of several
 * rounds counts, so that what else runs on the machine does not.
 */
final class MeasuringCost {
  private static final String DRIVE = "virtual:null?size=1G&thread=shared";
  private static final int BLOCKS = 8;
  private static final int ROUNDS = 12;
  private static final int IOS = 500_000;

  private MeasuringCost() {}

  public static void main(String[] arguments) {
    System.out.println("depth  bare ns/io  measured ns/io  measuring ns/io");
    for (int depth : new int[] {1, 4, 32}) {
      double bare = Double.MAX_VALUE;
      double measured = Double.MAX_VALUE;
      for (int round = 0; round < ROUNDS; round++) {
        bare = Math.min(bare, bare(depth));
        measured = Math.min(measured, measured(depth));
      }
      System.out.printf("%5d  %10.1f  %14.1f  %15.1f%n", depth, bare, measured, measured - bare);
    }
  }

  /** Blocks one after the other, as many at once as fit, and nothing else. */
  private static double bare(int depth) {
    try (NvmeController controller = Drives.open(DRIVE)) {
      Namespace drive = controller.namespaces().getFirst();
      IoQueue queue = controller.createIoQueue(depth);
      DmaMemory memory = controller.dma().allocate(depth * 4096L);
      long last = drive.blocks() - BLOCKS;
      long lba = 0;
      long[] completed = {0};
      long start = System.nanoTime();
      while (completed[0] < IOS) {
        while (queue.outstanding() < depth) {
          int slot = queue.outstanding();
          if (!queue.read(drive, lba, BLOCKS, memory, slot * 4096L, slot)) {
            break;
          }
          lba = lba == last ? 0 : lba + BLOCKS;
        }
        queue.ring();
        queue.poll((tag, status) -> completed[0]++);
      }
      return (System.nanoTime() - start) / (double) completed[0];
    }
  }

  private static double measured(int depth) {
    try (Rig rig =
        Rig.withRealClock(
            DRIVE, "rw=read", "bs=4k", "time_based", "runtime=1d", "iodepth=" + depth)) {
      long start = System.nanoTime();
      while (rig.worker.tally().ios(Direction.READ) < IOS) {
        rig.worker.doWork();
      }
      return (System.nanoTime() - start) / (double) rig.worker.tally().ios(Direction.READ);
    }
  }
}
