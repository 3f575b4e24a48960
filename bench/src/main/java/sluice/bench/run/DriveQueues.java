package sluice.bench.run;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import sluice.bench.job.Options;
import sluice.nvme.IoQueue;
import sluice.nvme.NvmeController;
import sluice.support.Closing;

/** A drive's queues for the clones of a batch that are on it, and the share that each has. */
final class DriveQueues implements AutoCloseable {
  private final List<IoQueue> queues = new ArrayList<>();
  private final IdentityHashMap<Clone, QueueShare> reads = new IdentityHashMap<>();
  private final IdentityHashMap<Clone, QueueShare> others = new IdentityHashMap<>();

  /**
   * Creates them.
   *
   * @param users clones that are on the drive
   */
  DriveQueues(NvmeController controller, List<Clone> users, QueueMap map) {
    try {
      for (int queue = 0; queue < map.count(); queue++) {
        create(controller, users, map, queue);
      }
    } catch (RuntimeException e) {
      Closing.after(e, this);
      throw e;
    }
  }

  private void create(NvmeController controller, List<Clone> users, QueueMap map, int queue) {
    List<Integer> who = new ArrayList<>();
    for (int user = 0; user < users.size(); user++) {
      if (map.readsOf(user) == queue || map.othersOf(user) == queue) {
        who.add(user);
      }
    }
    int[] depths =
        who.stream()
            .mapToInt(user ->
                Math.min(users.get(user).job().get(Options.IODEPTH), controller.maxQueueDepth()))
            .toArray();
    long all = 0;
    for (int depth : depths) {
      all += depth;
    }
    int most = (int) Math.min(all, controller.maxQueueDepth());
    IoQueue made =
        map.isPolled(queue) ? controller.createPolledIoQueue(most) : controller.createIoQueue(most);
    queues.add(made);
    QueueShare[] shares = QueueShare.of(made, depths);
    for (int i = 0; i < shares.length; i++) {
      int user = who.get(i);
      if (map.readsOf(user) == queue) {
        reads.put(users.get(user), shares[i]);
      }
      if (map.othersOf(user) == queue) {
        others.put(users.get(user), shares[i]);
      }
    }
  }

  /** The share through which a clone reads; null if it is not on the drive. */
  QueueShare reads(Clone clone) {
    return reads.get(clone);
  }

  /** The share through which it does all else. */
  QueueShare others(Clone clone) {
    return others.get(clone);
  }

  /** Deletes the queues. */
  @Override
  public void close() {
    Closing.all(List.copyOf(queues), IoQueue::close);
  }
}
