package sluice.nvme.pcie;

import sluice.nvme.QueueTransport;
import sluice.nvme.TransportHost;
import sluice.queues.CompletionEntry;
import sluice.queues.CompletionQueue;
import sluice.queues.Doorbell;
import sluice.queues.PrpLists;
import sluice.queues.SubmissionEntry;
import sluice.queues.SubmissionQueue;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;
import sluice.vfio.PciFunction;

/** A queue pair as two rings in memory, two doorbells, a PRP list for each command, a vector. */
final class PcieQueue extends QueueTransport {
  private final RingSetUp rings;
  private final PciFunction function;
  private final Doorbell sqDoorbell;
  private final Doorbell cqDoorbell;
  private final SubmissionQueue submissions;
  private final CompletionQueue completions;
  private final PrpLists prps;
  private final CompletionWait waiting;

  /**
   * @param entries of either ring
   * @param depth commands that can be out, fewer than the entries
   */
  PcieQueue(
      RingSetUp rings,
      int id,
      int entries,
      int depth,
      long maxTransfer,
      DmaSpace memory,
      CompletionWait waiting) {
    this.rings = rings;
    this.function = rings.function();
    this.waiting = waiting;
    int pageBytes = rings.pageBytes();
    int stride = rings.doorbellStride();
    this.sqDoorbell = Doorbell.ofSubmissionQueue(function.bar(0), id, stride);
    this.cqDoorbell = Doorbell.ofCompletionQueue(function.bar(0), id, stride);
    DmaMemory sqMemory =
        AlignedDma.allocate(memory, (long) entries * SubmissionEntry.BYTES, pageBytes);
    DmaMemory cqMemory =
        AlignedDma.allocate(memory, (long) entries * CompletionEntry.BYTES, pageBytes);
    this.prps = new PrpLists(memory, depth, maxTransfer, pageBytes);
    this.submissions = new SubmissionQueue(id, sqMemory, entries, sqDoorbell);
    this.completions = new CompletionQueue(id, cqMemory, entries, cqDoorbell);
  }

  @Override
  public void create(TransportHost host) {
    submissions.reset();
    completions.reset();
    rings.create(host, submissions, completions, sqDoorbell, cqDoorbell, waiting.isPossible());
  }

  @Override
  public void delete(TransportHost host) {
    RingCommands.delete(host, submissions.id());
  }

  @Override
  public long claim() {
    return submissions.claim();
  }

  @Override
  public void describe(long entry, int slot, DmaMemory memory, long offset, long bytes) {
    prps.describe(entry, slot, memory, offset, bytes);
  }

  @Override
  public void post(int slot) {
    submissions.post();
  }

  @Override
  public void ring() {
    submissions.ring();
  }

  @Override
  public int poll() {
    return function.poll();
  }

  @Override
  public long peek() {
    return completions.peek();
  }

  @Override
  public void pop() {
    completions.pop();
  }

  @Override
  public void completed(int slot) {
    submissions.completed();
  }

  @Override
  public void giveBack() {
    completions.ring();
  }

  @Override
  public boolean canWait() {
    return waiting.isPossible();
  }

  @Override
  public boolean await(long timeoutNanos) {
    return waiting.await(completions, timeoutNanos);
  }

  @Override
  public void close() {
    waiting.close();
  }

  @Override
  public String toString() {
    return submissions + "; " + completions;
  }
}
