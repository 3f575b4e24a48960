package sluice.recorder.sink;

import java.util.function.LongSupplier;
import sluice.recorder.Sink;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;

/** A FIFO that nobody may be reading yet: it is opened when somebody does. */
final class FifoSink implements Sink {
  /** What open reports for a FIFO without a reader. */
  private static final int ENXIO = 6;

  private static final long RETRY_NANOS = 1_000_000;

  private final String description;
  private final String path;
  private final LongSupplier ticks;
  private StreamSink opened;
  private boolean tried;
  private long triedTicks;

  FifoSink(String description, String path, LongSupplier ticks) {
    this.description = description;
    this.path = path;
    this.ticks = ticks;
  }

  @Override
  public long write(long address, long length) {
    if (opened == null && !open()) {
      return 0;
    }
    return opened.write(address, length);
  }

  private boolean open() {
    long now = ticks.getAsLong();
    if (tried && now - triedTicks < RETRY_NANOS) {
      return false;
    }
    tried = true;
    triedTicks = now;
    try {
      int fd = Linux.open(path, Linux.O_WRONLY | Linux.O_NONBLOCK);
      opened = new StreamSink(description, fd, true, false, new SinkPace(0, ticks));
      return true;
    } catch (LinuxException e) {
      if (e.errno() == ENXIO) {
        return false;
      }
      throw Sinks.failure(description, e);
    }
  }

  @Override
  public void close() {
    if (opened != null) {
      opened.close();
    }
  }
}
