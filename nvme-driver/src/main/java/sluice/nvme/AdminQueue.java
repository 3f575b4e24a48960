package sluice.nvme;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.queues.CommandSlots;
import sluice.queues.CompletionEntry;

/**
 * The admin queue pair: one command at a time that is waited for, and beside it those that are left
 * with the controller for as long as it likes: asynchronous event requests, aborts, and what only
 * watches the drive.
 *
 * <p>Not thread-safe: the controller's lock guards it.
 */
final class AdminQueue {
  /** One less than a power of two, as rings have it. */
  static final int DEPTH = 31;

  private final String address;
  private final QueueTransport transport;
  private final Waiting waiting;
  private final Notices notices;
  private final CommandSlots slots = new CommandSlots(DEPTH);
  private final Ending[] endings = new Ending[DEPTH];
  private final Queue<Integer> events = new ArrayDeque<>();
  private boolean hasCompletedTwice;

  /** What is done when a command has ended. It may begin another. */
  interface Ending {
    /** The command has been left with the controller, and has not ended yet. */
    default void begun() {}

    /**
     * @param status of its completion; {@link StatusCode#ABORTED_BY_HOST} if a reset ended it
     * @param result dword 0 of its completion
     */
    void ended(int status, int result);
  }

  /** What came of the command that is waited for. */
  private static final class Answer implements Ending {
    private boolean arrived;
    private int status;
    private int result;

    @Override
    public void ended(int itsStatus, int itsResult) {
      arrived = true;
      status = itsStatus;
      result = itsResult;
    }
  }

  AdminQueue(String address, QueueTransport transport, Waiting waiting, Notices notices) {
    this.address = address;
    this.transport = transport;
    this.waiting = waiting;
    this.notices = notices;
  }

  /** Creates the queue in a disabled controller; all commands that were out have ended. */
  void create(TransportHost host) {
    transport.create(host);
    Ending[] ended = endings.clone();
    slots.releaseAll();
    for (int slot = 0; slot < ended.length; slot++) {
      endings[slot] = null;
      if (ended[slot] != null) {
        ended[slot].ended(StatusCode.ABORTED_BY_HOST.status(), 0);
      }
    }
  }

  /**
   * Runs a command.
   *
   * @return dword 0 of its completion
   * @throws CommandFailedException if it completes with an error
   * @throws CommandTimeoutException if it does not complete; the controller must then be reset,
   *     because the command may still land
   * @throws ImpossibleCompletionException if something else completes that is not out
   */
  int execute(AdminCommand command, Duration timeout) {
    Answer answer = new Answer();
    begin(command, answer);
    boolean completed =
        waiting.until(
            () -> {
              reap();
              return answer.arrived;
            },
            timeout);
    if (!completed) {
      throw new CommandTimeoutException(address + ": " + command, timeout);
    }
    if (answer.status != 0) {
      throw new CommandFailedException(address + ": " + command, answer.status);
    }
    return answer.result;
  }

  /** Leaves one more asynchronous event request with the controller. */
  void armEvent() {
    begin(
        new AdminCommand(AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST),
        (status, result) -> {
          // A request that ends with an error (aborted, or one too many) reports no event.
          if (status == 0) {
            events.add(result);
          }
        });
  }

  /**
   * Leaves a command with the controller. Nobody waits for it, and it is never late.
   *
   * @param ending called from {@link #reap} or another method of this queue
   * @throws NvmeException if the queue is full
   */
  void begin(AdminCommand command, Ending ending) {
    int slot = slots.acquire();
    if (slot < 0) {
      throw new NvmeException(
          address + ": the admin queue is full of commands that never completed");
    }
    try {
      long entry = transport.claim();
      command.write(entry, slots.identifier(slot));
      if (command.data() != null) {
        transport.describe(entry, slot, command.data(), 0, command.dataBytes());
      }
      transport.post(slot);
    } catch (RuntimeException | Error e) {
      slots.release(slot);
      throw e;
    }
    endings[slot] = ending;
    ending.begun();
    transport.ring();
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

  /**
   * Takes in what has completed, up to one that has completed before: a drive may send such ones
   * without an end.
   *
   * @throws ImpossibleCompletionException if something completes that is not out
   */
  void reap() {
    long entry;
    while ((entry = transport.peek()) != 0) {
      int identifier = CompletionEntry.commandId(entry);
      int slot = slots.slotOf(identifier);
      if (CompletionEntry.submissionQueueId(entry) != 0 || !slots.isKnown(identifier)) {
        throw new ImpossibleCompletionException(
            address + " completed an admin command that is not outstanding");
      }
      int status = CompletionEntry.status(entry);
      int result = CompletionEntry.result(entry);
      transport.pop();
      if (slot < 0) {
        completedTwice();
        break;
      }
      transport.completed(slot);
      slots.release(slot);
      Ending ending = endings[slot];
      endings[slot] = null;
      ending.ended(status, result);
    }
    transport.giveBack();
  }

  private void completedTwice() {
    if (!hasCompletedTwice) {
      hasCompletedTwice = true;
      notices.add("completed an admin command more than once, which is passed over");
    }
  }
}
