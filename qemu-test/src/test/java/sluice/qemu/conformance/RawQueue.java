package sluice.qemu.conformance;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sluice.queues.CompletionEntry;
import sluice.queues.CompletionQueue;
import sluice.queues.SubmissionQueue;
import sluice.vfio.PciFunction;

/** A queue pair for commands that the driver would never send, one at a time or some left out. */
final class RawQueue {
  private final PciFunction function;
  private final SubmissionQueue submissions;
  private final CompletionQueue completions;
  private final Map<Integer, Completion> completed = new HashMap<>();
  private int nextId = 0x100;

  /** The tail that the drive was told, and the head that it told us. */
  private int sent;

  private int head;

  /**
   * @param status the status field without its phase
   * @param result dword 0
   */
  record Completion(int status, int result) {}

  RawQueue(PciFunction function, SubmissionQueue submissions, CompletionQueue completions) {
    this.function = function;
    this.submissions = submissions;
    this.completions = completions;
  }

  SubmissionQueue submissions() {
    return submissions;
  }

  CompletionQueue completions() {
    return completions;
  }

  /** Sends a command; returns its identifier. */
  int submit(RawCommand command) {
    int id = post(command);
    submissions.ring();
    return id;
  }

  /** Puts a command into the queue, and does not ring. */
  private int post(RawCommand command) {
    int id = nextId++;
    long entry = submissions.claim();
    if (entry == 0) {
      throw new AssertionError("the test has left too many commands out");
    }
    command.write(entry, id);
    submissions.post();
    sent = (sent + 1) % submissions.entries();
    return id;
  }

  /** Sends two commands by one ring of the doorbell; their completions in that order. */
  List<Completion> executeBoth(RawCommand first, RawCommand second) {
    int firstId = post(first);
    int secondId = submit(second);
    return List.of(await(firstId), await(secondId));
  }

  /** Takes completions in; returns that of a command, or null if it is still out. */
  Completion poll(int id) {
    function.poll();
    long entry;
    while ((entry = completions.peek()) != 0) {
      int status = CompletionEntry.status(entry);
      Completion completion = new Completion(status, CompletionEntry.result(entry));
      completed.put(CompletionEntry.commandId(entry), completion);
      checkHead(CompletionEntry.submissionQueueHead(entry));
      submissions.completed();
      completions.pop();
    }
    completions.ring();
    return completed.remove(id);
  }

  /** The drive can have read no more than what was sent since the head that it told last. */
  private void checkHead(int newHead) {
    int entries = submissions.entries();
    int read = Math.floorMod(newHead - head, entries);
    if (newHead >= entries || read > Math.floorMod(sent - head, entries)) {
      throw new AssertionError("the drive says that it read commands that were never sent");
    }
    head = newHead;
  }

  Completion await(int id) {
    Deadline deadline = new Deadline("the completion of command " + id);
    Completion completion;
    while ((completion = poll(id)) == null) {
      deadline.check();
    }
    return completion;
  }

  Completion execute(RawCommand command) {
    return await(submit(command));
  }
}
