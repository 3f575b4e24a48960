package sluice.recorder.source;

import java.lang.foreign.Arena;
import sluice.recorder.stream.Mmsghdr;
import sluice.recorder.stream.Sockets;
import sluice.support.memory.OffHeap;

/**
 * The headers for receiving many datagrams with one system call, such that they lie one behind the
 * other in a slot without having been copied.
 *
 * <p>Message {@code i} of a batch gets two pieces of memory: {@code stride} bytes of the slot at
 * {@code i * stride}, and behind them an overflow of its own that takes what is longer. When all
 * datagrams are as long as the stride, they are contiguous as they come; and the one that does not
 * fit the slot's end has its rest in its overflow, for the next slot. When they are not, the stream
 * is still all there: {@link UdpSource} moves it together.
 *
 * <pre>
 *   slot       ...|  datagram 0  |  datagram 1  |  datagram 2  | 3, as far as it fits |
 *   overflow                (empty)        (empty)       (empty)      | the rest of 3 |
 * </pre>
 *
 * Used by one thread. Memory outside of the heap: {@link #MAX_MESSAGES} times 128 KiB, of which
 * only what is used is ever present.
 */
final class DatagramBatch implements AutoCloseable {
  /** Messages in a batch: enough to make the system call's own cost small. */
  static final int MAX_MESSAGES = 64;

  /** No datagram is longer than this (65,507 bytes over IPv4, 65,527 over IPv6). */
  static final int MAX_DATAGRAM = 1 << 16;

  private final Arena arena = Arena.ofShared();
  private final long messages = allocate(Mmsghdr.BYTES);
  private final long discards = allocate(Mmsghdr.BYTES);
  private final long iovecs = allocate(2 * Mmsghdr.IOVEC_BYTES);
  private final long controls = allocate(Cmsg.SPACE_INT);
  private final long overflow = allocate(MAX_DATAGRAM);
  private final long staging = allocate(MAX_DATAGRAM);

  /** The headers of the last call. */
  private long received = messages;

  private long slot;
  private int stride;
  private int room;

  DatagramBatch() {
    for (int i = 0; i < MAX_MESSAGES; i++) {
      Mmsghdr.putIovecs(messages + (long) i * Mmsghdr.BYTES, iovec(i, 0), 2);
      Mmsghdr.putIovec(iovec(i, 1), overflow(i), MAX_DATAGRAM);
      // A datagram that is thrown away needs no memory: its length is all that is asked for.
      Mmsghdr.putIovecs(discards + (long) i * Mmsghdr.BYTES, 0, 0);
    }
  }

  private long allocate(int bytesPerMessage) {
    return arena.allocate((long) bytesPerMessage * MAX_MESSAGES, 64).address();
  }

  /**
   * Receives what is there.
   *
   * @param slot where the first datagram belongs
   * @param room bytes there, more than 0
   * @param stride bytes that a datagram is expected to have, more than 0
   * @param limit datagrams at the most, more than 0
   * @return how many were received
   */
  int receive(int fd, long slot, int room, int stride, long limit) {
    this.slot = slot;
    this.stride = stride;
    this.room = room;
    this.received = messages;
    int count = (int) Math.min(limit, Math.min(MAX_MESSAGES, Math.ceilDiv(room, stride)));
    for (int i = 0; i < count; i++) {
      Mmsghdr.putIovec(iovec(i, 0), slot + (long) i * stride, piece(i));
      Mmsghdr.putControl(message(i), control(i), Cmsg.SPACE_INT);
    }
    return Sockets.receiveMany(fd, messages, count, 0);
  }

  /**
   * Takes datagrams from the kernel without their bytes.
   *
   * @param limit datagrams at the most, more than 0
   * @return how many
   */
  int discard(int fd, long limit) {
    this.received = discards;
    int count = (int) Math.min(limit, MAX_MESSAGES);
    for (int i = 0; i < count; i++) {
      Mmsghdr.putControl(message(i), control(i), Cmsg.SPACE_INT);
    }
    return Sockets.receiveMany(fd, discards, count, Sockets.MSG_TRUNC);
  }

  /** Bytes of a datagram. */
  int length(int i) {
    return Mmsghdr.length(message(i));
  }

  /** Where a datagram begins; it goes on for {@link #piece} bytes at the most. */
  long start(int i) {
    return slot + (long) i * stride;
  }

  /** How much of a datagram fits at its start; the rest is at {@link #overflow}. */
  int piece(int i) {
    return Math.min(stride, room - i * stride);
  }

  /** Where the rest of a datagram is that is longer than its piece. */
  long overflow(int i) {
    return overflow + (long) i * MAX_DATAGRAM;
  }

  /**
   * The count of datagrams that the kernel had dropped when it queued this one.
   *
   * @param otherwise what to return when it has not dropped any
   */
  int drops(int i, int otherwise) {
    return Cmsg.isInt(
            control(i), Mmsghdr.controlLength(message(i)), Sockets.SOL_SOCKET, Sockets.SO_RXQ_OVFL)
        ? Cmsg.intData(control(i))
        : otherwise;
  }

  /**
   * Copies datagrams out of the slot and the overflows to a place of their own, contiguous.
   *
   * @param from the first of them
   * @param to after the last of them
   * @return the address
   */
  long stage(int from, int to) {
    long at = staging;
    for (int i = from; i < to; i++) {
      int length = length(i);
      int inSlot = Math.min(length, piece(i));
      OffHeap.copy(start(i), at, inSlot);
      OffHeap.copy(overflow(i), at + inSlot, length - inSlot);
      at += length;
    }
    return staging;
  }

  private long message(int i) {
    return received + (long) i * Mmsghdr.BYTES;
  }

  private long iovec(int i, int piece) {
    return iovecs + (2L * i + piece) * Mmsghdr.IOVEC_BYTES;
  }

  private long control(int i) {
    return controls + (long) i * Cmsg.SPACE_INT;
  }

  /** Frees the memory. */
  @Override
  public void close() {
    arena.close();
  }
}
