package sluice.vfio.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import sluice.support.linux.LocalSocket;
import sluice.support.memory.OffHeap;

/** A socket for the server's own requests, while the client's requests go over the first. */
class TwinSocketTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final long IOVA = 0x10000;

  @Test
  void isAnsweredWhileACallerHasTheFirstSocketAndItsThreadWaits() {
    LocalSocket[] first = LocalSocket.pair();
    LocalSocket[] second = LocalSocket.pair();
    SharedMemory memory = new SharedMemory();
    ServerCommands commands = new ServerCommands(memory, TIMEOUT);
    int fd = first[0].fd();
    int twinFd = second[0].fd();
    MessageSocket socket = new MessageSocket(first[0], 4096, 1);
    MessageSocket twin = new MessageSocket(second[0], 4096, 1);
    try (Arena arena = Arena.ofConfined();
        Conversation conversation =
            new Conversation("test", socket, commands, TIMEOUT, System::nanoTime, _ -> {});
        MessageSocket server = new MessageSocket(first[1], 4096, 1);
        MessageSocket asks = new MessageSocket(second[1], 4096, 1)) {
      MemorySegment shared = arena.allocate(4096, 8);
      OffHeap.putLong(shared.address(), 42);
      memory.add(IOVA, shared.address(), 4096);
      conversation.listen(fd, twin, twinFd);
      conversation.lock().lock();
      try {
        askForMemory(server);
        while (!conversation.lock().hasQueuedThreads()) {
          Thread.onSpinWait();
        }
        assertThat(askForMemory(asks).awaitAnswer()).isEqualTo(42);
      } finally {
        conversation.lock().unlock();
      }
      assertThat(new Asked(server).awaitAnswer()).isEqualTo(42);
    }
  }

  private record Asked(MessageSocket socket) {
    long awaitAnswer() {
      while (!socket.receive()) {
        assertThat(socket.await(TIMEOUT.toNanos())).as("something has come").isTrue();
      }
      return OffHeap.getLong(DmaAccess.data(socket.received()));
    }
  }

  private static Asked askForMemory(MessageSocket socket) {
    DmaAccess.write(socket.body(), IOVA, Long.BYTES);
    socket.send(1, Command.DMA_READ, MessageSocket.FLAG_COMMAND, 0, DmaAccess.BYTES, TIMEOUT);
    return new Asked(socket);
  }
}
