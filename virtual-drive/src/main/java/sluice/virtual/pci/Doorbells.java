package sluice.virtual.pci;

import java.lang.foreign.MemorySegment;
import sluice.nvme.spec.Registers;
import sluice.support.linux.Descriptors;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.memory.OffHeap;

/**
 * The doorbell registers (NVMe 1.4, sections 3.1.23 and 3.1.24) as memory that the host stores to
 * and the drive looks at: from BAR offset 1000h on, tail and head of each queue in turn.
 *
 * <p>They are a file of memory that another process can be given; its size is fixed, or that
 * process could take the pages away.
 *
 * <p>A doorbell without a queue holds {@link #UNTOUCHED}, whose bits are reserved in a doorbell: a
 * store to it is noticed.
 */
public final class Doorbells {
  static final int UNTOUCHED = 1 << 31;

  private static final int PAGE = 4096;

  private final int count;
  private final int stride;
  private final long size;
  private int fd = -1;
  private long address;
  private int watched;

  /**
   * @param queues queue pairs, the admin queues included
   */
  Doorbells(int queues, int dstrd) {
    this.count = 2 * queues;
    this.stride = 4 << dstrd;
    this.size = Math.ceilDiv((long) count * stride, PAGE) * PAGE;
    renew();
  }

  /** Takes other memory, which nobody else has. No queue exists. */
  void renew() {
    // In the file they are where they are in the BAR; nothing is before.
    int file = Linux.memfd("sluice-doorbells", Registers.DOORBELLS + size, Linux.MFD_ALLOW_SEALING);
    long memory;
    try {
      Descriptors.fixSize(file);
      memory = Linux.mmap(file, Registers.DOORBELLS, size, true);
    } catch (LinuxException e) {
      // Those of before are still there: the drive looks at them.
      Linux.close(file);
      throw e;
    }
    free();
    fd = file;
    address = memory;
    reset();
  }

  /** The file behind them; at {@link Registers#DOORBELLS} they begin. */
  int file() {
    return fd;
  }

  /** No queue exists. */
  void reset() {
    for (int i = 0; i < count; i++) {
      OffHeap.putInt(address + (long) i * stride, UNTOUCHED);
    }
  }

  /** Address of a submission queue's tail, set to 0 for a queue that begins. */
  long beginSubmission(int queue) {
    return begin(2 * queue);
  }

  /** Address of a completion queue's head, set to 0 for a queue that begins. */
  long beginCompletion(int queue) {
    return begin(2 * queue + 1);
  }

  void endSubmission(int queue) {
    OffHeap.putInt(address(2 * queue), UNTOUCHED);
  }

  void endCompletion(int queue) {
    OffHeap.putInt(address(2 * queue + 1), UNTOUCHED);
  }

  private long begin(int index) {
    OffHeap.putInt(address(index), 0);
    return address(index);
  }

  private long address(int index) {
    return address + (long) index * stride;
  }

  /**
   * Looks at the next doorbell, one a call.
   *
   * @param isUsed by doorbell index, twice the queue's id and one more for completion queues
   * @return whether a doorbell without a queue was written
   */
  public boolean watch(boolean[] isUsed) {
    watched = watched + 1 < count ? watched + 1 : 0;
    if (isUsed[watched] || OffHeap.getIntOpaque(address(watched)) == UNTOUCHED) {
      return false;
    }
    OffHeap.putInt(address(watched), UNTOUCHED);
    return true;
  }

  /** The memory, as BAR bytes from {@link Registers#DOORBELLS} on. */
  MemorySegment segment() {
    return OffHeap.segment(address, size);
  }

  long size() {
    return size;
  }

  void free() {
    if (fd >= 0) {
      Linux.munmap(address, size);
      Linux.close(fd);
      fd = -1;
    }
  }
}
