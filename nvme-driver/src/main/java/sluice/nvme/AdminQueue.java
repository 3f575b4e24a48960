package sluice.nvme;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Queue;
import sluice.nvme.spec.AdminOpcode;
import sluice.queues.CommandSlots;
import sluice.queues.CompletionEntry;
import sluice.queues.CompletionQueue;
import sluice.queues.SubmissionQueue;

/**
 * The admin queue pair: one command at a time, waited for, beside the asynchronous event requests
 * that are left with the controller until it has something to say.
 *
 * <p>Not thread-safe: the controller's lock guards it.
 */
final class AdminQueue {
  static final int ENTRIES = 32;

  private final String address;
  private final SubmissionQueue submissions;
  private final CompletionQueue completions;
  private final Waiting waiting;
  private final Queue<Integer> events = new ArrayDeque<>();
  private final BitSet eventRequests = new BitSet();
  private CommandSlots slots;

  private int awaited;
  private boolean arrived;
  private int arrivedStatus;
  private int arrivedResult;

  AdminQueue(
      String address, SubmissionQueue submissions, CompletionQueue completions, Waiting waiting) {
    this.address = address;
    this.submissions = submissions;
    this.completions = completions;
    this.waiting = waiting;
    reset();
  }

  long submissionIova() {
    return submissions.iova();
  }

  long completionIova() {
    return completions.iova();
  }

  /** Forgets all commands; for a disabled controller. */
  void reset() {
    submissions.reset();
    completions.reset();
    slots = new CommandSlots(ENTRIES - 1);
    eventRequests.clear();
  }

  /**
   * Runs a command.
   *
   * @return dword 0 of its completion
   * @throws CommandFailedException if it completes with an error
   * @throws CommandTimeoutException if it does not complete; the controller must then be reset,
   *     because the command may still land
   */
  int execute(AdminCommand command, Duration timeout) {
    awaited = submit(command);
    arrived = false;
    boolean completed =
        waiting.until(
            () -> {
              reap();
              return arrived;
            },
            timeout);
    if (!completed) {
      throw new CommandTimeoutException(address + ": " + command, timeout);
    }
    if (arrivedStatus != 0) {
      throw new CommandFailedException(address + ": " + command, arrivedStatus);
    }
    return arrivedResult;
  }

  /** Leaves one more asynchronous event request with the controller. */
  void armEvent() {
    eventRequests.set(submit(new AdminCommand(AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST)));
  }

  private int submit(AdminCommand command) {
    int id = slots.acquire();
    long entry = submissions.claim();
    if (id < 0 || entry == 0) {
      throw new NvmeException(
          address + ": the admin queue is full of commands that never completed");
    }
    command.write(entry, id);
    submissions.post();
    submissions.ring();
    return id;
  }

  /**
   * An event that has arrived.
   *
   * @return its completion's dword 0; null if there is none
   */
  Integer nextEvent() {
    reap();
    return events.poll();
  }

  private void reap() {
    long entry;
    while ((entry = completions.peek()) != 0) {
      int id = CompletionEntry.commandId(entry);
      if (!slots.isOutstanding(id)
          || CompletionEntry.submissionQueueId(entry) != 0
          || !submissions.advanceHead(CompletionEntry.submissionQueueHead(entry))) {
        throw new NvmeException(address + " completed an admin command that is not outstanding");
      }
      int status = CompletionEntry.status(entry);
      int result = CompletionEntry.result(entry);
      completions.pop();
      slots.release(id);
      if (eventRequests.get(id)) {
        eventRequests.clear(id);
        // A request that ends with an error (aborted, or one too many) reports no event.
        if (status == 0) {
          events.add(result);
        }
      } else if (id == awaited) {
        arrived = true;
        arrivedStatus = status;
        arrivedResult = result;
      }
    }
    completions.ring();
  }
}
