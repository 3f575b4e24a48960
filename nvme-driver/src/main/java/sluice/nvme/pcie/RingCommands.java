package sluice.nvme.pcie;

import java.util.OptionalInt;
import sluice.nvme.AdminCommand;
import sluice.nvme.CommandFailedException;
import sluice.nvme.StuckQueueException;
import sluice.nvme.TransportHost;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.QueueCommand;
import sluice.queues.CompletionQueue;
import sluice.queues.SubmissionQueue;

/**
 * The admin commands that only PCI Express has: those for rings and shadow doorbells (NVM Express
 * 1.4, sections 5.3 to 5.7).
 */
final class RingCommands {
  private RingCommands() {}

  /**
   * Creates both rings of a queue pair: the completion queue first, because the other names it.
   *
   * @param vector which the completion queue raises; none if it raises none
   * @throws CommandFailedException if the controller refuses; it has none of the rings then
   * @throws StuckQueueException if it refuses, and does not let go of the first ring either
   */
  static void create(
      TransportHost host,
      SubmissionQueue sq,
      CompletionQueue cq,
      OptionalInt vector,
      Quirks quirks) {
    int _ =
        host.execute(
            new AdminCommand(AdminOpcode.CREATE_IO_COMPLETION_QUEUE)
                .prps(cq.iova(), 0)
                .cdw(10, QueueCommand.cdw10(cq.id(), cq.entries()))
                .cdw(11, QueueCommand.completionCdw11(vector.isPresent(), vector.orElse(0))));
    try {
      int _ =
          host.execute(
              new AdminCommand(AdminOpcode.CREATE_IO_SUBMISSION_QUEUE)
                  .prps(sq.iova(), 0)
                  .cdw(10, QueueCommand.cdw10(sq.id(), sq.entries()))
                  .cdw(
                      11,
                      QueueCommand.submissionCdw11(cq.id())
                          | (quirks.needsMediumPriority() ? QueueCommand.QPRIO_MEDIUM : 0)));
    } catch (CommandFailedException e) {
      try {
        delete(host, AdminOpcode.DELETE_IO_COMPLETION_QUEUE, cq.id());
      } catch (CommandFailedException refused) {
        throw new StuckQueueException(
            "%s, and keeps its completion queue %d: %s"
                .formatted(e.getMessage(), cq.id(), refused.getMessage()),
            e);
      }
      throw e;
    }
  }

  /** Deletes both rings of a queue pair, in the opposite order. */
  static void delete(TransportHost host, int id) {
    delete(host, AdminOpcode.DELETE_IO_SUBMISSION_QUEUE, id);
    delete(host, AdminOpcode.DELETE_IO_COMPLETION_QUEUE, id);
  }

  private static void delete(TransportHost host, int opcode, int id) {
    int _ = host.execute(new AdminCommand(opcode).cdw(10, id));
  }

  /** Tells the controller where shadow doorbells are. */
  static void configureDoorbellBuffer(TransportHost host, ShadowDoorbells shadows) {
    int _ =
        host.execute(
            new AdminCommand(AdminOpcode.DOORBELL_BUFFER_CONFIG)
                .prps(shadows.shadowIova(), shadows.eventIndexIova()));
  }
}
