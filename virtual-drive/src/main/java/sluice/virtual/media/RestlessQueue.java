package sluice.virtual.media;

import java.util.Arrays;
import java.util.function.Consumer;
import sluice.nvme.CompletionHandler;
import sluice.nvme.NvmeException;
import sluice.nvme.drive.DriveQueue;
import sluice.support.SluiceException;
import sluice.vfio.DmaMemory;

/**
 * A drive's queue for a thread that may not wait. Where the drive has to be waited for, because it
 * is to be reset or was lost, a thread of its own does so: until that is over, for which the drive
 * has deadlines, the queue is away, takes no requests, and reports nothing. Used by one thread.
 */
final class RestlessQueue implements DriveQueue {
  private final DriveQueue queue;
  private final String name;

  /** Runs something on a thread of its own. */
  private final Consumer<Runnable> starter;

  /** Null while the drive is not waited for. */
  private Wait wait;

  /** Waits for the drive; until it is over the queue is its thread's. */
  private final class Wait implements Runnable {
    private final CompletionHandler handler = this::completed;
    private long[] tags = new long[queue.outstanding()];
    private int[] statuses = new int[queue.outstanding()];
    private int count;
    private Throwable failure;

    /** Written last by the thread, and read first by who looks. */
    private volatile boolean isOver;

    @Override
    public void run() {
      try {
        do {
          int _ = queue.poll(handler);
        } while (queue.pollNow(handler) == MUST_WAIT);
      } catch (RuntimeException | Error e) {
        failure = e;
      } finally {
        isOver = true;
      }
    }

    private void completed(long tag, int status) {
      if (count == tags.length) {
        tags = Arrays.copyOf(tags, count + 1);
        statuses = Arrays.copyOf(statuses, count + 1);
      }
      tags[count] = tag;
      statuses[count++] = status;
    }
  }

  /**
   * @param name of the drive, for the name of the thread
   */
  RestlessQueue(DriveQueue queue, String name) {
    this(queue, name, Thread.ofPlatform().daemon().name("wait for " + name)::start);
  }

  RestlessQueue(DriveQueue queue, String name, Consumer<Runnable> starter) {
    this.queue = queue;
    this.name = name;
    this.starter = starter;
  }

  /** Whether the drive is waited for. */
  boolean isAway() {
    return wait != null;
  }

  @Override
  public int depth() {
    return queue.depth();
  }

  /** {@inheritDoc} None while it is away: nobody knows. */
  @Override
  public int outstanding() {
    return wait == null ? queue.outstanding() : 0;
  }

  @Override
  public boolean read(long address, int length, DmaMemory memory, long offset, long tag) {
    return wait == null && queue.read(address, length, memory, offset, tag);
  }

  @Override
  public boolean write(
      long address, int length, DmaMemory memory, long offset, boolean durable, long tag) {
    return wait == null && queue.write(address, length, memory, offset, durable, tag);
  }

  @Override
  public boolean flush(long tag) {
    return wait == null && queue.flush(tag);
  }

  @Override
  public void ring() {
    if (wait == null) {
      queue.ring();
    }
  }

  /**
   * {@inheritDoc} Never waits.
   *
   * @throws NvmeException if the drive is gone or has failed
   */
  @Override
  public int poll(CompletionHandler handler) {
    if (wait != null) {
      return wait.isOver ? comeBack(handler) : 0;
    }
    int reported = queue.pollNow(handler);
    if (reported != MUST_WAIT) {
      return reported;
    }
    Wait begun = new Wait();
    try {
      starter.accept(begun);
      wait = begun;
    } catch (OutOfMemoryError e) {
      // The system has no thread now: the next poll asks again.
    }
    return 0;
  }

  private int comeBack(CompletionHandler handler) {
    Wait over = wait;
    wait = null;
    for (int i = 0; i < over.count; i++) {
      handler.completed(over.tags[i], over.statuses[i]);
    }
    switch (over.failure) {
      case null -> {}
      case SluiceException e -> throw e;
      default ->
          throw new NvmeException(
              "%s cannot be used any more: %s".formatted(name, over.failure), over.failure);
    }
    return over.count;
  }

  /** Closes the queue, unless it is away: then it goes with its drive. */
  @Override
  public void close() {
    if (wait == null) {
      queue.close();
    }
  }
}
