package sluice.virtual.vfiouser;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.support.linux.Descriptors;
import sluice.support.linux.PollFd;
import sluice.support.memory.OffHeap;

/**
 * Which of a server's sockets have something to say, asked for by one call of the kernel. Used by
 * the server's thread.
 */
final class SocketWatch {
  static final int LISTENING = 0;
  static final int CONNECTED = 1;
  static final int TWIN = 2;
  static final int NEWCOMER = 3;
  private static final int SOCKETS = 4;

  /** Instead of the descriptor of a socket that there is not. */
  static final int NONE = -1;

  private static final int FD = 0;
  private static final int REVENTS = 6;
  private static final int TIMESPEC = SOCKETS * PollFd.BYTES;
  private static final int TIMESPEC_BYTES = 16;
  private static final int HANG_UP = 0x10;

  private final MemorySegment memory =
      Arena.ofAuto().allocate(TIMESPEC + TIMESPEC_BYTES, Long.BYTES);
  private final long entries = memory.address();

  private long entry(int socket) {
    return entries + (long) socket * PollFd.BYTES;
  }

  /** Asks whether something has come; of all sockets before each {@link #poll}. */
  void watch(int socket, int fd) {
    PollFd.put(entry(socket), fd, PollFd.IN);
  }

  /** Asks whether there is room to send, and not whether something has come. */
  void watchForRoom(int socket) {
    PollFd.put(entry(socket), OffHeap.getInt(entry(socket) + FD), PollFd.OUT);
  }

  /** Asks for both. */
  void watchForRoomToo(int socket) {
    short both = PollFd.IN | PollFd.OUT;
    PollFd.put(entry(socket), OffHeap.getInt(entry(socket) + FD), both);
  }

  /**
   * Waits until a socket has something to say.
   *
   * @return false at the deadline, or when a signal came between
   */
  boolean poll(long timeoutNanos) {
    return Descriptors.poll(entries, SOCKETS, entries + TIMESPEC, timeoutNanos) > 0;
  }

  private int events(int socket) {
    return OffHeap.getShort(entry(socket) + REVENTS);
  }

  /** Whether the last {@link #poll} found something, which may be the socket's end. */
  boolean isReady(int socket) {
    return events(socket) != 0;
  }

  /** Whether it found that the other end has closed. */
  boolean isGone(int socket) {
    return (events(socket) & HANG_UP) != 0;
  }
}
