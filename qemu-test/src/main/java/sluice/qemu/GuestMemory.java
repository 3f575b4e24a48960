package sluice.qemu;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sluice.support.linux.Linux;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;
import sluice.vfio.IovaAllocator;
import sluice.vfio.IovaRange;

/**
 * The machine's physical memory, which is an anonymous file that QEMU maps and this process too: a
 * byte's physical address, its address for a device, and its offset in the file are the same
 * number.
 *
 * <p>The first 16 MiB are left out: they hold the places a PC gives a meaning to (firmware, the
 * window of the graphics adapter at 0xa0000 to 0xfffff). Thread-safe.
 */
final class GuestMemory implements DmaSpace, AutoCloseable {
  /** The PCI window begins above it, so that this much is one piece. */
  static final long LARGEST = 2L << 30;

  static final long FIRST = 16 << 20;
  private static final long PAGE = 4096;

  private final long size;
  private final int fd;
  private final long address;
  private final IovaAllocator free;
  private final Map<DmaMemory, Long> allocated = new HashMap<>();
  private boolean isKept;

  /**
   * @param size bytes, a multiple of 1 MiB, more than 16 MiB and at most 2 GiB; taken from the
   *     system only where it is used
   */
  GuestMemory(long size) {
    if (size <= FIRST || size > LARGEST || size % (1 << 20) != 0) {
      throw new IllegalArgumentException(
          "a machine cannot have "
              + size
              + " bytes of memory: give it whole MiB, more than 16 and at most 2048");
    }
    this.size = size;
    this.free = new IovaAllocator(List.of(new IovaRange(FIRST, size - 1)));
    this.fd = Linux.memfd("sluice-qemu", size, 0);
    try {
      this.address = Linux.mmap(fd, 0, size, false);
    } catch (RuntimeException e) {
      Linux.close(fd);
      throw e;
    }
  }

  /** The file's name for a child of this process. */
  String path() {
    return "/proc/" + ProcessHandle.current().pid() + "/fd/" + fd;
  }

  /** Bytes. */
  long size() {
    return size;
  }

  @Override
  public synchronized DmaMemory allocate(long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("cannot allocate " + bytes + " bytes of DMA memory");
    }
    long pages = bytes > size ? bytes : Math.ceilDiv(bytes, PAGE) * PAGE;
    long iova;
    try {
      iova = free.allocate(pages, PAGE);
    } catch (IllegalStateException e) {
      throw new IllegalStateException(
          "no room for " + bytes + " bytes in the machine's memory of " + size + ": give it more",
          e);
    }
    // Also what brings the pages in.
    OffHeap.zero(address + iova, pages);
    DmaMemory memory = new DmaMemory(OffHeap.segment(address + iova, bytes), iova);
    allocated.put(memory, pages);
    return memory;
  }

  @Override
  public synchronized void free(DmaMemory memory) {
    Long pages = allocated.remove(memory);
    if (pages == null) {
      throw new IllegalArgumentException("not allocated here, or freed already: " + memory);
    }
    if (memory.isKept()) {
      isKept = true;
    } else {
      free.free(memory.iova(), pages);
    }
  }

  /** Frees all that is allocated. */
  synchronized void freeAll() {
    List.copyOf(allocated.keySet()).forEach(this::free);
  }

  /** Unmaps it. QEMU must have ended. */
  @Override
  public synchronized void close() {
    if (!isKept) {
      Linux.munmap(address, size);
    }
    Linux.close(fd);
  }
}
