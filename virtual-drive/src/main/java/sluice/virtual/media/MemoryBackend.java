package sluice.virtual.media;

import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.memory.OffHeap;

/**
 * Keeps the bytes in memory, which is taken as blocks are first written. Everything is as durable
 * as it gets at once.
 */
public final class MemoryBackend implements Backend {
  private final long size;
  private final int fd;
  private final long address;

  /**
   * @param size bytes, more than 0
   * @throws IllegalStateException if this process cannot address so much
   */
  public MemoryBackend(long size) {
    this.size = size;
    this.fd = Linux.memfd("sluice-drive", size, 0);
    try {
      this.address = Linux.mmap(fd, 0, size, false);
    } catch (LinuxException e) {
      Linux.close(fd);
      throw new IllegalStateException(
          "no memory drive of " + size + " bytes: " + e.getMessage(), e);
    }
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long offset, long to, long length) {
    Backend.checkRange(offset, length, size);
    OffHeap.copy(address + offset, to, length);
  }

  @Override
  public void write(long offset, long from, long length) {
    Backend.checkRange(offset, length, size);
    OffHeap.copy(from, address + offset, length);
  }

  @Override
  public void zero(long offset, long length) {
    Backend.checkRange(offset, length, size);
    Linux.fallocate(fd, Linux.PUNCH_HOLE, offset, length);
  }

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
  public void close() {
    Linux.munmap(address, size);
    Linux.close(fd);
  }
}
