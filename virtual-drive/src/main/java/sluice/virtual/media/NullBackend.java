package sluice.virtual.media;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.support.memory.OffHeap;

/** Keeps nothing: reads as zeros. */
public final class NullBackend implements Backend {
  /** Small enough to stay in the processor's first cache. */
  private static final long ZEROS_BYTES = 8192;

  private static final MemorySegment ZEROS = Arena.global().allocate(ZEROS_BYTES, 64);

  private final long size;

  /**
   * @param size bytes it pretends to have
   */
  public NullBackend(long size) {
    this.size = size;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long offset, long address, long length) {
    for (long done = 0; done < length; done += ZEROS_BYTES) {
      OffHeap.copy(ZEROS.address(), address + done, Math.min(ZEROS_BYTES, length - done));
    }
  }

  @Override
  public void write(long offset, long address, long length) {}

  @Override
  public void zero(long offset, long length) {}

  @Override
  public long requestFlush(long offset, long length) {
    return 0;
  }

  @Override
  public long flushed() {
    return 0;
  }

  @Override
  public RuntimeException flushFailure() {
    return null;
  }

  @Override
  public void close() {}
}
