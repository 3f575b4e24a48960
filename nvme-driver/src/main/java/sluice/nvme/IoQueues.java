package sluice.nvme;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The I/O queues of a controller, and their identifiers. Not thread-safe: the controller's lock
 * guards it.
 */
final class IoQueues {
  private final NvmeController controller;
  private final BitSet takenIds = new BitSet();
  private final List<IoQueue> open = new ArrayList<>();
  private int limit;

  IoQueues(NvmeController controller) {
    this.controller = controller;
  }

  /** How many the controller has granted. */
  int limit() {
    return limit;
  }

  void limit(int granted) {
    limit = granted;
  }

  /**
   * Creates a queue pair.
   *
   * @throws NvmeException if there can be no more, or the drive refuses
   */
  IoQueue create(int depth, long maxTransfer) {
    int id = takenIds.nextClearBit(1);
    if (id > limit) {
      throw new NvmeException(controller.address() + " has no more than " + limit + " I/O queues");
    }
    IoQueue queue = new IoQueue(controller, id, depth, maxTransfer);
    takenIds.set(id);
    open.add(queue);
    return queue;
  }

  /**
   * Deletes a queue pair in the controller, unless it has been forgotten there.
   *
   * @param exists whether the controller has it
   * @throws CommandFailedException if the drive refuses; its identifier stays taken then
   */
  void delete(IoQueue queue, boolean exists) {
    open.remove(queue);
    if (exists) {
      controller.admin().deleteQueues(queue.id());
    }
    takenIds.clear(queue.id());
  }

  /** Closes all queues, each even if another refuses: their memory is about to go. */
  void closeAll() {
    RuntimeException failed = null;
    for (IoQueue queue : List.copyOf(open)) {
      try {
        queue.close();
      } catch (RuntimeException e) {
        if (failed == null) {
          failed = e;
        } else {
          failed.addSuppressed(e);
        }
      }
    }
    if (failed != null) {
      throw failed;
    }
  }
}
