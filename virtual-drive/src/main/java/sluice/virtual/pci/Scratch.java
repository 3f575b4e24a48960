package sluice.virtual.pci;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory of the drive's own for bytes on their way, made when it is first needed. */
public final class Scratch {
  private static final int PAGE = 4096;

  private MemorySegment memory;

  /**
   * The address of at least so many bytes, in whole pages; what was there before may be gone.
   *
   * @param bytes bounded by what the caller takes from a host
   */
  public long address(long bytes) {
    if (memory == null || memory.byteSize() < bytes) {
      memory = Arena.ofAuto().allocate(Math.ceilDiv(bytes, PAGE) * PAGE, PAGE);
    }
    return memory.address();
  }
}
