package sluice.nvme;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import sluice.queues.CompletionQueue;
import sluice.queues.Doorbell;
import sluice.queues.SubmissionQueue;
import sluice.support.Closing;

/**
 * The I/O queues of a controller, and their identifiers. Not thread-safe: the controller's lock
 * guards it.
 */
final class IoQueues implements IoQueue.Keeper {
  private final ControllerContext controller;
  private final AdminCommands admin;
  private final BitSet takenIds = new BitSet();

  /** Those that are taken by what a controller did not let go of. */
  private final BitSet stuckIds = new BitSet();

  private final List<IoQueue> open = new ArrayList<>();
  private int limit;

  /** Whether a queue could not be deleted in time while closing: the others are left alone. */
  private boolean hasGivenUp;

  IoQueues(ControllerContext controller, AdminCommands admin) {
    this.controller = controller;
    this.admin = admin;
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
  IoQueue create(int depth) {
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
      queue = new IoQueue(controller, this, id, depth);
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

  @Override
  public int createRings(
      SubmissionQueue sq, CompletionQueue cq, Doorbell sqDoorbell, Doorbell cqDoorbell) {
    return controller.underLock(() -> {
      ShadowDoorbells shadows = controller.shadowDoorbells();
      if (shadows == null) {
        sqDoorbell.useRegister();
        cqDoorbell.useRegister();
      } else {
        shadows.attach(sq.id(), sqDoorbell, cqDoorbell);
      }
      admin.createQueues(sq, cq, controller.vectors(), controller.quirks());
      return controller.recovery().generation();
    });
  }

  @Override
  public boolean delete(IoQueue queue, int seenGeneration) {
    return controller.underLock(() -> {
      boolean exists =
          controller.recovery().generation() == seenGeneration && controller.function().isPresent();
      try {
        open.remove(queue);
        if (exists && !hasGivenUp) {
          admin.deleteQueues(queue.id());
        }
        // If the drive refuses, its identifier stays taken.
        takenIds.clear(queue.id());
      } catch (CommandTimeoutException e) {
        // Outside of closing that was followed by a reset, and the queue is no more.
        hasGivenUp = controller.isClosing();
        return controller.hasForgotten(seenGeneration);
      }
      return (exists && !hasGivenUp) || controller.hasForgotten(seenGeneration);
    });
  }

  /** Closes all queues, each even if another refuses: their memory is about to go. */
  void closeAll() {
    Closing.all(List.copyOf(open), IoQueue::close);
  }
}
