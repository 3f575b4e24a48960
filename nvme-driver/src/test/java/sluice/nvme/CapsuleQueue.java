package sluice.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Queue;
import sluice.queues.CompletionEntry;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/**
 * A queue as a connection: capsules go out when it is rung, the far side works and answers when it
 * is polled, and answers are shown as completions. No ring, no doorbell, no address that the far
 * side knows.
 */
final class CapsuleQueue extends QueueTransport {
  private final CapsuleDrive drive;
  private final int id;
  private final int depth;
  private final MemorySegment capsules;
  private final MemorySegment answers;
  private final long[] dataAt;
  private final long[] dataBytes;
  private final Queue<Integer> posted = new ArrayDeque<>();
  private final Queue<Integer> sent = new ArrayDeque<>();
  private int out;
  private int answered;
  private int taken;
  private boolean connected;

  CapsuleQueue(CapsuleDrive drive, int id, int depth) {
    this.drive = drive;
    this.id = id;
    this.depth = depth;
    // The last one is the one that is claimed, and has no slot yet.
    this.capsules = Arena.ofAuto().allocate((depth + 1L) * SubmissionEntry.BYTES, 64);
    this.answers = Arena.ofAuto().allocate((long) depth * CompletionEntry.BYTES, 64);
    this.dataAt = new long[depth];
    this.dataBytes = new long[depth];
  }

  private long capsule(int slot) {
    return capsules.address() + (long) slot * SubmissionEntry.BYTES;
  }

  @Override
  public void create(TransportHost host) {
    posted.clear();
    sent.clear();
    out = 0;
    answered = 0;
    taken = 0;
    connected = true;
  }

  @Override
  public void delete(TransportHost host) {
    connected = false;
  }

  @Override
  public long claim() {
    return out == depth ? 0 : capsule(depth);
  }

  @Override
  public void describe(long entry, int slot, DmaMemory memory, long offset, long bytes) {
    dataAt[slot] = memory.address() + offset;
    dataBytes[slot] = bytes;
  }

  @Override
  public void post(int slot) {
    out++;
    OffHeap.copy(capsule(depth), capsule(slot), SubmissionEntry.BYTES);
    posted.add(slot);
  }

  @Override
  public void ring() {
    sent.addAll(posted);
    posted.clear();
  }

  @Override
  public int poll() {
    int work = 0;
    Integer slot;
    while (connected && drive.isEnabled() && (slot = sent.poll()) != null) {
      int status = drive.execute(id == 0, capsule(slot), dataAt[slot], dataBytes[slot]);
      if (status != CapsuleDrive.NO_ANSWER) {
        long answer = answers.address() + (long) (answered % depth) * CompletionEntry.BYTES;
        int identifier = SubmissionEntry.commandId(capsule(slot));
        CompletionEntry.writeRelease(answer, drive.result(), 0, id, identifier, status, 0);
        answered++;
      }
      work++;
    }
    return work;
  }

  @Override
  public long peek() {
    return taken == answered
        ? 0
        : answers.address() + (long) (taken % depth) * CompletionEntry.BYTES;
  }

  @Override
  public void pop() {
    taken++;
  }

  @Override
  public void completed(int slot) {
    out--;
    dataAt[slot] = 0;
    dataBytes[slot] = 0;
  }

  @Override
  public void giveBack() {}

  @Override
  public boolean canWait() {
    return false;
  }

  @Override
  public boolean await(long timeoutNanos) {
    return true;
  }

  /** Whether the far side has the queue. */
  boolean isConnected() {
    return connected;
  }

  @Override
  public void close() {
    connected = false;
  }

  @Override
  public String toString() {
    return "connection " + id + ": " + out + " capsules out";
  }
}
