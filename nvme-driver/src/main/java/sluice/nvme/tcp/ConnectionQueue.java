package sluice.nvme.tcp;

import sluice.nvme.CompletionMode;
import sluice.nvme.QueueTransport;

/** What all queues have that are connections: nothing to give back, and how they wait. */
abstract class ConnectionQueue extends QueueTransport {
  final CompletionMode mode;

  ConnectionQueue(CompletionMode mode) {
    this.mode = mode;
  }

  /** A command's memory has been let go of when its completion was taken in. */
  @Override
  public final void completed(int slot) {}

  /** A completion's place is the connection's own. */
  @Override
  public final void giveBack() {}

  @Override
  public final boolean canWait() {
    return mode != CompletionMode.POLLED;
  }
}
