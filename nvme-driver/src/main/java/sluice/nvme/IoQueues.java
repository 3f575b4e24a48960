package sluice.nvme;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import sluice.support.Closing;

/**
 * The I/O queues of a controller, and their identifiers. Not thread-safe: the controller's lock
 * guards it.
 */
final class IoQueues implements QueueKeeper {
  /** How often a queue is created whose connection is lost at once. */
  private static final int ATTEMPTS = 5;

  private final ControllerContext controller;
  private final BitSet takenIds = new BitSet();

  /** Those that are taken by what a controller did not let go of. */
  private final BitSet stuckIds = new BitSet();

  private final List<IoQueue> open = new ArrayList<>();
  private int limit;

  /** Whether a queue could not be deleted in time while closing: the others are left alone. */
  private boolean hasGivenUp;

  IoQueues(ControllerContext controller) {
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
   * @param isPolled whether it has no part in interrupts
   * @throws NvmeException if there can be no more, or the drive refuses
   */
  IoQueue create(int depth, boolean isPolled) {
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
      queue = create(id, depth, isPolled);
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

  private IoQueue create(int id, int depth, boolean isPolled) {
    int seen = controller.generation();
    long maxTransfer = controller.maxTransferBytes();
    OwnedDmaSpace memory = new OwnedDmaSpace(controller.transport().dma());
    QueueTransport transport = null;
    boolean isAsked = false;
    try {
      ControllerTransport way = controller.transport();
      transport =
          isPolled
              ? way.newPolledQueue(id, depth, maxTransfer, memory)
              : way.newQueue(id, depth, maxTransfer, memory);
      IoQueue queue = new IoQueue(controller, this, id, depth, maxTransfer, transport, memory);
      isAsked = true;
      queue.begin(create(transport));
      return queue;
    } catch (RuntimeException e) {
      if (transport != null) {
        transport.close();
      }
      // A controller that may have the queue all the same keeps its memory until it is closed.
      if (!isAsked || e instanceof CommandFailedException || controller.hasForgotten(seen)) {
        memory.freeAll();
      }
      throw e;
    }
  }

  @Override
  public int create(QueueTransport queue) {
    return controller.underLock(() -> {
      for (int attempt = 1; !tryCreate(queue, attempt); attempt++) {
        // The reset that went before has failed for good, or there is a controller to ask.
        controller.requireUsable();
      }
      return controller.recovery().generation();
    });
  }

  /** Returns false if the way to the controller was lost just now, and it has been reset. */
  private boolean tryCreate(QueueTransport queue, int attempt) {
    try {
      queue.create(controller);
      return true;
    } catch (ConnectionLostException e) {
      if (attempt == ATTEMPTS) {
        throw e;
      }
      controller.recovery().restartAfter(e);
      return false;
    }
  }

  @Override
  public boolean delete(int id, QueueTransport queue, int seenGeneration) {
    return controller.underLock(() -> {
      boolean exists =
          controller.recovery().generation() == seenGeneration
              && controller.transport().isPresent();
      try {
        open.removeIf(each -> each.id() == id);
        if (exists && !hasGivenUp) {
          queue.delete(controller);
        }
        takenIds.clear(id);
      } catch (CommandTimeoutException | ImpossibleCompletionException e) {
        // Outside of closing that was followed by a reset, and the queue is no more.
        hasGivenUp = controller.isClosing();
        return giveBack(id, seenGeneration);
      } catch (RuntimeException e) {
        boolean _ = giveBack(id, seenGeneration);
        throw e;
      }
      return (exists && !hasGivenUp) || controller.hasForgotten(seenGeneration);
    });
  }

  /**
   * Gives the identifier of a queue that could not be deleted back: now if a reset has done so, or
   * else with the next one.
   *
   * @return whether the controller has forgotten the queue
   */
  private boolean giveBack(int id, int seenGeneration) {
    boolean isForgotten = controller.hasForgotten(seenGeneration);
    if (isForgotten) {
      takenIds.clear(id);
    } else {
      stuckIds.set(id);
    }
    return isForgotten;
  }

  /** Closes all queues, each even if another refuses: their memory is about to go. */
  void closeAll() {
    Closing.all(List.copyOf(open), IoQueue::close);
  }
}
