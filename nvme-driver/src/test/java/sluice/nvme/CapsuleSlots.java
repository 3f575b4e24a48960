package sluice.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/** The near side of a queue without rings: commands in slots, and which of them were sent. */
abstract class CapsuleSlots extends QueueTransport {
  final int id;
  final int depth;

  /** Slots that were sent and not taken by the far side, in order. */
  final List<Integer> sent = new ArrayList<>();

  private final MemorySegment capsules;
  private final long[] dataAt;
  private final long[] dataBytes;
  private final List<Integer> posted = new ArrayList<>();
  private int out;

  /** The data of the command that is claimed. */
  private long claimedAt;

  private long claimedBytes;

  CapsuleSlots(int id, int depth) {
    this.id = id;
    this.depth = depth;
    // The last one is the one that is claimed, and has no slot yet.
    this.capsules = Arena.ofAuto().allocate((depth + 1L) * SubmissionEntry.BYTES, 64);
    this.dataAt = new long[depth];
    this.dataBytes = new long[depth];
  }

  /** The queue begins anew: nothing is out. */
  final void clear() {
    posted.clear();
    sent.clear();
    Arrays.fill(dataAt, 0);
    Arrays.fill(dataBytes, 0);
    out = 0;
  }

  final long capsule(int slot) {
    return capsules.address() + (long) slot * SubmissionEntry.BYTES;
  }

  /** Has a drive do a slot's command; returns its status, or that it does not answer. */
  final int execute(CapsuleDrive drive, int slot) {
    return drive.execute(id == 0, capsule(slot), dataAt[slot], dataBytes[slot]);
  }

  /** What the queue's owner asks for; an overrider may throw instead. */
  void step(String what) {}

  @Override
  public final long claim() {
    step("claim");
    claimedAt = 0;
    claimedBytes = 0;
    return out == depth ? 0 : capsule(depth);
  }

  @Override
  public final void describe(long entry, int slot, DmaMemory memory, long offset, long bytes) {
    step("describe");
    claimedAt = memory.address() + offset;
    claimedBytes = bytes;
  }

  @Override
  public final void post(int slot) {
    step("post");
    out++;
    dataAt[slot] = claimedAt;
    dataBytes[slot] = claimedBytes;
    OffHeap.copy(capsule(depth), capsule(slot), SubmissionEntry.BYTES);
    posted.add(slot);
  }

  @Override
  public final void ring() {
    step("ring");
    sent.addAll(posted);
    posted.clear();
  }

  @Override
  public final void completed(int slot) {
    out--;
    dataAt[slot] = 0;
    dataBytes[slot] = 0;
  }

  @Override
  public final void giveBack() {}

  @Override
  public final boolean canWait() {
    return false;
  }

  @Override
  public final boolean await(long timeoutNanos) {
    return true;
  }

  @Override
  public final String toString() {
    return "connection " + id + ": " + out + " capsules out";
  }
}
