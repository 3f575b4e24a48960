package sluice.virtual;

import sluice.vfio.OffHeap;

/** Keeps nothing: reads as zeros. */
public final class NullBackend implements Backend {
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
    OffHeap.zero(address, length);
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
