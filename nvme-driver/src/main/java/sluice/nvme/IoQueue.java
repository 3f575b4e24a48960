package sluice.nvme;

import java.util.Objects;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.support.agent.IdleStrategy;
import sluice.vfio.DmaMemory;

/**
 * An I/O queue pair: requests go out, completions come back, nothing waits.
 *
 * <p>A request method returns false when there is no room: poll, and try again. What was requested
 * goes to the drive at the next {@link #ring} or {@link #poll}, so that a batch costs one doorbell.
 * A request's memory belongs to the drive until its completion is reported. A transfer larger than
 * the drive takes at once is split, and reported once.
 *
 * <p>Used by one thread at a time, its owner. No request allocates, locks, or reads a register of
 * the device, nor does a poll, but for two: four times in an I/O timeout a poll that has commands
 * out reads CSTS, and looks whether one is overdue; and a poll after a reset creates the queue
 * anew, which is done with locks and waits. Who may not wait uses {@link #pollNow}.
 *
 * <p>A command that is out for longer than {@link ControllerOptions#ioTimeout} is aborted; if it
 * does not come back in as long again, the controller is reset, and everything outstanding on all
 * queues is reported as {@link StatusCode#ABORTED_BY_HOST}: it may have happened or not, but it
 * cannot happen any more, and may be requested again. The same is done when the drive completes
 * what was never sent to it. What it completes a second time, however late, is passed over.
 */
public final class IoQueue extends QueueCommands implements AutoCloseable {
  /** {@link #pollNow}: nothing goes on before {@link #poll} has waited. */
  public static final int MUST_WAIT = -1;

  /** Instead of a generation, so that nothing touches a closed queue. */
  private static final int CLOSED = -1;

  private static final long IDLE_NANOS = 1_000_000;

  private final ControllerContext controller;
  private final QueueKeeper keeper;
  private final OwnedDmaSpace memory;
  private final OverdueCommands overdue;
  private final Turns turns = new Turns();

  /** In which the controller has the queue; changed by the owner, read by who closes it. */
  private volatile int generation;

  /**
   * @param memory where the transport has taken its memory from, which the queue frees
   */
  IoQueue(
      ControllerContext controller,
      QueueKeeper keeper,
      int id,
      int depth,
      long maxTransfer,
      QueueTransport transport,
      OwnedDmaSpace memory) {
    super(
        transport,
        id,
        depth,
        maxTransfer,
        controller.notices(),
        new CommandClock(
            depth, controller.options().ioTimeout().toNanos(), controller.options().nanoClock()),
        new RangePages(memory, depth));
    this.controller = controller;
    this.keeper = keeper;
    this.memory = memory;
    this.overdue = new OverdueCommands(controller, id, depth, clock);
  }

  /** The controller has the queue, in a generation. */
  void begin(int itsGeneration) {
    generation = itsGeneration;
  }

  /** The queue identifier, from 1. */
  public int id() {
    return id;
  }

  /** Commands that can be outstanding. */
  public int depth() {
    return depth;
  }

  /** Requests that have not been reported yet. */
  public int outstanding() {
    return requestsOut();
  }

  /**
   * Reads blocks.
   *
   * @param lba the first block
   * @param blocks how many, at least 1
   * @param memory of this controller's {@link NvmeController#dma}
   * @param offset where in the memory the data goes, a multiple of 4
   * @param tag reported with the completion
   * @return false when there is no room now
   */
  public boolean read(
      Namespace namespace, long lba, int blocks, DmaMemory memory, long offset, long tag) {
    return transfer(IoOpcode.READ, 0, namespace, lba, blocks, memory, offset, tag);
  }

  /** Writes blocks; as {@link #read}. Durable after a later {@link #flush}. */
  public boolean write(
      Namespace namespace, long lba, int blocks, DmaMemory memory, long offset, long tag) {
    return transfer(IoOpcode.WRITE, 0, namespace, lba, blocks, memory, offset, tag);
  }

  /** Writes blocks with Force Unit Access: durable when it completes. */
  public boolean writeFua(
      Namespace namespace, long lba, int blocks, DmaMemory memory, long offset, long tag) {
    return transfer(IoOpcode.WRITE, IoCommand.FUA, namespace, lba, blocks, memory, offset, tag);
  }

  /** Compares blocks with memory; a difference is {@link StatusCode#COMPARE_FAILURE}. */
  public boolean compare(
      Namespace namespace, long lba, int blocks, DmaMemory memory, long offset, long tag) {
    return transfer(IoOpcode.COMPARE, 0, namespace, lba, blocks, memory, offset, tag);
  }

  /** Makes durable all writes that were reported before this is requested. */
  public boolean flush(Namespace namespace, long tag) {
    if (!hasRoom()) {
      return false;
    }
    postFlush(namespace, tag);
    return true;
  }

  /**
   * Makes blocks read as zeros, without moving data.
   *
   * @param blocks 1 to 65536
   * @param deallocate whether the drive may give the blocks' memory back
   * @throws UnsupportedOperationException if the drive is known not to do it right
   */
  public boolean writeZeroes(
      Namespace namespace, long lba, int blocks, boolean deallocate, long tag) {
    namespace.checkBlocks(lba, blocks);
    if (controller.transport().hasBrokenWriteZeroes()) {
      throw new UnsupportedOperationException(
          controller.address() + " is of a model whose Write Zeroes does not do what it should");
    }
    if (blocks > IoCommand.MAX_BLOCKS) {
      throw new IllegalArgumentException("65536 blocks at the most can be zeroed, not " + blocks);
    }
    if (!hasRoom()) {
      return false;
    }
    int flags = deallocate ? IoCommand.DEALLOCATE : 0;
    postWriteZeroes(namespace, lba, blocks, flags, tag);
    return true;
  }

  /** Tells the drive that blocks' contents are no longer needed (Dataset Management). */
  public boolean deallocate(Namespace namespace, long lba, int blocks, long tag) {
    namespace.checkBlocks(lba, blocks);
    return hasRoom() && postDeallocate(namespace, lba, blocks, tag);
  }

  private boolean transfer(
      int opcode,
      int flags,
      Namespace namespace,
      long lba,
      int blocks,
      DmaMemory memory,
      long offset,
      long tag) {
    namespace.checkBlocks(lba, blocks);
    long bytes = (long) blocks << namespace.blockShift();
    Objects.checkFromIndexSize(offset, bytes, memory.size());
    if ((offset & 3) != 0) {
      throw new IllegalArgumentException("data begins at a multiple of 4, not at " + offset);
    }
    if (!hasRoom()) {
      return false;
    }
    postTransfer(opcode, flags, namespace, lba, bytes, memory, offset, tag);
    return true;
  }

  private boolean hasRoom() {
    assert turns.isAlone() : "two threads use queue " + id + " at once";
    return generation == controller.generation() && takesMore();
  }

  /**
   * Tells the drive of all requests since the last ring or poll.
   *
   * @throws IllegalStateException if the queue is closed
   * @throws NvmeException if its registers cannot be touched any more
   */
  public void ring() {
    assert turns.isAlone() : "two threads use queue " + id + " at once";
    if (generation == CLOSED) {
      throw closed();
    }
    send();
  }

  private void send() {
    try {
      transport.ring();
    } catch (InternalError e) {
      throw controller.lost(e);
    }
  }

  /**
   * Rings, gives the transport its turn, and reports what has completed.
   *
   * @return how many requests were reported
   * @throws IllegalStateException if the queue or its controller is closed
   * @throws NvmeException if the drive is gone or has failed
   */
  public int poll(CompletionHandler handler) {
    return poll(handler, true);
  }

  /**
   * As {@link #poll}, but waits for nothing: a reset, and what follows it, is left to that method,
   * which another thread may call that becomes the queue's owner for so long.
   *
   * @return also {@link #MUST_WAIT}
   */
  public int pollNow(CompletionHandler handler) {
    return poll(handler, false);
  }

  private int poll(CompletionHandler handler, boolean canWait) {
    assert turns.isAlone() : "two threads use queue " + id + " at once";
    long outer = turns.begin();
    try {
      return takeTurn(handler, canWait);
    } catch (InternalError e) {
      throw controller.lost(e);
    } finally {
      turns.end(outer);
    }
  }

  /** Whether another thread is in the middle of a turn. */
  boolean isInUse() {
    return turns.isOfAnother();
  }

  private int takeTurn(CompletionHandler handler, boolean canWait) {
    int seen = generation;
    if (seen != controller.generation()) {
      requireUsable();
      return canWait ? startOver(handler) : MUST_WAIT;
    }
    if (overdue.isResetDue()) {
      if (!canWait) {
        return MUST_WAIT;
      }
      overdue.resetController(seen);
      return 0;
    }
    transport.ring();
    boolean isLost = transport.poll() < 0;
    int reported = 0;
    int ended = 0;
    boolean any = false;
    try {
      long entry;
      // A handler may close the queue, or its controller: then there are no completions any more.
      while (ended >= 0 && generation == seen && (entry = transport.peek()) != 0) {
        any = true;
        ended = complete(entry, handler);
        reported += Math.max(ended, 0);
      }
    } finally {
      // Also when the handler throws: what was taken out is room for the drive.
      if (generation == seen) {
        transport.giveBack();
      }
    }
    if (ended == IMPOSSIBLE) {
      overdue.requireReset("completed what was not out");
    } else {
      if (any) {
        clock.progress();
      }
      if (generation == seen && hasBacklog()) {
        reported += continueBacklog(handler);
      }
      if (generation == seen && slots.outstanding() > 0 && (clock.isTimeToLook() || isLost)) {
        overdue.look(slots, isLost);
      }
    }
    if (canWait && overdue.isResetDue()) {
      overdue.resetController(seen);
    }
    return reported;
  }

  /**
   * Waits until there is something for {@link #poll} to do, or the time is up. Rings first. For
   * when a poll has found nothing: a thread that does nothing else calls the two in turn. The wait
   * is as {@link ControllerOptions#completions} says; without interrupts there is none.
   *
   * @param timeoutNanos how long at the most; keep it well below {@link
   *     ControllerOptions#ioTimeout}, because overdue commands are looked for in {@link #poll}
   * @return false if the time was up and nothing had completed
   */
  public boolean await(long timeoutNanos) {
    assert turns.isAlone() : "two threads use queue " + id + " at once";
    long outer = turns.begin();
    try {
      if (generation != controller.generation()) {
        return true;
      }
      send();
      if (transport.await(timeoutNanos)) {
        return true;
      }
    } finally {
      turns.end(outer);
    }
    clock.lookNext();
    return false;
  }

  /** Whether {@link #await} can sleep; else it returns at once, and who waits has to poll. */
  public boolean canWait() {
    return transport.canWait();
  }

  /**
   * What an agent that polls this queue does between two turns: waits for interrupts where {@link
   * ControllerOptions#completions} says so, but not for longer than a millisecond, as there may be
   * other work for it.
   *
   * @param otherwise what it does when there are none
   */
  public IdleStrategy idle(IdleStrategy otherwise) {
    if (!transport.canWait()) {
      return otherwise;
    }
    return work -> {
      if (work == 0) {
        boolean _ = await(IDLE_NANOS);
      }
    };
  }

  /**
   * Not only since a reset, but also while the controller is being closed, the queue is not used
   * any more: then the drive has it still, and what is out is not to be reported.
   */
  private void requireUsable() {
    if (generation == CLOSED) {
      throw closed();
    }
    controller.requireUsable();
  }

  /** The controller was reset: reports all that was out as aborted, and creates the queues anew. */
  private int startOver(CompletionHandler handler) {
    // If this fails, the next poll tries again: nothing is forgotten before it is reported.
    generation = keeper.create(transport);
    Requests lost = forgetAll();
    overdue.reset();
    int status = StatusCode.ABORTED_BY_HOST.status();
    return lost.endAll(status, handler, () -> generation != CLOSED);
  }

  private IllegalStateException closed() {
    return new IllegalStateException("queue " + id + " of " + controller.address() + " is closed");
  }

  /**
   * Deletes the queue and frees its memory; a controller that may use it all the same keeps it
   * until it is closed. Outstanding requests are not reported any more. A closed queue takes no
   * requests, and its polls throw {@link IllegalStateException}. Closing twice does nothing. A
   * handler may close the queue in the middle of a poll, which then reports nothing more.
   */
  @Override
  public void close() {
    if (generation == CLOSED) {
      return;
    }
    int seen = generation;
    generation = CLOSED;
    try {
      if (keeper.delete(id, transport, seen)) {
        memory.freeAll();
      }
    } finally {
      transport.close();
    }
  }

  /** How it stands, for people; exact on the owner's thread. Touches no memory of the drive's. */
  @Override
  public String toString() {
    return "queue %d of %s: depth %d, %d requests and %d commands out, generation %s; %s"
        .formatted(
            id,
            controller.address(),
            depth,
            requestsOut(),
            slots.outstanding(),
            generation == CLOSED ? "closed" : generation,
            transport);
  }
}
