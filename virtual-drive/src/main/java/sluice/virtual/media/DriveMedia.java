package sluice.virtual.media;

import java.util.Arrays;
import sluice.nvme.CompletionHandler;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.Patience;
import sluice.nvme.spec.Status;
import sluice.nvme.spec.StatusCode;
import sluice.nvme.spec.StatusType;
import sluice.support.Closing;
import sluice.support.SluiceException;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/**
 * Another drive as a media: requests go out to it as many as its queue takes, and the others wait
 * in order. Data goes by way of memory that the drive can reach, with a copy. Allocates nothing.
 *
 * <p>What the drive fails is failed here: who asked tries again or not. While the drive is being
 * reset, or is tried to be reached again, requests wait; nobody else does. When it is gone, all
 * fails.
 */
public final class DriveMedia implements Media {
  /** More than a virtual drive has commands; each has a tag. */
  private static final int TAGS = 16_384;

  private static final int MOST_REQUESTS = 128;

  /** Flushes find room though all else is full. */
  private static final int FLUSHES = 4;

  private static final int REQUEST_BYTES = 128 << 10;

  /** How long who closes this waits for a drive that is away. */
  private static final long LONGEST_AWAY_NANOS = 5_000_000_000L;

  private static final byte READ = 0;
  private static final byte WRITE = 1;
  private static final byte ZERO = 2;
  private static final byte FLUSH = 3;

  private final Drive drive;
  private final RestlessQueue queue;
  private final DmaMemory memory;
  private final CompletionHandler handler = this::requestCompleted;

  /** Requests that are free: each has its part of the memory. */
  private final int[] free;

  private int freeCount;

  // By request.
  private final int[] tags;
  private final long[] addresses;
  private final int[] lengths;

  // By tag: what was asked for, and what has become of it.
  private final byte[] ops = new byte[TAGS];
  private final long[] offsets = new long[TAGS];
  private final long[] memories = new long[TAGS];
  private final long[] left = new long[TAGS];
  private final int[] out = new int[TAGS];
  private final int[] statuses = new int[TAGS];

  /** Tags of which something is still to be requested, in order; a ring. */
  private final int[] waiting = new int[TAGS];

  private int firstWaiting;
  private int waitingCount;

  /** Tags that have ended. */
  private final int[] ended = new int[TAGS];

  private int endedCount;

  /** Of the first flush that failed; those after it fail too. */
  private int flushStatus;

  /** Why the drive is gone; null while it is there. */
  private SluiceException gone;

  /**
   * @param drive closed with this; its queue is opened here
   */
  public DriveMedia(Drive drive) {
    this.drive = drive;
    int requests = Math.max(1, Math.min(MOST_REQUESTS, drive.maxQueueDepth() - FLUSHES));
    int depth = Math.min(requests + FLUSHES, drive.maxQueueDepth());
    this.queue = new RestlessQueue(drive.openQueue(depth), drive.name());
    this.memory = drive.dma().allocate((long) requests * REQUEST_BYTES);
    this.free = new int[requests];
    this.freeCount = requests;
    Arrays.setAll(free, i -> requests - 1 - i);
    this.tags = new int[requests];
    this.addresses = new long[requests];
    this.lengths = new int[requests];
  }

  @Override
  public long size() {
    return drive.bytes();
  }

  /** {@inheritDoc} Never: the drive takes its time. */
  @Override
  public int readNow(long offset, long address, long length) {
    return LATER;
  }

  /** {@inheritDoc} Never: the drive takes its time. */
  @Override
  public int writeNow(long offset, long address, long length) {
    return LATER;
  }

  @Override
  public int read(long offset, long address, long length, int tag) {
    return begin(READ, offset, address, length, tag);
  }

  @Override
  public int write(long offset, long address, long length, int tag) {
    return drive.isWriteProtected()
        ? StatusCode.WRITE_PROTECTED.statusDnr()
        : begin(WRITE, offset, address, length, tag);
  }

  @Override
  public int zero(long offset, long length, int tag) {
    return drive.isWriteProtected()
        ? StatusCode.WRITE_PROTECTED.statusDnr()
        : begin(ZERO, offset, 0, length, tag);
  }

  /** {@inheritDoc} It is not passed on. */
  @Override
  public int deallocate(long offset, long length, int tag) {
    return DONE;
  }

  @Override
  public int flush(long offset, long length, int tag) {
    return flushStatus != 0 ? flushStatus : begin(FLUSH, 0, 0, 1, tag);
  }

  private int begin(byte op, long offset, long address, long length, int tag) {
    if (gone != null) {
      return StatusCode.INTERNAL_ERROR.status();
    }
    ops[tag] = op;
    offsets[tag] = offset;
    memories[tag] = address;
    left[tag] = length;
    out[tag] = 0;
    statuses[tag] = DONE;
    int at = firstWaiting + waitingCount;
    waiting[at < TAGS ? at : at - TAGS] = tag;
    waitingCount++;
    request();
    return LATER;
  }

  /** Requests what waits, as far as there is room. */
  private void request() {
    try {
      while (waitingCount > 0 && requestNext(waiting[firstWaiting])) {
        firstWaiting = firstWaiting + 1 == TAGS ? 0 : firstWaiting + 1;
        waitingCount--;
      }
      queue.ring();
    } catch (SluiceException e) {
      gone(e);
    }
  }

  /** Requests what is left of a tag; false if some of it has found no room. */
  private boolean requestNext(int tag) {
    if (ops[tag] == FLUSH) {
      if (!queue.flush(MOST_REQUESTS + (long) tag)) {
        return false;
      }
      left[tag] = 0;
      out[tag] = 1;
      return true;
    }
    while (left[tag] > 0) {
      if (freeCount == 0 || !requestPart(tag, free[freeCount - 1])) {
        return false;
      }
      freeCount--;
    }
    return true;
  }

  private boolean requestPart(int tag, int request) {
    int length = (int) Math.min(left[tag], REQUEST_BYTES);
    long at = (long) request * REQUEST_BYTES;
    boolean isRequested;
    if (ops[tag] == READ) {
      isRequested = queue.read(offsets[tag], length, memory, at, request);
    } else {
      if (ops[tag] == WRITE) {
        OffHeap.copy(memories[tag], memory.address() + at, length);
      } else {
        OffHeap.zero(memory.address() + at, length);
      }
      isRequested = queue.write(offsets[tag], length, memory, at, false, request);
    }
    if (!isRequested) {
      return false;
    }
    tags[request] = tag;
    addresses[request] = memories[tag];
    lengths[request] = length;
    offsets[tag] += length;
    memories[tag] += length;
    left[tag] -= length;
    out[tag]++;
    return true;
  }

  private void requestCompleted(long request, int status) {
    if (request >= MOST_REQUESTS) {
      flushed((int) request - MOST_REQUESTS, status);
      return;
    }
    int index = (int) request;
    int tag = tags[index];
    if (status != 0) {
      statuses[tag] = statuses[tag] == DONE ? told(status) : statuses[tag];
    } else if (ops[tag] == READ) {
      long from = memory.address() + (long) index * REQUEST_BYTES;
      OffHeap.copy(from, addresses[index], lengths[index]);
    }
    free[freeCount++] = index;
    endPart(tag);
  }

  private void flushed(int tag, int status) {
    if (status != 0) {
      // What it lost does not come back with the next one.
      flushStatus = StatusCode.WRITE_FAULT.statusDnr();
      statuses[tag] = flushStatus;
    }
    endPart(tag);
  }

  private void endPart(int tag) {
    out[tag]--;
    if (out[tag] == 0 && left[tag] == 0) {
      ended[endedCount++] = tag;
    }
  }

  /**
   * What is said of a status: what is about a place stays, all else is this drive's own trouble.
   */
  private static int told(int status) {
    StatusCode code = StatusCode.of(status);
    boolean isAboutPlace =
        code == StatusCode.WRITE_PROTECTED
            || code == StatusCode.CAPACITY_EXCEEDED
            || (code != null && code.type() == StatusType.MEDIA);
    return isAboutPlace
        ? code.status() | (status & Status.DNR)
        : StatusCode.INTERNAL_ERROR.status();
  }

  @Override
  public int poll(Completions completions) {
    if (gone == null) {
      try {
        int _ = queue.poll(handler);
        request();
      } catch (SluiceException e) {
        gone(e);
      }
    }
    int told = endedCount;
    for (int i = 0; i < told; i++) {
      completions.completed(ended[i], statuses[ended[i]]);
    }
    // What was told of may have begun others, which end later.
    endedCount -= told;
    System.arraycopy(ended, told, ended, 0, endedCount);
    return told;
  }

  /** The drive is gone, and touches no memory any more: all that was asked of it has failed. */
  private void gone(SluiceException e) {
    gone = e;
    flushStatus = StatusCode.WRITE_FAULT.statusDnr();
    for (int tag = 0; tag < TAGS; tag++) {
      if (out[tag] > 0 || left[tag] > 0) {
        out[tag] = 0;
        left[tag] = 0;
        statuses[tag] = ops[tag] == FLUSH ? flushStatus : StatusCode.INTERNAL_ERROR.status();
        ended[endedCount++] = tag;
      }
    }
    waitingCount = 0;
  }

  @Override
  public void close() {
    RuntimeException failure = null;
    try {
      finish();
    } catch (RuntimeException e) {
      failure = e;
    }
    if (failure == null) {
      drive.close();
    } else {
      Closing.after(failure, drive);
      throw failure;
    }
  }

  private void finish() {
    if (gone != null) {
      throw new IllegalStateException(
          drive.name() + ": what was written last may not be durable: " + gone.getMessage(), gone);
    }
    finishRequests();
    if (!drive.isWriteProtected() && gone == null && flush(0, size(), 0) == LATER) {
      finishRequests();
    }
    if (flushStatus != 0) {
      throw new IllegalStateException(
          drive.name() + ": what was written last may not be durable: a flush has failed");
    }
    queue.close();
    drive.dma().free(memory);
  }

  private void finishRequests() {
    Patience patience = new Patience(drive.name());
    long lastThere = System.nanoTime();
    while (gone == null && (queue.isAway() || queue.outstanding() + waitingCount > 0)) {
      patience.idle(poll((_, _) -> {}));
      long now = System.nanoTime();
      if (!queue.isAway()) {
        lastThere = now;
      } else if (now - lastThere > LONGEST_AWAY_NANOS) {
        throw new IllegalStateException(
            drive.name() + ": what was written last may not be durable: the drive is away");
      }
    }
  }
}
