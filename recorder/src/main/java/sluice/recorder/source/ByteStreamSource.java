package sluice.recorder.source;

import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.util.List;
import sluice.recorder.stream.Sockets;
import sluice.support.linux.Descriptors;
import sluice.support.linux.Linux;
import sluice.support.linux.PollFd;
import sluice.support.time.NanoClock;

/**
 * A file, a pipe or a connection: bytes without boundaries, read straight into the slot. It can be
 * held back: while the ring is full it is not read, and whoever writes waits.
 *
 * <p>Told to stop, it takes what has arrived in the pipe or the connection by then, as those who
 * sent it cannot send it again. A file is left where it stands.
 */
final class ByteStreamSource extends Source {
  /** Bytes in one read: many enough for the cost of the call, few enough for a turn. */
  private static final int MAX_READ = 1 << 20;

  private static final long NOT_STOPPED = -1;

  private final long maxBytes;
  private final long maxIdleNanos;
  private final NanoClock clock;
  private final Arena arena = Arena.ofShared();
  private final long pollFd = arena.allocate(PollFd.BYTES, PollFd.BYTES).address();
  private final boolean ownsFd;

  /** Whether the descriptor is a listening socket that waits for its one connection. */
  private boolean listening;

  private int fd;
  private long lastArrivalTicks;

  /** Bytes that had arrived when it was told to stop, and are not taken yet. */
  private long rest = NOT_STOPPED;

  private ByteStreamSource(
      String description,
      SourceOptions options,
      int fd,
      boolean ownsFd,
      boolean listening,
      Limits limits) {
    super(description, options);
    this.fd = fd;
    this.ownsFd = ownsFd;
    this.listening = listening;
    this.maxBytes = limits.bytes();
    this.maxIdleNanos = limits.idleNanos();
    this.clock = options.clock();
    PollFd.put(pollFd, fd, PollFd.IN);
  }

  /**
   * Bytes that are read from a descriptor.
   *
   * @param ownsFd whether it is closed with the source
   */
  static ByteStreamSource reading(
      String description, SourceOptions options, int fd, boolean ownsFd, Limits limits) {
    return new ByteStreamSource(description, options, fd, ownsFd, false, limits);
  }

  /** Bytes of the first connection to a listening socket. */
  static ByteStreamSource accepting(
      String description, SourceOptions options, int fd, Limits limits) {
    return new ByteStreamSource(description, options, fd, true, true, limits);
  }

  /** Where a socket listens or is connected from. */
  InetSocketAddress address() {
    return Sockets.localAddress(fd);
  }

  @Override
  public boolean canStall() {
    return true;
  }

  @Override
  public List<String> notes() {
    return listening
        ? List.of("waiting for a connection to " + Sockets.text(address()))
        : List.of();
  }

  @Override
  int move(SlotFiller slots) {
    if (isStopping() && rest() == 0) {
      finish();
      return 1;
    }
    long at = slots.at();
    if (at == 0) {
      return 0;
    }
    // Asked first because standard input may be a descriptor that blocks. It costs a pipe little.
    if (!PollFd.await(pollFd, options.pollMillis())) {
      return idle();
    }
    if (listening) {
      return accept();
    }
    long wanted = Math.min(maxBytes - counters().receivedBytes(), MAX_READ);
    if (rest != NOT_STOPPED) {
      wanted = Math.min(wanted, rest);
    }
    long n = Linux.read(fd, at, Math.min(wanted, slots.room()));
    if (n < 0) {
      return 0;
    }
    if (n > 0) {
      slots.filled((int) n, clock.nanos());
      counters().received(n);
      if (maxIdleNanos < Long.MAX_VALUE) {
        lastArrivalTicks = options.ticks().getAsLong();
      }
    }
    if (rest != NOT_STOPPED) {
      rest -= n;
    }
    if (n == 0 || counters().receivedBytes() >= maxBytes) {
      rest = 0;
      finish();
    }
    return 1;
  }

  /** What had arrived when it was told to stop, and is not taken yet. */
  private long rest() {
    if (rest == NOT_STOPPED) {
      if (listening) {
        int _ = accept();
      }
      rest = listening || Descriptors.status(fd).isFile() ? 0 : Linux.bytesToRead(fd);
    }
    return rest;
  }

  /** What had arrived before a stop and found no room until the end is lost. */
  @Override
  void ending(SlotFiller slots) {
    if (isStopping()) {
      long lost = rest();
      slots.lost(lost, clock.nanos());
      counters().lost(lost);
    }
  }

  private int accept() {
    int connection = Sockets.accept(fd);
    if (connection < 0) {
      return 0;
    }
    // One stream, one connection: nobody else is kept waiting in vain.
    Linux.close(fd);
    fd = connection;
    listening = false;
    PollFd.put(pollFd, fd, PollFd.IN);
    return 1;
  }

  private int idle() {
    if (maxIdleNanos < Long.MAX_VALUE
        && counters().receivedBytes() > 0
        && options.ticks().getAsLong() - lastArrivalTicks >= maxIdleNanos) {
      finish();
      return 1;
    }
    return 0;
  }

  @Override
  void release() {
    if (ownsFd) {
      Linux.close(fd);
    }
    arena.close();
  }
}
