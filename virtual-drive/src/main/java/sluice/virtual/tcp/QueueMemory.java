package sluice.virtual.tcp;

import sluice.nvme.tcp.pdu.PduWriter;
import sluice.virtual.command.BufferPool;

/**
 * How much memory the queues of all hosts take that a target lets in: each queue has places for all
 * of its commands and what is sent of them, whether there are any or not. A host has as much as it
 * leaves free for others, and a little however many there are. Used by the target's thread.
 */
final class QueueMemory {
  /** What each host can have: a few queues of a usual length. */
  private static final long LEAST_BYTES = 512 << 10;

  /** How much all can have of which nobody looks whose it is, in parts of all. */
  private static final int KEPT_PART = 4;

  private final long mostBytes;
  private long bytes;

  /**
   * A queue's.
   *
   * @param bytes about how much it is, on the heap and off it
   */
  record Room(CapsuleTable table, PduWriter writer, long bytes) {}

  /**
   * @param mostBytes of all queues together
   */
  QueueMemory(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** What all queues take. */
  long bytes() {
    return bytes;
  }

  /**
   * Takes memory for a queue.
   *
   * @param commands that can be out on it
   * @param hostBytes what its host has already
   * @throws OutOfMemoryError if there is none for it, saying so; nothing is taken then
   */
  Room take(int commands, Outgoing outgoing, BufferPool buffers, long hostBytes) {
    long count = CapsuleTable.bytes(commands) + outgoing.bytes(commands);
    if (!hasRoom(count, hostBytes + count)) {
      throw new OutOfMemoryError(
          "queues have %d of %d KiB, and those of this host %d"
              .formatted(bytes >> 10, mostBytes >> 10, hostBytes >> 10));
    }
    Room room = new Room(new CapsuleTable(commands, buffers), outgoing.writer(commands), count);
    bytes += count;
    return room;
  }

  private boolean hasRoom(long count, long host) {
    long shared = mostBytes - mostBytes / KEPT_PART;
    return host <= LEAST_BYTES ? bytes + count <= mostBytes : host <= shared - bytes;
  }

  /** A queue is gone. */
  void give(Room room) {
    bytes -= room.bytes();
  }
}
