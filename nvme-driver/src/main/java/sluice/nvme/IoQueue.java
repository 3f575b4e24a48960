package sluice.nvme;

import java.util.Objects;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.DatasetManagementRange;
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
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;
import sluice.vfio.PciFunction;

/**
 * An I/O queue pair: requests go out, completions come back, nothing waits.
 *
 * <p>A request method returns false when there is no room: poll, and try again. What was requested
 * goes to the drive at the next {@link #ring} or {@link #poll}, so that a batch costs one doorbell.
 * A request's memory belongs to the drive until its completion is reported. A transfer larger than
 * the drive takes at once is split, and reported once.
 *
 * <p>Used by one thread at a time, its owner. No request and no poll allocates, locks, or reads a
 * register of the device.
 *
 * <p>A command that is out for longer than {@link ControllerOptions#ioTimeout} is aborted; if that
 * does not bring it back, the controller is reset, and everything outstanding on all queues is
 * reported as {@link StatusCode#ABORTED_BY_HOST}: it may have happened or not, but it cannot happen
 * any more, and may be requested again.
 */
public final class IoQueue implements AutoCloseable {
  /** Turns without a completion between two looks at the clock. */
  private static final int TURNS_PER_TICK = 64;

  /** The timeout is counted in quarters, so that no request needs to read the clock. */
  private static final int EPOCHS_PER_TIMEOUT = 4;

  private static final int NONE = -1;

  private final NvmeController controller;
  private final PciFunction function;
  private final int id;
  private final int depth;
  private final long maxTransfer;
  private final DmaMemory sqMemory;
  private final DmaMemory cqMemory;
  private final DmaMemory ranges;
  private final Doorbell sqDoorbell;
  private final Doorbell cqDoorbell;
  private final SubmissionQueue submissions;
  private final CompletionQueue completions;
  private final PrpLists prps;
  private int generation;
  private boolean closed;

  // Commands, by command identifier.
  private CommandSlots commands;
  private final int[] commandRequest;
  private final int[] commandEpoch;

  // Requests, by request number. A request is made of one command or, beyond MDTS, of several.
  private CommandSlots requests;
  private final long[] requestTag;
  private final int[] requestPieces;
  private final int[] requestStatus;

  // The one request whose pieces have not all been posted yet.
  private int backlogRequest = NONE;
  private int backlogOpcode;
  private int backlogFlags;
  private Namespace backlogNamespace;
  private long backlogLba;
  private long backlogBytes;
  private DmaMemory backlogMemory;
  private long backlogOffset;

  private final long epochNanos;
  private long epochStart;
  private int epoch;
  private int idleTurns;
  private int abortedEpoch = NONE;

  IoQueue(NvmeController controller, int id, int depth, long maxTransfer) {
    this.controller = controller;
    this.function = controller.function();
    this.id = id;
    this.depth = depth;
    this.maxTransfer = maxTransfer;
    int entries = depth + 1;
    int stride = Cap.dstrd(controller.capabilities());
    DmaSpace dma = controller.dma();
    this.sqMemory = dma.allocate((long) entries * SubmissionEntry.BYTES);
    this.cqMemory = dma.allocate((long) entries * CompletionEntry.BYTES);
    this.ranges = dma.allocate((long) depth * DatasetManagementRange.BYTES);
    this.prps = new PrpLists(dma, depth, maxTransfer, controller.pageBytes());
    this.sqDoorbell = Doorbell.ofSubmissionQueue(function.bar(0), id, stride);
    this.cqDoorbell = Doorbell.ofCompletionQueue(function.bar(0), id, stride);
    this.submissions = new SubmissionQueue(id, sqMemory, entries, sqDoorbell);
    this.completions = new CompletionQueue(id, cqMemory, entries, cqDoorbell);
    this.commands = new CommandSlots(depth);
    this.commandRequest = new int[depth];
    this.commandEpoch = new int[depth];
    this.requests = new CommandSlots(depth);
    this.requestTag = new long[depth];
    this.requestPieces = new int[depth];
    this.requestStatus = new int[depth];
    this.epochNanos = controller.options().ioTimeout().toNanos() / EPOCHS_PER_TIMEOUT;
    this.epochStart = controller.options().nanoClock().getAsLong();
    try {
      this.generation = controller.register(id, submissions, completions, sqDoorbell, cqDoorbell);
    } catch (RuntimeException e) {
      freeMemory();
      throw e;
    }
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
   */
  public boolean writeZeroes(
      Namespace namespace, long lba, int blocks, boolean deallocate, long tag) {
    checkBlocks(namespace, lba, blocks);
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
    long entry = beginSingle(IoOpcode.DATASET_MANAGEMENT, namespace, tag);
    if (entry == 0) {
      return false;
    }
    long offset = (long) SubmissionEntry.commandId(entry) * DatasetManagementRange.BYTES;
    long range = ranges.address() + offset;
    DatasetManagementRange.attributes(range, 0);
    DatasetManagementRange.length(range, blocks);
    DatasetManagementRange.slba(range, lba);
    SubmissionEntry.prps(entry, ranges.iova(offset), 0);
    SubmissionEntry.cdw(entry, 11, DatasetManagementRange.DEALLOCATE);
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
    int request = beginRequest(tag);
    if (bytes <= maxTransfer) {
      post(request, opcode, flags, namespace, lba, bytes, memory, offset);
      return true;
    }
    // The backlog itself counts as a piece: the request cannot end before it is all posted.
    requestPieces[request] = 1;
    backlogRequest = request;
    backlogOpcode = opcode;
    backlogFlags = flags;
    backlogNamespace = namespace;
    backlogLba = lba;
    backlogBytes = bytes;
    backlogMemory = memory;
    backlogOffset = offset;
    postBacklog();
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
    long entry = beginCommand(request, opcode, namespace);
    SubmissionEntry.cdw10And11(entry, lba);
    int blocks = (int) (bytes >>> namespace.blockShift());
    SubmissionEntry.cdw(entry, 12, IoCommand.cdw12(blocks, flags));
    prps.describe(entry, SubmissionEntry.commandId(entry), memory, offset, bytes);
    submissions.post();
  }

  /** Posts as many pieces as there is room for. */
  private void postBacklog() {
    while (backlogBytes > 0 && commands.outstanding() < depth && submissions.free() > 0) {
      long bytes = Math.min(backlogBytes, maxTransfer);
      post(
          backlogRequest,
          backlogOpcode,
          backlogFlags,
          backlogNamespace,
          backlogLba,
          bytes,
          backlogMemory,
          backlogOffset);
      backlogLba += bytes >>> backlogNamespace.blockShift();
      backlogOffset += bytes;
      backlogBytes -= bytes;
    }
  }

  private boolean hasRoom() {
    return backlogRequest == NONE
        && generation == controller.generation()
        && commands.outstanding() < depth
        && requests.outstanding() < depth
        && submissions.free() > 0;
  }

  private int beginRequest(long tag) {
    int request = requests.acquire();
    requestTag[request] = tag;
    requestPieces[request] = 0;
    requestStatus[request] = 0;
    return request;
  }

  /** Begins a request of one command; 0 when there is no room. */
  private long beginSingle(int opcode, Namespace namespace, long tag) {
    return hasRoom() ? beginCommand(beginRequest(tag), opcode, namespace) : 0;
  }

  private long beginCommand(int request, int opcode, Namespace namespace) {
    int command = commands.acquire();
    long entry = submissions.claim();
    assert command >= 0 && entry != 0 : "no room, though it was asked for";
    commandRequest[command] = request;
    commandEpoch[command] = epoch;
    requestPieces[request]++;
    SubmissionEntry.begin(entry, opcode, command, namespace.id());
    return entry;
  }

  private static void checkBlocks(Namespace namespace, long lba, int blocks) {
    if (blocks < 1 || lba < 0 || lba > namespace.blocks() - blocks) {
      throw new IndexOutOfBoundsException(
          blocks + " blocks from " + lba + " are not in " + namespace);
    }
  }

  /** Tells the drive of all requests since the last ring or poll. */
  public void ring() {
    submissions.ring();
  }

  /**
   * Rings, gives the function its turn, and reports what has completed.
   *
   * @return how many requests were reported
   * @throws NvmeException if the drive is gone, has failed, or completes what was never asked for
   */
  public int poll(CompletionHandler handler) {
    if (generation != controller.generation()) {
      return startOver(handler);
    }
    submissions.ring();
    function.poll();
    int reported = 0;
    boolean any = false;
    long entry;
    while ((entry = completions.peek()) != 0) {
      any = true;
      reported += complete(entry, handler);
    }
    if (any) {
      completions.ring();
      idleTurns = 0;
      if (backlogRequest != NONE) {
        reported += continueBacklog(handler);
      }
    } else if (commands.outstanding() > 0 && ++idleTurns >= TURNS_PER_TICK) {
      tick();
    }
    return reported;
  }

  private int complete(long entry, CompletionHandler handler) {
    int command = CompletionEntry.commandId(entry);
    int status = CompletionEntry.status(entry);
    if (!commands.isOutstanding(command)
        || CompletionEntry.submissionQueueId(entry) != id
        || !submissions.advanceHead(CompletionEntry.submissionQueueHead(entry))) {
      throw new NvmeException(
          String.format(
              "%s completed command %d of queue %d with queue head %d, which cannot be",
              controller.address(),
              command,
              CompletionEntry.submissionQueueId(entry),
              CompletionEntry.submissionQueueHead(entry)));
    }
    completions.pop();
    int request = commandRequest[command];
    commands.release(command);
    if (status != 0 && requestStatus[request] == 0) {
      requestStatus[request] = status;
    }
    return finishPiece(request, handler);
  }

  private int finishPiece(int request, CompletionHandler handler) {
    if (--requestPieces[request] > 0) {
      return 0;
    }
    requests.release(request);
    handler.completed(requestTag[request], requestStatus[request]);
    return 1;
  }

  /** Posts more of the split request; a failed piece ends it without posting the rest. */
  private int continueBacklog(CompletionHandler handler) {
    int request = backlogRequest;
    if (requestStatus[request] != 0) {
      backlogBytes = 0;
    } else {
      postBacklog();
      submissions.ring();
    }
    if (backlogBytes > 0) {
      return 0;
    }
    backlogRequest = NONE;
    backlogMemory = null;
    return finishPiece(request, handler);
  }

  /** Looks at the clock: commands that were out for too many epochs are overdue. */
  private void tick() {
    idleTurns = 0;
    if (!function.isPresent()) {
      throw new NvmeException(controller.address() + " is gone");
    }
    long now = controller.options().nanoClock().getAsLong();
    if (now - epochStart < epochNanos) {
      return;
    }
    epochStart = now;
    epoch++;
    if (Csts.cfs(controller.csts())) {
      controller.recover(generation);
      return;
    }
    for (int command = 0; command < depth; command++) {
      if (commands.isOutstanding(command) && epoch - commandEpoch[command] > EPOCHS_PER_TIMEOUT) {
        overdue(command);
        return;
      }
    }
  }

  /** First aborts; an epoch later, if anything is still overdue, resets. */
  private void overdue(int command) {
    if (abortedEpoch == NONE || epoch - abortedEpoch > EPOCHS_PER_TIMEOUT) {
      abortedEpoch = epoch;
      try {
        controller.abort(id, command);
      } catch (CommandFailedException e) {
        // The drive has no such command, or aborts no more of them: what remains is the reset.
        controller.recover(generation);
      }
    } else {
      controller.recover(generation);
    }
  }

  /** The controller was reset: reports all that was out as aborted, and creates the queues anew. */
  private int startOver(CompletionHandler handler) {
    controller.requireRunning();
    submissions.reset();
    completions.reset();
    CommandSlots lost = requests;
    commands = new CommandSlots(depth);
    requests = new CommandSlots(depth);
    backlogRequest = NONE;
    backlogMemory = null;
    abortedEpoch = NONE;
    sqDoorbell.useShadow(0, 0);
    cqDoorbell.useShadow(0, 0);
    generation = controller.register(id, submissions, completions, sqDoorbell, cqDoorbell);
    int reported = 0;
    long[] tags = requestTag.clone();
    for (int request = 0; request < depth; request++) {
      if (lost.isOutstanding(request)) {
        handler.completed(tags[request], StatusCode.ABORTED_BY_HOST.status());
        reported++;
      }
    }
    return reported;
  }

  /**
   * Deletes the queue pair and frees its memory. Outstanding requests are not reported any more.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    controller.unregister(this, id, generation);
    freeMemory();
  }

  private void freeMemory() {
    DmaSpace dma = controller.dma();
    prps.free();
    dma.free(ranges);
    dma.free(cqMemory);
    dma.free(sqMemory);
  }
}
