package sluice.vfio.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.support.linux.LocalSocket;

@Timeout(120)
class ConversationTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int QUESTIONS = 64;

  /** Does not fit the buffer of a socket. */
  private static final int BYTES = 1 << 20;

  private final LocalSocket[] pair = LocalSocket.pair();
  private final MessageSocket server = new MessageSocket(pair[1], BYTES + DmaAccess.BYTES, 1);
  private final SharedMemory memory = new SharedMemory();

  private void await() {
    while (!server.receive()) {
      assertThat(server.hasEnded()).isFalse();
      boolean _ = server.await(TIMEOUT.toNanos());
    }
  }

  @Test
  void aServerThatAsksMuchAndTakesItsTimeKeepsNoCallerWaitingForAllOfIt() {
    memory.add(0, Arena.ofAuto().allocate(BYTES).address(), BYTES);
    MessageSocket client = new MessageSocket(pair[0], BYTES + DmaAccess.BYTES, 1);
    Conversation conversation =
        new Conversation(
            "a server",
            client,
            new ServerCommands(memory, TIMEOUT),
            TIMEOUT,
            System::nanoTime,
            _ -> {});
    conversation.listen(pair[0].fd(), null, -1);
    DmaAccess.write(server.body(), 0, BYTES);
    for (int i = 0; i < QUESTIONS; i++) {
      server.send(i, Command.DMA_READ, MessageSocket.FLAG_COMMAND, 0, DmaAccess.BYTES, TIMEOUT);
    }
    // The first answer waits for room.
    while (!conversation.lock().isLocked()) {
      Thread.onSpinWait();
    }
    CompletableFuture<Integer> caller =
        CompletableFuture.supplyAsync(() -> {
          conversation.lock().lock();
          try {
            return conversation.ask(Command.DEVICE_RESET, 0);
          } finally {
            conversation.lock().unlock();
          }
        });
    while (!conversation.lock().hasQueuedThreads()) {
      Thread.onSpinWait();
    }
    int answers = 0;
    for (await(); server.isReply(); await()) {
      answers++;
    }
    assertThat(answers).as("before the caller's turn").isEqualTo(1);
    int id = server.id();
    server.send(id, Command.DEVICE_RESET, MessageSocket.FLAG_REPLY, 0, 0, TIMEOUT);
    for (; answers < QUESTIONS; answers++) {
      await();
      assertThat(server.isReply()).isTrue();
    }
    assertThat(caller.join()).isZero();
    conversation.close();
    server.close();
  }
}
