package sluice.vfio.vfiouser;

import java.time.Duration;

/**
 * Does what a server asks of a client: reads and writes of memory that it was told of, for servers
 * that do not map it. Used by one thread at a time for each socket.
 */
final class ServerCommands {
  private static final int EFAULT = 14;
  private static final int EINVAL = 22;

  private final SharedMemory memory;
  private final Duration timeout;

  /**
   * @param memory what the server may reach
   * @param timeout how long the server may take to make room for an answer
   */
  ServerCommands(SharedMemory memory, Duration timeout) {
    this.memory = memory;
    this.timeout = timeout;
  }

  /**
   * Does what the command that has come says, and answers it.
   *
   * @throws VfioUserException if it is nothing that a server may ask for, or the answer cannot be
   *     sent
   */
  void answer(MessageSocket socket) {
    switch (socket.command()) {
      case Command.DMA_READ -> read(socket);
      case Command.DMA_WRITE -> write(socket);
      default ->
          throw new VfioUserException(
              "the server asks for " + Command.name(socket.command()) + ", which no client does");
    }
  }

  private void read(MessageSocket socket) {
    checkBytes(socket, 0);
    long count = DmaAccess.count(socket.received());
    if (count < 0 || count > socket.maxBody() - DmaAccess.BYTES) {
      refuse(socket, EINVAL);
    } else if (memory.read(iova(socket), DmaAccess.data(socket.body()), count)) {
      reply(socket, (int) count);
    } else {
      refuse(socket, EFAULT);
    }
  }

  private void write(MessageSocket socket) {
    checkBytes(socket, DmaAccess.count(socket.received()));
    long count = DmaAccess.count(socket.received());
    if (memory.write(iova(socket), DmaAccess.data(socket.received()), count)) {
      reply(socket, 0);
    } else {
      refuse(socket, EFAULT);
    }
  }

  private static long iova(MessageSocket socket) {
    return DmaAccess.iova(socket.received());
  }

  /** What is received is in memory whatever it says; but it has to be what it says it is. */
  private static void checkBytes(MessageSocket socket, long data) {
    int bytes = socket.receivedBytes();
    if (bytes < DmaAccess.BYTES || bytes - DmaAccess.BYTES != data) {
      throw new VfioUserException(
          "the server asks for "
              + Command.name(socket.command())
              + " in a body of "
              + bytes
              + " bytes, which cannot be");
    }
  }

  private void reply(MessageSocket socket, int dataBytes) {
    if (!socket.isReplyUnwanted()) {
      DmaAccess.write(socket.body(), iova(socket), DmaAccess.count(socket.received()));
      send(socket, MessageSocket.FLAG_REPLY, 0, DmaAccess.BYTES + dataBytes);
    }
  }

  private void refuse(MessageSocket socket, int errno) {
    if (!socket.isReplyUnwanted()) {
      send(socket, MessageSocket.FLAG_REPLY | MessageSocket.FLAG_ERROR, errno, 0);
    }
  }

  private void send(MessageSocket socket, int flags, int errno, int bytes) {
    socket.send(socket.id(), socket.command(), flags, errno, bytes, timeout);
  }
}
