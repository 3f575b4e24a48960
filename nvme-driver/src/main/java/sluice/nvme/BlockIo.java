package sluice.nvme;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import sluice.nvme.spec.Status;
import sluice.vfio.DmaMemory;

/**
 * Reads and writes a namespace by byte addresses, and waits: for set-up and metadata, not for
 * streams.
 *
 * <p>Takes a queue for itself while it is used; nothing else may be outstanding on it. Used by one
 * thread.
 */
public final class BlockIo {
  private static final int RETRIES = 3;

  private final NvmeController controller;
  private final IoQueue queue;
  private final Namespace namespace;
  private final Waiting waiting;
  private final Duration timeout;
  private boolean arrived;
  private int status;

  public BlockIo(NvmeController controller, IoQueue queue, Namespace namespace) {
    this.controller = controller;
    this.queue = queue;
    this.namespace = namespace.requireUsable();
    ControllerOptions options = controller.context().options();
    this.waiting =
        new Waiting(controller.transport(), options, () -> queue.idle(options.idle().get()));
    // The queue itself acts on its deadline (abort, then reset); this one is behind all of that.
    this.timeout = controller.context().options().ioTimeout().multipliedBy(4);
  }

  /** The namespace that is read and written. */
  public Namespace namespace() {
    return namespace;
  }

  /**
   * Reads bytes.
   *
   * @param address of the first byte on the namespace, a multiple of its block size
   * @param length a multiple of the block size
   * @throws CommandFailedException if the drive cannot read them
   */
  public void read(long address, DmaMemory memory, long offset, long length) {
    run("read", address, memory, offset, length);
  }

  /** Writes bytes; as {@link #read}. Durable after {@link #flush}. */
  public void write(long address, DmaMemory memory, long offset, long length) {
    run("write", address, memory, offset, length);
  }

  /** Makes everything written durable. */
  public void flush() {
    await("flush", () -> queue.flush(namespace, 0));
  }

  private void run(String what, long address, DmaMemory memory, long offset, long length) {
    int mask = namespace.blockSize() - 1;
    if ((address & mask) != 0 || (length & mask) != 0 || length <= 0) {
      throw new IllegalArgumentException(
          length + " bytes at " + address + " are not whole blocks of " + namespace.blockSize());
    }
    // One request at most of 1 GiB, so that its blocks fit an int.
    for (long done = 0; done < length; ) {
      long piece = Math.min(length - done, 1L << 30);
      long lba = (address + done) >>> namespace.blockShift();
      int blocks = (int) (piece >>> namespace.blockShift());
      long at = offset + done;
      String name = what + " of " + piece + " bytes at " + (address + done);
      if (what.equals("read")) {
        await(name, () -> queue.read(namespace, lba, blocks, memory, at, 0));
      } else {
        await(name, () -> queue.write(namespace, lba, blocks, memory, at, 0));
      }
      done += piece;
    }
  }

  private void await(String what, BooleanSupplier request) {
    for (int attempt = 1; ; attempt++) {
      arrived = false;
      if (!request.getAsBoolean()) {
        queue.poll((tag, ended) -> {});
        if (!request.getAsBoolean()) {
          throw new NvmeException(controller.address() + ": no room for a " + what);
        }
      }
      boolean completed =
          waiting.until(
              () -> {
                queue.poll(this::completed);
                return arrived;
              },
              timeout);
      if (!completed) {
        throw endedInVain(new CommandTimeoutException(controller.address() + ": " + what, timeout));
      }
      if (status == 0) {
        return;
      }
      if (attempt == RETRIES || !Status.isRetryable(status)) {
        throw new CommandFailedException(controller.address() + ": " + what, status);
      }
    }
  }

  /** Takes the memory back from the drive, which may still write to it: its owner may free it. */
  private CommandTimeoutException endedInVain(CommandTimeoutException timeoutOfRequest) {
    try {
      controller.reset();
      int _ = queue.poll(this::completed);
    } catch (NvmeException e) {
      timeoutOfRequest.addSuppressed(e);
    }
    return timeoutOfRequest;
  }

  private void completed(long tag, int ended) {
    arrived = true;
    status = ended;
  }
}
