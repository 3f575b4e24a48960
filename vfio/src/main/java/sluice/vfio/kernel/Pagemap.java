package sluice.vfio.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import sluice.support.linux.Linux;

/**
 * Where memory of this process is in the machine's memory ({@code /proc/self/pagemap}).
 *
 * <pre>
 *   63      62 … 55        54                              0
 *  |present|             |  page frame number                |   one for each page of 4 KiB
 * </pre>
 */
final class Pagemap {
  private static final long PRESENT = 1L << 63;
  private static final long FRAME = (1L << 55) - 1;

  private Pagemap() {}

  /**
   * Finds the physical address of each page of some memory.
   *
   * @param pageSize of the pages that the memory is made of
   * @throws IllegalStateException if the kernel does not tell this process
   */
  static long[] physicalAddresses(long address, long size, long pageSize) {
    long[] found = new long[(int) (size / pageSize)];
    int fd = Linux.open("/proc/self/pagemap", Linux.O_RDONLY);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment entry = arena.allocate(ValueLayout.JAVA_LONG);
      for (int i = 0; i < found.length; i++) {
        long page = (address + i * pageSize) / Linux.pageSize();
        long read = Linux.pread(fd, entry.address(), Long.BYTES, page * Long.BYTES);
        found[i] = frame(read == Long.BYTES ? entry.get(ValueLayout.JAVA_LONG, 0) : 0);
      }
    } finally {
      Linux.close(fd);
    }
    return found;
  }

  /** The physical address that an entry tells. */
  static long frame(long entry) {
    if ((entry & PRESENT) == 0 || (entry & FRAME) == 0) {
      throw new IllegalStateException(
          "the kernel does not tell this process physical addresses: run as root");
    }
    return (entry & FRAME) * Linux.pageSize();
  }
}
