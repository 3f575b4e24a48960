package sluice.virtual.media;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.nvme.spec.StatusCode;

/**
 * A file as a media. What its pages in memory have is read at once; what waits for a disk, and what
 * is written, is done by a few threads, as many requests at a time. A drive's turn never waits.
 */
public final class FileMedia implements Media {
  /** More than a drive has commands; each has a tag. */
  private static final int TAGS = 16_384;

  private final FileBackend file;
  private final PendingFlushes flushes;
  private final MediaThreads threads;
  private final MemorySegment iovec = Arena.ofAuto().allocate(16, Long.BYTES);

  /**
   * @param file closed with this
   */
  public FileMedia(FileBackend file) {
    this.file = file;
    this.flushes = new PendingFlushes(file);
    this.threads = new MediaThreads(file, file::dirty, TAGS);
  }

  /** The file. */
  public FileBackend file() {
    return file;
  }

  @Override
  public long size() {
    return file.size();
  }

  @Override
  public int readNow(long offset, long address, long length) {
    return file.readNow(iovec.address(), offset, address, length) ? DONE : LATER;
  }

  @Override
  public int writeNow(long offset, long address, long length) {
    return LATER;
  }

  @Override
  public int read(long offset, long address, long length, int tag) {
    return later(MediaThreads.READ, offset, address, length, tag);
  }

  @Override
  public int write(long offset, long address, long length, int tag) {
    return later(MediaThreads.WRITE, offset, address, length, tag);
  }

  @Override
  public int zero(long offset, long length, int tag) {
    return later(MediaThreads.ZERO, offset, 0, length, tag);
  }

  @Override
  public int deallocate(long offset, long length, int tag) {
    return later(MediaThreads.DEALLOCATE, offset, 0, length, tag);
  }

  private int later(byte op, long offset, long address, long length, int tag) {
    try {
      threads.submit(op, offset, address, length, tag);
      return LATER;
    } catch (OutOfMemoryError e) {
      return StatusCode.INTERNAL_ERROR.status();
    }
  }

  @Override
  public int flush(long offset, long length, int tag) {
    return flushes.flush(offset, length, tag);
  }

  @Override
  public int poll(Completions completions) {
    return threads.poll(completions) + flushes.poll(completions);
  }

  @Override
  public void close() {
    threads.close();
    // What has ended since the last turn was written too.
    int _ = threads.poll((_, _) -> {});
    file.close();
  }
}
