package sluice.virtual.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.support.linux.Iovec;
import sluice.support.linux.TcpSocket;

/**
 * Where bytes go that nobody wants: as much memory as a PDU's data can have, written by all and
 * read by none. Used by the target's thread; allocates nothing.
 */
final class Sink {
  private final MemorySegment memory =
      Arena.ofAuto().allocate(QueueConnection.MAX_DATA_BYTES + Iovec.BYTES, Long.BYTES);
  private final long iovec = memory.address() + QueueConnection.MAX_DATA_BYTES;

  Sink() {
    Iovec.put(iovec, memory.address(), QueueConnection.MAX_DATA_BYTES);
  }

  long address() {
    return memory.address();
  }

  /**
   * Takes what has come at a socket.
   *
   * @return bytes, 0 if the other end sends no more, or {@link TcpSocket#NOTHING}
   */
  long drain(TcpSocket socket) {
    return socket.receive(iovec, 1);
  }
}
