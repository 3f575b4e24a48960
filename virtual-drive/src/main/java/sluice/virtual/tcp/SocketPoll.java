package sluice.virtual.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.support.linux.Descriptors;
import sluice.support.linux.PollFd;

/**
 * Which of many sockets have something to say, asked for by one call of the kernel. Used by the
 * target's thread.
 */
final class SocketPoll {
  private static final int TIMESPEC_BYTES = 16;
  private static final int FIRST_CAPACITY = 64;

  private int capacity;
  private int count;
  private MemorySegment memory;
  private long entries;

  SocketPoll() {
    reserve(FIRST_CAPACITY);
  }

  private void reserve(int sockets) {
    capacity = sockets;
    memory = Arena.ofAuto().allocate((long) sockets * PollFd.BYTES + TIMESPEC_BYTES, Long.BYTES);
    entries = memory.address();
  }

  private long entry(int index) {
    return entries + (long) index * PollFd.BYTES;
  }

  /** Begins a new question about so many sockets. */
  void begin(int sockets) {
    if (sockets > capacity) {
      reserve(Math.max(sockets, 2 * capacity));
    }
    count = 0;
  }

  /**
   * Adds a socket.
   *
   * @param wantsInput whether it is asked if something has come
   * @param wantsRoom whether it is asked if there is room to send
   * @return its index
   */
  int add(int fd, boolean wantsInput, boolean wantsRoom) {
    int events = (wantsInput ? PollFd.IN : 0) | (wantsRoom ? PollFd.OUT : 0);
    PollFd.put(entry(count), events == 0 ? -1 : fd, (short) events);
    return count++;
  }

  /**
   * Waits until a socket has something to say.
   *
   * @return false at the deadline, or when a signal came between
   */
  boolean await(long nanos) {
    return Descriptors.poll(entries, count, entries + (long) capacity * PollFd.BYTES, nanos) > 0;
  }

  /** Whether the last {@link #await} found something, which may be the socket's end. */
  boolean isReady(int index) {
    return PollFd.told(entry(index)) != 0;
  }
}
