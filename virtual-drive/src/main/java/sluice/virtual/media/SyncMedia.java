package sluice.virtual.media;

import sluice.support.linux.LinuxException;

/** A {@link Backend} as a media: everything is done at once but flushes. */
public final class SyncMedia implements Media {
  private final Backend backend;
  private final PendingFlushes flushes;

  /**
   * @param backend closed with this
   */
  public SyncMedia(Backend backend) {
    this.backend = backend;
    this.flushes = new PendingFlushes(backend);
  }

  @Override
  public long size() {
    return backend.size();
  }

  @Override
  public int readNow(long offset, long address, long length) {
    try {
      backend.read(offset, address, length);
      return DONE;
    } catch (LinuxException | IndexOutOfBoundsException e) {
      return MediaStatus.ofRead(e);
    }
  }

  @Override
  public int writeNow(long offset, long address, long length) {
    try {
      backend.write(offset, address, length);
      return DONE;
    } catch (LinuxException | IndexOutOfBoundsException e) {
      return MediaStatus.ofWrite(e);
    }
  }

  @Override
  public int read(long offset, long address, long length, int tag) {
    return readNow(offset, address, length);
  }

  @Override
  public int write(long offset, long address, long length, int tag) {
    return writeNow(offset, address, length);
  }

  @Override
  public int zero(long offset, long length, int tag) {
    try {
      backend.zero(offset, length);
      return DONE;
    } catch (LinuxException | IndexOutOfBoundsException e) {
      return MediaStatus.ofWrite(e);
    }
  }

  @Override
  public int deallocate(long offset, long length, int tag) {
    try {
      backend.deallocate(offset, length);
      return DONE;
    } catch (LinuxException | IndexOutOfBoundsException e) {
      return MediaStatus.ofWrite(e);
    }
  }

  @Override
  public int flush(long offset, long length, int tag) {
    return flushes.flush(offset, length, tag);
  }

  @Override
  public int poll(Completions completions) {
    return flushes.poll(completions);
  }

  @Override
  public void close() {
    backend.close();
  }
}
