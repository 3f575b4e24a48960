package sluice.recorder.sink;

import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import sluice.recorder.Sink;
import sluice.recorder.StreamException;
import sluice.recorder.stream.Mmsghdr;
import sluice.recorder.stream.Sockets;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.linux.PollFd;
import sluice.support.memory.OffHeap;

/**
 * Datagrams of one length, the last one shorter, sent many at a time from where the bytes lie. They
 * may get lost on their way, as datagrams do; a rate keeps the receiver from being overrun.
 */
final class UdpSink implements Sink {
  private static final int MAX_MESSAGES = 64;
  private static final long FINISH_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final String description;
  private final int fd;
  private final int datagram;
  private final SinkPace pace;
  private final Arena arena = Arena.ofShared();
  private final long messages = allocate(Mmsghdr.BYTES * MAX_MESSAGES);
  private final long iovecs = allocate(Mmsghdr.IOVEC_BYTES * MAX_MESSAGES);
  private final long pollFd = allocate(PollFd.BYTES);

  /** The start of a datagram whose end was not offered yet. */
  private final long carry;

  private int carried;
  private boolean closed;

  /**
   * @param fd a connected socket that does not block; this sink's own from now on
   * @param datagram bytes in each
   */
  UdpSink(String description, int fd, int datagram, SinkPace pace) {
    this.description = description;
    this.fd = fd;
    this.datagram = datagram;
    this.pace = pace;
    this.carry = allocate(datagram);
    for (int i = 0; i < MAX_MESSAGES; i++) {
      Mmsghdr.putIovecs(
          messages + (long) i * Mmsghdr.BYTES, iovecs + (long) i * Mmsghdr.IOVEC_BYTES, 1);
    }
    PollFd.put(pollFd, fd, PollFd.OUT);
  }

  private long allocate(int bytes) {
    return arena.allocate(bytes, 64).address();
  }

  @Override
  public long write(long address, long length) {
    if (carried > 0 || length < datagram) {
      return addToCarry(address, length);
    }
    long due = pace.due(length - length % datagram);
    int count = (int) Math.min(due / datagram, MAX_MESSAGES);
    for (int i = 0; i < count; i++) {
      Mmsghdr.putIovec(
          iovecs + (long) i * Mmsghdr.IOVEC_BYTES, address + (long) i * datagram, datagram);
    }
    return count == 0 ? 0 : (long) send(count) * datagram;
  }

  private long addToCarry(long address, long length) {
    int more = (int) Math.min(length, datagram - carried);
    OffHeap.copy(address, carry + carried, more);
    carried += more;
    if (carried == datagram && !sendCarry()) {
      // It stays as it is, and the last of these bytes are offered again.
      carried -= more;
      return 0;
    }
    return more;
  }

  private boolean sendCarry() {
    if (pace.due(carried) < carried) {
      return false;
    }
    Mmsghdr.putIovec(iovecs, carry, carried);
    if (send(1) == 0) {
      return false;
    }
    carried = 0;
    return true;
  }

  private int send(int count) {
    int sent;
    try {
      sent = Sockets.sendMany(fd, messages, count);
    } catch (LinuxException e) {
      throw Sinks.failure(description, e);
    }
    pace.taken(sent == 0 ? 0 : sent == 1 && carried > 0 ? carried : (long) sent * datagram);
    return sent;
  }

  @Override
  public void gap(long bytes) {
    pace.taken(bytes);
  }

  /** Sends the last datagram, which may be shorter. */
  @Override
  public void finish() {
    long deadline = System.nanoTime() + FINISH_TIMEOUT_NANOS;
    while (carried > 0 && !sendCarry()) {
      if (System.nanoTime() - deadline >= 0) {
        throw new StreamException(
            "cannot write to " + description + ": the last datagram did not go within 10 s");
      }
      boolean _ = PollFd.await(pollFd, 1);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Linux.close(fd);
      arena.close();
    }
  }
}
