package sluice.nvme;

import java.util.Arrays;
import sluice.nvme.spec.Csts;
import sluice.queues.CommandSlots;
import sluice.support.events.Incidents;

/**
 * Looks after a queue's commands that do not come back. One that is overdue is aborted, and has the
 * whole timeout once more; if it is overdue again, the controller is reset. The drive takes few
 * aborts at a time: the rest of what is overdue waits for its turn. Never waits itself, but for
 * {@link #resetController}. Used by the queue's owner.
 */
final class OverdueCommands {
  private static final int NONE = -1;

  private final ControllerContext controller;
  private final int queueId;
  private final int depth;
  private final CommandClock clock;

  /** Why the controller is to be reset; null if it is not. */
  private String resetReason;

  /** The identifier under which the command in a slot was aborted. */
  private final int[] aborted;

  OverdueCommands(ControllerContext controller, int queueId, int depth, CommandClock clock) {
    this.controller = controller;
    this.queueId = queueId;
    this.depth = depth;
    this.clock = clock;
    this.aborted = new int[depth];
    reset();
  }

  /** Forgets what was aborted, for a queue that begins anew. */
  void reset() {
    Arrays.fill(aborted, NONE);
    resetReason = null;
  }

  /** Whether nothing goes on before {@link #resetController}. */
  boolean isResetDue() {
    return resetReason != null;
  }

  /** The controller is to be reset. */
  void requireReset(String reason) {
    resetReason = reason;
  }

  /**
   * Resets the controller, for the reason that there is, unless that has happened since, and waits
   * until it is up.
   *
   * @param generation in which the queue exists
   */
  void resetController(int generation) {
    String reason = resetReason;
    resetReason = null;
    controller.recover(generation, reason);
  }

  /**
   * Now and then: is the device still there, and is a command overdue?
   *
   * @param isLost whether nothing will complete any more, so that there is nothing to wait for
   * @throws NvmeException if the device is gone
   */
  void look(CommandSlots commands, boolean isLost) {
    if (!controller.transport().isPresent()) {
      throw new NvmeException(controller.address() + " " + controller.transport().absence());
    }
    if (!clock.beginsEpoch() && !isLost) {
      return;
    }
    int csts = controller.properties().status();
    if (Csts.cfs(csts) || !Csts.rdy(csts)) {
      // It has failed, or somebody else has reset it: nothing will complete any more.
      resetAndTell(reason(csts, isLost));
      return;
    }
    for (int command = 0; command < depth; command++) {
      if (!commands.isOutstanding(command)) {
        aborted[command] = NONE;
      } else if (clock.isOverdue(command) && !rescue(commands, command)) {
        resetAndTell("does not end a command of queue " + queueId + " that was aborted");
        return;
      }
    }
  }

  private String reason(int csts, boolean isLost) {
    if (Csts.cfs(csts)) {
      return "reports a fatal status";
    }
    return isLost ? controller.transport().absence() : "is not ready";
  }

  private void resetAndTell(String reason) {
    controller.notice(reason + ": it is reset");
    requireReset(reason);
  }

  /** Returns false if there is nothing left to try but a reset. */
  private boolean rescue(CommandSlots commands, int command) {
    int identifier = commands.identifier(command);
    boolean wasAborted = aborted[command] == identifier;
    Incidents.late(controller.address(), queueId, identifier, wasAborted);
    if (wasAborted) {
      return false;
    }
    if (controller.abort(queueId, identifier)) {
      aborted[command] = identifier;
      clock.stamp(command);
    }
    return true;
  }
}
