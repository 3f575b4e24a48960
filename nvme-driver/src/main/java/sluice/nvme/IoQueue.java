package sluice.nvme;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.queues.CommandSlots;
import sluice.queues.CompletionEntry;
import sluice.queues.CompletionQueue;
import sluice.queues.Doorbell;
import sluice.queues.PrpLists;
import sluice.queues.SubmissionEntry;
import sluice.queues.SubmissionQueue;
import sluice.support.agent.IdleStrategy;
import sluice.vfio.DmaMemory;
import sluice.vfio.PciFunction;

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
 * anew, which is done with locks and waits.
 *
 * <p>A command that is out for longer than {@link ControllerOptions#ioTimeout} is aborted; if it
 * does not come back in as long again, the controller is reset, and everything outstanding on all
 * queues is reported as {@link StatusCode#ABORTED_BY_HOST}: it may have happened or not, but it
 * cannot happen any more, and may be requested again. The same is done when the drive completes
 * what was never sent to it. What it completes a second time, however late, is passed over.
 */
public final class IoQueue implements AutoCloseable {
  /** Instead of a generation, so that nothing touches the rings of a closed queue. */
  private static final int CLOSED = -1;

  /** Instead of how many requests a completion has ended: it is of none that there can be. */
  private static final int IMPOSSIBLE = -1;

  /** Instead of that, too: it came before, and a drive may send such ones without an end. */
  private static final int PASSED_OVER = -2;

  private static final long IDLE_NANOS = 1_000_000;

  /** No thread's identifier. */
  private static final long NOBODY = 0;

  private static final VarHandle TURN_OF;

  static {
    try {
      TURN_OF = MethodHandles.lookup().findVarHandle(IoQueue.class, "turnOf", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ControllerContext controller;
  private final Keeper keeper;
  private final PciFunction function;
  private final int id;
  private final int depth;
  private final long maxTransfer;
  private final OwnedDmaSpace dma;
  private final RangePages ranges;
  private final Doorbell sqDoorbell;
  private final Doorbell cqDoorbell;
  private final SubmissionQueue submissions;
  private final CompletionQueue completions;
  private final PrpLists prps;
  private final CommandClock clock;
  private final OverdueCommands overdue;
  private final CompletionWait waiting;
  private final Backlog backlog = new Backlog();
  private final int[] requestOfCommand;
  private final CommandSlots commands;
  private Requests requests;
  private boolean hasCompletedTwice;

  /** In which the rings exist; changed by the owner, read by who closes the controller. */
  private volatile int generation;

  /** The thread whose turn it is just now; through {@link #TURN_OF}. */
  @SuppressWarnings("UnusedVariable")
  private long turnOf;

  /** Who has made the queue, and has it made and deleted in the controller. */
  interface Keeper {
    /**
     * Creates a queue pair's rings, which are empty, in the controller.
     *
     * @return the generation in which they exist
     */
    int createRings(
        SubmissionQueue sq, CompletionQueue cq, Doorbell sqDoorbell, Doorbell cqDoorbell);

    /**
     * Deletes a queue pair in the controller, unless a reset has done so since.
     *
     * @return whether the controller does not reach its memory any more
     * @throws CommandFailedException if the drive refuses
     */
    boolean delete(IoQueue queue, int seenGeneration);
  }

  IoQueue(ControllerContext controller, Keeper keeper, int id, int depth) {
    this.controller = controller;
    this.keeper = keeper;
    this.function = controller.function();
    this.id = id;
    this.depth = depth;
    this.maxTransfer = controller.maxTransferBytes();
    int entries = entries(depth, controller.registers().maxQueueEntries());
    int stride = controller.doorbellStride();
    ControllerOptions options = controller.options();
    this.clock = new CommandClock(depth, options.ioTimeout().toNanos(), options.nanoClock());
    this.overdue = new OverdueCommands(controller, id, depth, clock);
    this.commands = new CommandSlots(depth);
    this.requests = new Requests(depth);
    this.requestOfCommand = new int[depth];
    this.sqDoorbell = Doorbell.ofSubmissionQueue(function.bar(0), id, stride);
    this.cqDoorbell = Doorbell.ofCompletionQueue(function.bar(0), id, stride);
    this.dma = new OwnedDmaSpace(function.dma());
    this.waiting = new CompletionWait(controller.vectors().newWait(id), options);
    int seen = controller.generation();
    boolean isAsked = false;
    try {
      int pageBytes = controller.pageBytes();
      DmaMemory sqMemory =
          AlignedDma.allocate(dma, (long) entries * SubmissionEntry.BYTES, pageBytes);
      DmaMemory cqMemory =
          AlignedDma.allocate(dma, (long) entries * CompletionEntry.BYTES, pageBytes);
      this.ranges = new RangePages(dma, depth);
      this.prps = new PrpLists(dma, depth, maxTransfer, pageBytes);
      this.submissions = new SubmissionQueue(id, sqMemory, entries, sqDoorbell);
      this.completions = new CompletionQueue(id, cqMemory, entries, cqDoorbell);
      isAsked = true;
      this.generation = keeper.createRings(submissions, completions, sqDoorbell, cqDoorbell);
    } catch (RuntimeException e) {
      waiting.close();
      // A controller that may have the rings all the same keeps their memory until it is closed.
      if (!isAsked || e instanceof CommandFailedException || controller.hasForgotten(seen)) {
        dma.freeAll();
      }
      throw e;
    }
  }

  /** A power of two, which is what drives are used with, where it is not more than they take. */
  private static int entries(int depth, int most) {
    return Math.min(most, Integer.highestOneBit(depth) << 1);
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
    return requests.outstanding();
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
    long entry = beginSingle(IoOpcode.FLUSH, namespace, tag);
    if (entry == 0) {
      return false;
    }
    submissions.post();
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
    checkBlocks(namespace, lba, blocks);
    if (controller.quirks().cannotWriteZeroes()) {
      throw new UnsupportedOperationException(
          controller.address() + " is of a model whose Write Zeroes does not do what it should");
    }
    if (blocks > IoCommand.MAX_BLOCKS) {
      throw new IllegalArgumentException("65536 blocks at the most can be zeroed, not " + blocks);
    }
    long entry = beginSingle(IoOpcode.WRITE_ZEROES, namespace, tag);
    if (entry == 0) {
      return false;
    }
    SubmissionEntry.cdw10And11(entry, lba);
    int flags = deallocate ? IoCommand.DEALLOCATE : 0;
    SubmissionEntry.cdw(entry, 12, IoCommand.cdw12(blocks, flags));
    submissions.post();
    return true;
  }

  /** Tells the drive that blocks' contents are no longer needed (Dataset Management). */
  public boolean deallocate(Namespace namespace, long lba, int blocks, long tag) {
    checkBlocks(namespace, lba, blocks);
    if (!ranges.hasRoom()) {
      return false;
    }
    long entry = beginSingle(IoOpcode.DATASET_MANAGEMENT, namespace, tag);
    if (entry == 0) {
      return false;
    }
    ranges.describe(entry, commands.slotOf(SubmissionEntry.commandId(entry)), lba, blocks);
    submissions.post();
    return true;
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
    checkBlocks(namespace, lba, blocks);
    long bytes = (long) blocks << namespace.blockShift();
    Objects.checkFromIndexSize(offset, bytes, memory.size());
    if ((offset & 3) != 0) {
      throw new IllegalArgumentException("data begins at a multiple of 4, not at " + offset);
    }
    if (!hasRoom()) {
      return false;
    }
    int request = requests.begin(tag);
    if (bytes <= maxTransfer) {
      post(request, opcode, flags, namespace, lba, bytes, memory, offset);
      return true;
    }
    // The backlog itself counts as a piece: the request cannot end before it is all posted.
    requests.addPiece(request);
    backlog.begin(request, opcode, flags, namespace, lba, bytes, memory, offset);
    postBacklog();
    if (backlog.isPosted()) {
      // All of it is out already: there is room for other requests at once.
      requests.removePiece(request);
      backlog.drop();
    }
    return true;
  }

  private void post(
      int request,
      int opcode,
      int flags,
      Namespace namespace,
      long lba,
      long bytes,
      DmaMemory memory,
      long offset) {
    int command = commands.acquire();
    long entry = claim(request, command);
    int blocks = (int) (bytes >>> namespace.blockShift());
    SubmissionEntry.transfer(
        entry,
        opcode,
        commands.identifier(command),
        namespace.id(),
        lba,
        IoCommand.cdw12(blocks, flags));
    prps.describe(entry, command, memory, offset, bytes);
    submissions.post();
  }

  /** Posts as many pieces as there is room for. */
  private void postBacklog() {
    // Whole blocks: what the drive takes at once need not be a multiple of them.
    long most = maxTransfer & -(1L << backlog.namespace().blockShift());
    while (!backlog.isPosted() && commands.outstanding() < depth) {
      long bytes = Math.min(backlog.bytes(), most);
      post(
          backlog.request(),
          backlog.opcode(),
          backlog.flags(),
          backlog.namespace(),
          backlog.lba(),
          bytes,
          backlog.memory(),
          backlog.offset());
      backlog.advance(bytes);
    }
  }

  private boolean hasRoom() {
    return backlog.isEmpty()
        && generation == controller.generation()
        && commands.outstanding() < depth
        && requests.outstanding() < depth;
  }

  /** Begins a request of one command; 0 when there is no room. */
  private long beginSingle(int opcode, Namespace namespace, long tag) {
    return hasRoom() ? beginCommand(requests.begin(tag), commands.acquire(), opcode, namespace) : 0;
  }

  private long beginCommand(int request, int command, int opcode, Namespace namespace) {
    long entry = claim(request, command);
    SubmissionEntry.begin(entry, opcode, commands.identifier(command), namespace.id());
    return entry;
  }

  /** The entry for a command, one more piece of a request. */
  private long claim(int request, int command) {
    long entry = submissions.claim();
    assert command >= 0 && entry != 0 : "no room, though it was asked for";
    requestOfCommand[command] = request;
    requests.addPiece(request);
    clock.stamp(command);
    return entry;
  }

  private static void checkBlocks(Namespace namespace, long lba, int blocks) {
    if (blocks < 1 || lba < 0 || lba > namespace.usableBlocks() - blocks) {
      Namespace _ = namespace.requireUsable();
      throw new IndexOutOfBoundsException(
          blocks + " blocks from " + lba + " are not in " + namespace);
    }
  }

  /**
   * Tells the drive of all requests since the last ring or poll.
   *
   * @throws IllegalStateException if the queue is closed
   * @throws NvmeException if its registers cannot be touched any more
   */
  public void ring() {
    if (generation == CLOSED) {
      throw closed();
    }
    ringSubmissions();
  }

  private void ringSubmissions() {
    try {
      submissions.ring();
    } catch (InternalError e) {
      throw controller.lost(e);
    }
  }

  /**
   * Rings, gives the function its turn, and reports what has completed.
   *
   * @return how many requests were reported
   * @throws IllegalStateException if the queue or its controller is closed
   * @throws NvmeException if the drive is gone or has failed
   */
  public int poll(CompletionHandler handler) {
    // Opaque, and release: who closes the controller looks whether somebody is at it, a while after
    // it has made the generation such that no turn begins any more.
    long outer = turnOf;
    TURN_OF.setOpaque(this, Thread.currentThread().threadId());
    try {
      return takeTurn(handler);
    } catch (InternalError e) {
      throw controller.lost(e);
    } finally {
      TURN_OF.setRelease(this, outer);
    }
  }

  /** Whether another thread is in the middle of a turn. */
  boolean isInUse() {
    long thread = (long) TURN_OF.getAcquire(this);
    return thread != NOBODY && thread != Thread.currentThread().threadId();
  }

  private int takeTurn(CompletionHandler handler) {
    int seen = generation;
    if (seen != controller.generation()) {
      return startOver(handler);
    }
    submissions.ring();
    function.poll();
    int reported = 0;
    int ended = 0;
    boolean any = false;
    try {
      long entry;
      // A handler may close the queue, or its controller: then the rings are there no more.
      while (ended >= 0 && generation == seen && (entry = completions.peek()) != 0) {
        any = true;
        ended = complete(entry, handler);
        reported += Math.max(ended, 0);
      }
    } finally {
      // Also when the handler throws: what was taken out of the ring is room for the drive.
      if (generation == seen) {
        completions.ring();
      }
    }
    if (ended == IMPOSSIBLE) {
      controller.recover(seen, "completed what was not out");
      return reported;
    }
    if (any) {
      clock.progress();
    }
    if (generation == seen && !backlog.isEmpty()) {
      reported += continueBacklog(handler);
    }
    if (generation == seen && commands.outstanding() > 0 && clock.isTimeToLook()) {
      overdue.look(commands, seen);
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
    TURN_OF.setOpaque(this, Thread.currentThread().threadId());
    try {
      if (generation != controller.generation()) {
        return true;
      }
      ringSubmissions();
      if (waiting.await(completions, timeoutNanos)) {
        return true;
      }
    } finally {
      TURN_OF.setRelease(this, NOBODY);
    }
    clock.lookNext();
    return false;
  }

  /**
   * What an agent that polls this queue does between two turns: waits for interrupts where {@link
   * ControllerOptions#completions} says so, but not for longer than a millisecond, as there may be
   * other work for it.
   *
   * @param otherwise what it does when there are none
   */
  public IdleStrategy idle(IdleStrategy otherwise) {
    if (!waiting.isPossible()) {
      return otherwise;
    }
    return work -> {
      if (work == 0) {
        boolean _ = await(IDLE_NANOS);
      }
    };
  }

  private int complete(long entry, CompletionHandler handler) {
    int command = commands.slotOf(CompletionEntry.commandId(entry));
    if (command < 0 || CompletionEntry.submissionQueueId(entry) != id) {
      return completeUnknown(entry);
    }
    int status = CompletionEntry.status(entry);
    completions.pop();
    submissions.completed();
    int request = requestOfCommand[command];
    commands.release(command);
    if (ranges.areOut()) {
      ranges.release(command);
    }
    if (status != 0) {
      requests.fail(request, status);
    }
    return requests.endPiece(request, handler);
  }

  /**
   * A completion of a command that is not out. One that was is passed over: if it is another's by
   * mistake, that one will be late. What can be none's ends in a reset, because the drive may go on
   * to write into memory whose owner must be told.
   */
  private int completeUnknown(long entry) {
    int identifier = CompletionEntry.commandId(entry);
    int queue = CompletionEntry.submissionQueueId(entry);
    if (queue != id || !commands.isKnown(identifier)) {
      controller.notice(
          "completed command %d of queue %d on queue %d, which cannot be: it is reset"
              .formatted(identifier, queue, id));
      return IMPOSSIBLE;
    }
    completions.pop();
    if (!hasCompletedTwice) {
      hasCompletedTwice = true;
      controller.notice(
          "completed a command of queue " + id + " more than once, which is passed over");
    }
    return PASSED_OVER;
  }

  /** Posts more of the split request; a failed piece ends it without posting the rest. */
  private int continueBacklog(CompletionHandler handler) {
    int request = backlog.request();
    if (requests.hasFailed(request)) {
      backlog.cut();
    } else {
      postBacklog();
      submissions.ring();
    }
    if (!backlog.isPosted()) {
      return 0;
    }
    backlog.drop();
    return requests.endPiece(request, handler);
  }

  /** The controller was reset: reports all that was out as aborted, and creates the queues anew. */
  private int startOver(CompletionHandler handler) {
    if (generation == CLOSED) {
      throw closed();
    }
    // Not only since a reset, but also while the controller is being closed, the queue is not used
    // any more: then the drive has it still, and what is out is not to be reported.
    controller.requireUsable();
    submissions.reset();
    completions.reset();
    // If this fails, the next poll tries again: nothing is forgotten before it is reported.
    generation = keeper.createRings(submissions, completions, sqDoorbell, cqDoorbell);
    Requests lost = requests;
    requests = new Requests(depth);
    commands.releaseAll();
    ranges.releaseAll();
    overdue.reset();
    backlog.drop();
    return lost.endAll(StatusCode.ABORTED_BY_HOST.status(), handler);
  }

  private IllegalStateException closed() {
    return new IllegalStateException("queue " + id + " of " + controller.address() + " is closed");
  }

  /**
   * Deletes the queue pair and frees its memory; a controller that may use it all the same keeps it
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
      if (keeper.delete(this, seen)) {
        dma.freeAll();
      }
    } finally {
      waiting.close();
    }
  }

  /** How it stands, for people; exact on the owner's thread. Touches no memory of the drive's. */
  @Override
  public String toString() {
    return "queue %d of %s: depth %d, %d requests and %d commands out, generation %s; %s; %s"
        .formatted(
            id,
            controller.address(),
            depth,
            requests.outstanding(),
            commands.outstanding(),
            generation == CLOSED ? "closed" : generation,
            submissions,
            completions);
  }
}
