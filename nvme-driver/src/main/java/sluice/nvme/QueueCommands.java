package sluice.nvme;

import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.queues.CommandSlots;
import sluice.queues.CompletionEntry;
import sluice.queues.SubmissionEntry;
import sluice.vfio.DmaMemory;

/**
 * What is out on an I/O queue: requests, the commands that they are made of, and what of a split
 * request waits for room. Fills entries, and makes reports of completions; the queue's transport
 * carries both. Used by the queue's owner; allocates nothing but for {@link #forgetAll}.
 *
 * <p>{@link IoQueue} is one, and does not have one: a step less to memory for each command.
 */
abstract class QueueCommands {
  /** Instead of how many requests a completion has ended: it is of none that there can be. */
  static final int IMPOSSIBLE = -1;

  /** Instead of that, too: it came before, and a drive may send such ones without an end. */
  private static final int PASSED_OVER = -2;

  final QueueTransport transport;
  final int id;
  final int depth;

  /** The most bytes of a command: MDTS, or less. */
  private final long maxTransfer;

  private final Notices notices;
  final CommandClock clock;
  private final RangePages ranges;
  final CommandSlots slots;
  private final int[] requestOfSlot;
  private final Backlog backlog = new Backlog();
  private Requests requests;
  private boolean hasCompletedTwice;

  QueueCommands(
      QueueTransport transport,
      int id,
      int depth,
      long maxTransfer,
      Notices notices,
      CommandClock clock,
      RangePages ranges) {
    this.transport = transport;
    this.id = id;
    this.depth = depth;
    this.maxTransfer = maxTransfer;
    this.notices = notices;
    this.clock = clock;
    this.ranges = ranges;
    this.slots = new CommandSlots(depth);
    this.requests = new Requests(depth);
    this.requestOfSlot = new int[depth];
  }

  /** Requests that have not been reported. */
  final int requestsOut() {
    return requests.outstanding();
  }

  /** Whether another request can be taken. */
  final boolean takesMore() {
    return backlog.isEmpty() && slots.outstanding() < depth && requests.outstanding() < depth;
  }

  /** Moves blocks; there must be room. */
  final void postTransfer(
      int opcode,
      int flags,
      Namespace namespace,
      long lba,
      long bytes,
      DmaMemory memory,
      long offset,
      long tag) {
    int request = requests.begin(tag);
    if (bytes <= maxTransfer) {
      post(request, opcode, flags, namespace, lba, bytes, memory, offset);
      return;
    }
    // The backlog itself counts as a piece: the request cannot end before it is all posted.
    requests.addPiece(request);
    backlog.begin(request, opcode, flags, namespace, lba, bytes, memory, offset);
    try {
      postBacklog();
    } catch (RuntimeException | Error e) {
      if (requests.pieces(request) > 1) {
        // A part is out, so the request is taken; the rest is tried again in the next poll.
        return;
      }
      backlog.drop();
      requests.takeBack(request);
      throw e;
    }
    if (backlog.isPosted()) {
      // All of it is out already: there is room for other requests at once.
      requests.removePiece(request);
      backlog.drop();
    }
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
    int slot = slots.acquire();
    try {
      long entry = claim(request, slot);
      int blocks = (int) (bytes >>> namespace.blockShift());
      int cdw12 = IoCommand.cdw12(blocks, flags);
      SubmissionEntry.transfer(entry, opcode, slots.identifier(slot), namespace.id(), lba, cdw12);
      transport.describe(entry, slot, memory, offset, bytes);
      transport.post(slot);
    } catch (RuntimeException | Error e) {
      takeBack(slot);
      throw e;
    }
  }

  /** A command that the transport has not taken, nor has thereby its request if it was the only. */
  private void takeBack(int slot) {
    slots.release(slot);
    if (ranges.areOut()) {
      ranges.release(slot);
    }
    requests.takeBack(requestOfSlot[slot]);
  }

  /** Posts as many pieces as there is room for. */
  private void postBacklog() {
    // Whole blocks: what the drive takes at once need not be a multiple of them.
    long most = maxTransfer & -(1L << backlog.namespace().blockShift());
    while (!backlog.isPosted() && slots.outstanding() < depth) {
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

  /** The entry for a command, one more piece of a request. */
  private long claim(int request, int slot) {
    requestOfSlot[slot] = request;
    requests.addPiece(request);
    clock.stamp(slot);
    long entry = transport.claim();
    assert entry != 0 : "no room, though it was asked for";
    return entry;
  }

  /** Begins the entry of a request of one command. */
  private long begin(int slot, int opcode, Namespace namespace, long tag) {
    long entry = claim(requests.begin(tag), slot);
    SubmissionEntry.begin(entry, opcode, slots.identifier(slot), namespace.id());
    return entry;
  }

  /** Flushes; there must be room. */
  final void postFlush(Namespace namespace, long tag) {
    int slot = slots.acquire();
    try {
      long _ = begin(slot, IoOpcode.FLUSH, namespace, tag);
      transport.post(slot);
    } catch (RuntimeException | Error e) {
      takeBack(slot);
      throw e;
    }
  }

  /** Zeroes up to 65536 blocks; there must be room. */
  final void postWriteZeroes(Namespace namespace, long lba, int blocks, int flags, long tag) {
    int slot = slots.acquire();
    try {
      long entry = begin(slot, IoOpcode.WRITE_ZEROES, namespace, tag);
      SubmissionEntry.cdw10And11(entry, lba);
      SubmissionEntry.cdw(entry, 12, IoCommand.cdw12(blocks, flags));
      transport.post(slot);
    } catch (RuntimeException | Error e) {
      takeBack(slot);
      throw e;
    }
  }

  /** Deallocates blocks; there must be room. Returns false if there is none for the range. */
  final boolean postDeallocate(Namespace namespace, long lba, int blocks, long tag) {
    if (!ranges.hasRoom()) {
      return false;
    }
    int slot = slots.acquire();
    try {
      long entry = begin(slot, IoOpcode.DATASET_MANAGEMENT, namespace, tag);
      ranges.describe(transport, entry, slot, lba, blocks);
      transport.post(slot);
      return true;
    } catch (RuntimeException | Error e) {
      takeBack(slot);
      throw e;
    }
  }

  /**
   * Takes in a completion.
   *
   * @param entry the transport's next
   * @return how many requests were reported; {@link #IMPOSSIBLE}, or less, if it is of no command
   *     that is out
   */
  final int complete(long entry, CompletionHandler handler) {
    int slot = slots.slotOf(CompletionEntry.commandId(entry));
    if (slot < 0 || CompletionEntry.submissionQueueId(entry) != id) {
      return completeUnknown(entry);
    }
    int status = CompletionEntry.status(entry);
    transport.pop();
    transport.completed(slot);
    int request = requestOfSlot[slot];
    slots.release(slot);
    if (ranges.areOut()) {
      ranges.release(slot);
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
    if (queue != id || !slots.isKnown(identifier)) {
      notices.add(
          "completed command %d of queue %d on queue %d, which cannot be: it is reset"
              .formatted(identifier, queue, id));
      return IMPOSSIBLE;
    }
    transport.pop();
    if (!hasCompletedTwice) {
      hasCompletedTwice = true;
      notices.add("completed a command of queue " + id + " more than once, which is passed over");
    }
    return PASSED_OVER;
  }

  /** Whether a split request waits for room. */
  final boolean hasBacklog() {
    return !backlog.isEmpty();
  }

  /**
   * Posts more of the split request, and rings; a failed piece ends it without posting the rest.
   *
   * @return how many requests were reported
   */
  final int continueBacklog(CompletionHandler handler) {
    int request = backlog.request();
    if (requests.hasFailed(request)) {
      backlog.cut();
    } else {
      postBacklog();
      transport.ring();
    }
    if (!backlog.isPosted()) {
      return 0;
    }
    backlog.drop();
    return requests.endPiece(request, handler);
  }

  /**
   * Begins anew, for a queue that does.
   *
   * @return the requests that were out, to be reported
   */
  final Requests forgetAll() {
    Requests lost = requests;
    requests = new Requests(depth);
    slots.releaseAll();
    ranges.releaseAll();
    backlog.drop();
    return lost;
  }
}
