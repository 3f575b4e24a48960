package sluice.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.queues.CompletionEntry;
import sluice.queues.SubmissionEntry;

/**
 * A queue as a connection: capsules go out when it is rung, the far side works and answers when it
 * is polled, and answers are shown as completions. No ring, no doorbell, no address that the far
 * side knows.
 */
final class CapsuleQueue extends CapsuleSlots {
  private final CapsuleDrive drive;
  private final MemorySegment answers;
  private int answered;
  private int taken;
  private boolean connected;

  CapsuleQueue(CapsuleDrive drive, int id, int depth) {
    super(id, depth);
    this.drive = drive;
    this.answers = Arena.ofAuto().allocate((long) depth * CompletionEntry.BYTES, 64);
  }

  @Override
  public void create(TransportHost host) {
    clear();
    answered = 0;
    taken = 0;
    connected = true;
  }

  @Override
  public void delete(TransportHost host) {
    connected = false;
  }

  @Override
  public int poll() {
    int work = 0;
    while (connected && drive.isEnabled() && !sent.isEmpty()) {
      int slot = sent.removeFirst();
      int status = execute(drive, slot);
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

  /** Whether the far side has the queue. */
  boolean isConnected() {
    return connected;
  }

  @Override
  public void close() {
    connected = false;
  }
}
