package sluice.virtual.command;

import sluice.virtual.media.MemoryBackend;

/** Media whose flushes end when the test says so, and fail as it says. */
final class SlowDisk extends MediaProxy {
  boolean isQuick;
  long requested;
  long flushed;
  RuntimeException failure;

  SlowDisk(long size) {
    super(new MemoryBackend(size));
  }

  @Override
  public long requestFlush(long offset, long length) {
    requested++;
    if (isQuick) {
      finish();
    }
    return requested;
  }

  @Override
  public long flushed() {
    return flushed;
  }

  @Override
  public RuntimeException flushFailure() {
    return failure;
  }

  /** All that was asked for has ended. */
  void finish() {
    flushed = requested;
  }
}
