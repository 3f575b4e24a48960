package sluice.qemu;

import java.util.function.BooleanSupplier;
import sluice.nvme.CommandFailedException;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.drive.Patience;
import sluice.nvme.spec.Status;
import sluice.support.agent.IdleStrategy;
import sluice.vfio.DmaMemory;

/**
 * Reads and writes a namespace by byte addresses, and waits. Has a queue for itself while it is
 * used: nothing else is out on it.
 */
public final class BlockIo {
  private static final int ATTEMPTS = 3;

  /** So that the blocks of a request fit an int. */
  private static final long MAX_REQUEST = 1L << 30;

  private final NvmeController controller;
  private final IoQueue queue;
  private final Namespace namespace;
  private final Patience patience;
  private boolean arrived;
  private int status;

  public BlockIo(NvmeController controller, IoQueue queue, Namespace namespace) {
    this.controller = controller;
    this.queue = queue;
    this.namespace = namespace;
    this.patience = new Patience(controller.address(), queue.idle(IdleStrategy.backingOff()));
  }

  /**
   * @param address of the first byte on the namespace, and the length, in whole blocks
   * @throws CommandFailedException if the drive cannot
   */
  public void read(long address, DmaMemory memory, long offset, long length) {
    for (long done = 0; done < length; done += MAX_REQUEST) {
      long lba = (address + done) >>> namespace.blockShift();
      int blocks = (int) (Math.min(length - done, MAX_REQUEST) >>> namespace.blockShift());
      long at = offset + done;
      await("read", () -> queue.read(namespace, lba, blocks, memory, at, 0));
    }
  }

  /** As {@link #read}; durable after {@link #flush}. */
  public void write(long address, DmaMemory memory, long offset, long length) {
    for (long done = 0; done < length; done += MAX_REQUEST) {
      long lba = (address + done) >>> namespace.blockShift();
      int blocks = (int) (Math.min(length - done, MAX_REQUEST) >>> namespace.blockShift());
      long at = offset + done;
      await("write", () -> queue.write(namespace, lba, blocks, memory, at, 0));
    }
  }

  public void flush() {
    await("flush", () -> queue.flush(namespace, 0));
  }

  private void await(String what, BooleanSupplier request) {
    for (int attempt = 1; ; attempt++) {
      arrived = false;
      patience.renew();
      boolean submitted = false;
      while (!arrived) {
        submitted = submitted || request.getAsBoolean();
        patience.idle(queue.poll(this::completed));
      }
      if (status == 0) {
        return;
      }
      if (attempt == ATTEMPTS || !Status.isRetryable(status)) {
        throw new CommandFailedException(controller.address() + ": " + what, status);
      }
    }
  }

  private void completed(long tag, int ended) {
    arrived = true;
    status = ended;
  }
}
