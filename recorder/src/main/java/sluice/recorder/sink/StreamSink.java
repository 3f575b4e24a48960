package sluice.recorder.sink;

import java.lang.foreign.Arena;
import sluice.recorder.Sink;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.linux.PollFd;

/** Standard output, a FIFO, a device or a connection: whoever reads decides how fast. */
final class StreamSink implements Sink {
  /** Bytes in one call to a descriptor that does not block. */
  static final int MAX_WRITE = 1 << 20;

  /** A pipe that has any room takes so much without blocking (PIPE_BUF, pipe(7)). */
  private static final int PIPE_BUF = 4096;

  private final String description;
  private final int fd;
  private final boolean ownsFd;
  private final int maxWrite;
  private final SinkPace pace;
  private final Arena arena = Arena.ofShared();
  private final long pollFd = arena.allocate(PollFd.BYTES, PollFd.BYTES).address();
  private boolean closed;

  /**
   * @param ownsFd whether it is closed with the sink
   * @param blocks whether a write to the descriptor may wait
   */
  StreamSink(String description, int fd, boolean ownsFd, boolean blocks, SinkPace pace) {
    this.description = description;
    this.fd = fd;
    this.ownsFd = ownsFd;
    this.maxWrite = blocks ? PIPE_BUF : MAX_WRITE;
    this.pace = pace;
    PollFd.put(pollFd, fd, PollFd.OUT);
  }

  @Override
  public long write(long address, long length) {
    long due = Math.min(pace.due(length), MAX_WRITE);
    long done = 0;
    try {
      while (done < due && PollFd.await(pollFd, 0)) {
        long n = Linux.write(fd, address + done, Math.min(due - done, maxWrite));
        if (n <= 0) {
          break;
        }
        done += n;
      }
    } catch (LinuxException e) {
      throw Sinks.failure(description, e);
    }
    pace.taken(done);
    return done;
  }

  @Override
  public void gap(long bytes) {
    pace.taken(bytes);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (ownsFd) {
      Linux.close(fd);
    }
    arena.close();
  }
}
