package sluice.nvme;

import sluice.nvme.spec.Csts;
import sluice.queues.CommandSlots;

/**
 * Looks after a queue's commands that do not come back: one that is overdue is aborted first; if
 * that is in vain, or nothing is answered any more, the controller is reset. Used by the queue's
 * owner.
 */
final class OverdueCommands {
  private final NvmeController controller;
  private final int queueId;
  private final int depth;
  private final CommandClock clock;
  private boolean aborted;
  private int abortEpoch;

  OverdueCommands(NvmeController controller, int queueId, int depth, CommandClock clock) {
    this.controller = controller;
    this.queueId = queueId;
    this.depth = depth;
    this.clock = clock;
  }

  /** Forgets what was aborted, for a queue that begins anew. */
  void reset() {
    aborted = false;
  }

  /**
   * Now and then: is the device still there, and is a command overdue?
   *
   * @param generation in which the queue exists
   * @throws NvmeException if the device is gone, or does not come back from its reset
   */
  void look(CommandSlots commands, int generation) {
    if (!controller.function().isPresent()) {
      throw new NvmeException(controller.address() + " " + controller.function().absence());
    }
    if (!clock.beginsEpoch()) {
      return;
    }
    int csts = controller.csts();
    if (Csts.cfs(csts) || !Csts.rdy(csts)) {
      // It has failed, or somebody else has reset it: nothing will complete any more.
      controller.recover(generation);
      return;
    }
    for (int command = 0; command < depth; command++) {
      if (commands.isOutstanding(command) && clock.isOverdue(command)) {
        rescue(command, generation);
        return;
      }
    }
  }

  private void rescue(int command, int generation) {
    if (aborted && !clock.hasPassedTimeoutSince(abortEpoch)) {
      controller.recover(generation);
      return;
    }
    aborted = true;
    abortEpoch = clock.epoch();
    try {
      controller.admin().abort(queueId, command);
    } catch (CommandTimeoutException e) {
      // A drive that answers nothing at all has been reset on account of the abort itself. If that
      // was in vain, this says so; if not, it does nothing, and the next poll starts over.
      controller.recover(generation);
    } catch (CommandFailedException e) {
      // The drive knows no such command, or takes no more aborts: what remains is the reset.
      controller.recover(generation);
    }
  }
}
