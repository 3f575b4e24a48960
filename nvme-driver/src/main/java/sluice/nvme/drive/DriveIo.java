package sluice.nvme.drive;

import java.lang.foreign.MemorySegment;
import sluice.nvme.CompletionHandler;
import sluice.nvme.NvmeException;
import sluice.nvme.spec.Status;
import sluice.support.agent.IdleStrategy;
import sluice.vfio.DmaMemory;

/**
 * Reads and writes a drive and waits for it: for metadata, not for streams. Has a queue and a
 * buffer of its own. Used by one thread.
 */
public final class DriveIo implements AutoCloseable {
  /** Bytes of {@link #buffer}: the most that one call moves. */
  public static final int BUFFER_BYTES = 1 << 20;

  private final Drive drive;
  private final DriveQueue queue;
  private final DmaMemory buffer;
  private final CompletionHandler handler = this::completed;
  private final Patience patience;
  private boolean arrived;
  private int status;

  public DriveIo(Drive drive) {
    this.drive = drive;
    this.queue = drive.openQueue(Math.min(2, drive.maxQueueDepth()));
    this.patience = new Patience(drive.name(), queue.idle(IdleStrategy.backingOff()));
    this.buffer = drive.dma().allocate(BUFFER_BYTES);
  }

  /** What was read, or is to be written: {@link #BUFFER_BYTES}. */
  public MemorySegment buffer() {
    return buffer.segment();
  }

  /**
   * Reads into the start of {@link #buffer}.
   *
   * @param address a multiple of 4096, as is {@code length}
   * @throws NvmeException if the drive cannot
   */
  public void read(long address, int length) {
    require("read of " + length + " bytes at " + address, tryRead(address, length));
  }

  /**
   * As {@link #read}, but tells how it ended.
   *
   * @return 0, or the status with which the drive failed it for good
   * @throws NvmeException if the drive is gone
   */
  public int tryRead(long address, int length) {
    return await(() -> queue.read(address, length, buffer, 0, 0));
  }

  /** Writes from the start of {@link #buffer}; durable after {@link #flush}. */
  public void write(long address, int length) {
    require("write of " + length + " bytes at " + address, tryWrite(address, length));
  }

  /** As {@link #write}, but tells how it ended, as {@link #tryRead} does. */
  public int tryWrite(long address, int length) {
    return await(() -> queue.write(address, length, buffer, 0, false, 0));
  }

  /** Makes everything durable that was written. */
  public void flush() {
    require("flush", await(() -> queue.flush(0)));
  }

  /** Writes zeros; the length may exceed the buffer. */
  public void zero(long address, long length) {
    buffer.segment().fill((byte) 0);
    for (long done = 0; done < length; done += BUFFER_BYTES) {
      write(address + done, (int) Math.min(BUFFER_BYTES, length - done));
    }
  }

  /** A request that may find no room. */
  private interface Request {
    boolean submit();
  }

  private void require(String what, int ended) {
    if (ended != 0) {
      throw new NvmeException(
          "%s: a %s failed: %s".formatted(drive.name(), what, Status.format(ended)));
    }
  }

  private int await(Request request) {
    long firstFailure = 0;
    for (int failures = 1; ; failures++) {
      submitAndWait(request);
      if (status == 0) {
        return 0;
      }
      long now = System.nanoTime();
      firstFailure = failures == 1 ? now : firstFailure;
      long wait = RetryRule.waitNanos(drive, status, failures, now - firstFailure);
      if (wait == RetryRule.GIVE_UP) {
        return status;
      }
      pause(wait);
    }
  }

  private void submitAndWait(Request request) {
    arrived = false;
    patience.renew();
    boolean submitted = false;
    while (!arrived) {
      submitted = submitted || request.submit();
      patience.idle(queue.poll(handler));
    }
  }

  private void pause(long nanos) {
    long start = System.nanoTime();
    patience.renew();
    while (System.nanoTime() - start < nanos) {
      patience.idle(queue.poll(handler));
    }
  }

  private void completed(long tag, int ended) {
    arrived = true;
    status = ended;
  }

  @Override
  public void close() {
    queue.close();
    drive.dma().free(buffer);
  }
}
