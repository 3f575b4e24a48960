package sluice.virtual.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.support.linux.LocalSocket;
import sluice.support.memory.OffHeap;
import sluice.vfio.vfiouser.Command;
import sluice.vfio.vfiouser.DmaAccess;
import sluice.vfio.vfiouser.MessageSocket;
import sluice.vfio.vfiouser.VfioUserException;
import sluice.virtual.pci.RemoteMemory;

/** What a client owes for its memory, however it takes its time. */
@Timeout(60)
class MessageAnswersTest {
  private final LocalSocket[] pair = LocalSocket.pair();
  private final MessageSocket server = new MessageSocket(pair[0], 1 << 16, 16);
  private final MessageSocket client = new MessageSocket(pair[1], 1 << 16, 16);
  private long now;
  private final MessageMemory memory = new MessageMemory(server, 4096, () -> now);
  private final Arena arena = Arena.ofConfined();
  private final long buffer = arena.allocate(1 << 16, 8).address();
  private final List<Boolean> moved = new ArrayList<>();
  private final RemoteMemory.User user = moved::add;
  private final RemoteMemory.User queue =
      new RemoteMemory.User() {
        @Override
        public void moved(boolean isGood) {
          moved.add(isGood);
        }

        @Override
        public boolean isQueue() {
          return true;
        }
      };

  @AfterEach
  void close() {
    server.close();
    client.close();
    arena.close();
  }

  private void answer(int id, int command, long value) {
    DmaAccess.write(client.body(), 0, 8);
    OffHeap.putLong(DmaAccess.data(client.body()), value);
    int bytes = command == Command.DMA_READ ? DmaAccess.BYTES + 8 : DmaAccess.BYTES;
    client.send(id, command, MessageSocket.FLAG_REPLY, 0, bytes, Duration.ofSeconds(1));
  }

  private void receive() {
    assertThat(server.receive()).isTrue();
    memory.answered(server);
  }

  private int asked() {
    assertThat(client.receive()).isTrue();
    return client.id();
  }

  @Test
  void answersComeInAnyOrder() {
    assertThat(memory.read(0, buffer, 8, user)).isTrue();
    int first = asked();
    assertThat(memory.read(8, buffer + 8, 8, user)).isTrue();
    int second = asked();
    assertThat(memory.isWaiting()).isTrue();
    answer(second, Command.DMA_READ, 22);
    answer(first, Command.DMA_READ, 11);
    receive();
    assertThat(OffHeap.getLong(buffer + 8)).isEqualTo(22);
    receive();
    assertThat(OffHeap.getLong(buffer)).isEqualTo(11);
    assertThat(moved).containsExactly(true, true);
    assertThat(memory.isWaiting()).isFalse();
  }

  @Test
  void anAnswerThatIsOwedKeepsItsIdWhileAllTheOthersAreUsed() {
    assertThat(memory.read(0, buffer, 8, user)).isTrue();
    int owed = asked();
    for (int i = 0; i < 1 << 16; i++) {
      assertThat(memory.read(8, buffer + 8, 8, user)).isTrue();
      int id = asked();
      assertThat(id).isNotEqualTo(owed);
      answer(id, Command.DMA_READ, 22);
      receive();
    }
    answer(owed, Command.DMA_READ, 11);
    receive();
    assertThat(OffHeap.getLong(buffer)).isEqualTo(11);
  }

  @Test
  void queuesHavePlacesThatDataDoesNotTake() {
    for (int i = 0; i < MessageMemory.MOST_OF_DATA; i++) {
      assertThat(memory.read(0, buffer, 8, user)).isTrue();
    }
    assertThat(memory.read(0, buffer, 8, user)).isFalse();
    for (int i = MessageMemory.MOST_OF_DATA; i < MessageMemory.MOST; i++) {
      assertThat(memory.read(0, buffer, 8, queue)).isTrue();
    }
    assertThat(memory.read(0, buffer, 8, queue)).isFalse();
  }

  @Test
  void aQueueThatFoundTheSocketFullComesBeforeMoreData() {
    int sent = 0;
    while (memory.write(0, buffer, 1 << 15, user)) {
      sent++;
    }
    assertThat(sent).isLessThan(MessageMemory.MOST_OF_DATA);
    assertThat(memory.write(0, buffer, 8, queue)).isFalse();
    memory.checkTime();
    assertThat(server.isBusy()).as("the socket is full").isTrue();
    assertThat(memory.write(0, buffer, 8, queue)).isFalse();
    memory.checkTime();
    while (client.receive()) {
      boolean _ = server.flush();
    }
    assertThat(server.isBusy()).isFalse();
    assertThat(memory.write(0, buffer, 8, user)).isFalse();
    assertThat(memory.write(0, buffer, 8, queue)).isTrue();
    memory.checkTime();
    assertThat(memory.write(0, buffer, 8, user)).as("a turn later").isTrue();
  }

  @Test
  void whatIsForgottenIsNotTouched() {
    assertThat(memory.read(0, buffer, 8, user)).isTrue();
    int id = asked();
    memory.forget(user);
    answer(id, Command.DMA_READ, 33);
    receive();
    assertThat(OffHeap.getLong(buffer)).isZero();
    assertThat(moved).isEmpty();
    assertThat(memory.isWaiting()).isFalse();
  }

  @Test
  void anErrorIsToldAndTheConnectionHolds() {
    assertThat(memory.write(0, buffer, 8, user)).isTrue();
    int flags = MessageSocket.FLAG_REPLY | MessageSocket.FLAG_ERROR;
    client.send(asked(), Command.DMA_WRITE, flags, 22, 0, Duration.ofSeconds(1));
    receive();
    assertThat(moved).containsExactly(false);
    assertThat(memory.failure()).isNull();
  }

  @Test
  void aClientThatOwesAnAnswerForTooLongIsNotWaitedFor() {
    assertThat(memory.read(0, buffer, 8, user)).isTrue();
    now += MessageMemory.LONGEST_NANOS;
    memory.checkTime();
    assertThat(memory.failure()).isNull();
    now++;
    memory.checkTime();
    assertThat(memory.failure())
        .hasMessage("the client owes the answer to DMA_READ for more than 5 s");
    assertThat(memory.read(0, buffer, 8, user)).as("after that").isFalse();
  }

  @Test
  void aClientThatTakesNoMessageIsNotWaitedForEither() {
    int sent = 0;
    while (memory.write(0, buffer, 4096, user)) {
      sent++;
    }
    assertThat(sent).isBetween(1, MessageMemory.MOST);
    assertThat(memory.isWaiting()).isTrue();
    now += MessageMemory.LONGEST_NANOS + 1;
    memory.checkTime();
    assertThat(memory.failure()).isNotNull();
  }

  @Test
  void whatWasNotAskedForEndsTheConnection() {
    assertThat(memory.read(0, buffer, 8, user)).isTrue();
    answer(asked() + 1, Command.DMA_READ, 1);
    assertThat(server.receive()).isTrue();
    assertThatThrownBy(() -> memory.answered(server))
        .isInstanceOf(VfioUserException.class)
        .hasMessage("the client answered what it was not asked");
  }

  @Test
  void anAnswerOfAnotherLengthEndsTheConnection() {
    assertThat(memory.read(0, buffer, 16, user)).isTrue();
    answer(asked(), Command.DMA_READ, 1);
    assertThat(server.receive()).isTrue();
    assertThatThrownBy(() -> memory.answered(server))
        .isInstanceOf(VfioUserException.class)
        .hasMessageContaining("with another number of them");
    assertThat(OffHeap.getLong(buffer)).isZero();
  }
}
