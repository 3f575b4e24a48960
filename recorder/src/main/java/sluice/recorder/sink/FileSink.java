package sluice.recorder.sink;

import sluice.recorder.Sink;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;

/** An ordinary file. What is missing is left out of it, or left as a hole that reads as zeros. */
final class FileSink implements Sink {
  private final String description;
  private final int fd;
  private final boolean gapsAsZeros;
  private long offset;
  private boolean closed;

  /**
   * @param fd an empty file, open for writing; this sink's own from now on
   * @param gapsAsZeros whether bytes keep their offset in the stream
   */
  FileSink(String description, int fd, boolean gapsAsZeros) {
    this.description = description;
    this.fd = fd;
    this.gapsAsZeros = gapsAsZeros;
  }

  @Override
  public long write(long address, long length) {
    long now = Math.min(length, StreamSink.MAX_WRITE);
    try {
      Linux.pwrite(fd, address, now, offset);
    } catch (LinuxException e) {
      throw Sinks.failure(description, e);
    }
    offset += now;
    return now;
  }

  @Override
  public void gap(long bytes) {
    if (gapsAsZeros) {
      offset += bytes;
    }
  }

  /** Returns when the bytes are on the disk. */
  @Override
  public void finish() {
    try {
      // A gap at the end is part of the stream's length too.
      Linux.truncate(fd, offset);
      Linux.fdatasync(fd);
    } catch (LinuxException e) {
      throw Sinks.failure(description, e);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Linux.close(fd);
    }
  }
}
