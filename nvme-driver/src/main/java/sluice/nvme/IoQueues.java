package sluice.nvme;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import sluice.support.Closing;

/**
 * The I/O queues of a controller, and their identifiers. Not thread-safe: the controller's lock
 * guards it.
 */
final class IoQueues {
  private final NvmeController controller;
  private final BitSet takenIds = new BitSet();

  /** Those that are taken by what a controller did not let go of. */
  private final BitSet stuckIds = new BitSet();

  private final List<IoQueue> open = new ArrayList<>();
  private int limit;

  IoQueues(NvmeController controller) {
    this.controller = controller;
  }

  /** How many the controller has granted. */
  int limit() {
    return limit;
  }

  /** The controller has begun anew and forgotten all queues, and has granted so many. */
  void limit(int granted) {
    limit = granted;
    takenIds.andNot(stuckIds);
    stuckIds.clear();
  }

  boolean areNone() {
    return open.isEmpty();
  }

  /** Whether none is in the middle of a turn on another thread. */
  boolean areAtRest() {
    return open.stream().noneMatch(IoQueue::isInUse);
  }

  /**
   * Creates a queue pair.
   *
   * @throws NvmeException if there can be no more, or the drive refuses
   */
  IoQueue create(int depth, long maxTransfer) {
    int id = takenIds.nextClearBit(1);
    if (limit == 0) {
      throw new NvmeException(
          controller.address()
              + " gives no I/O queues: it can be asked for its state, and no more");
    }
    if (id > limit) {
      throw new NvmeException(controller.address() + " has no more than " + limit + " I/O queues");
    }
    takenIds.set(id);
    IoQueue queue;
    try {
      queue = new IoQueue(controller, id, depth, maxTransfer);
    } catch (StuckQueueException e) {
      stuckIds.set(id);
      throw e;
    } catch (RuntimeException e) {
      takenIds.clear(id);
      throw e;
    }
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
    Closing.all(List.copyOf(open), IoQueue::close);
  }
}
