package sluice.virtual.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.support.linux.Linux;
import sluice.support.linux.LocalSocket;
import sluice.vfio.vfiouser.Command;
import sluice.vfio.vfiouser.DmaAccess;
import sluice.vfio.vfiouser.MessageSocket;

/** How long, and with how much, a client that does not answer holds the server. */
@Timeout(60)
class PatienceTest {
  private final LocalSocket[] pair = LocalSocket.pair();
  private final MessageSocket server = new MessageSocket(pair[0], 1 << 16, 16);
  private final MessageSocket client = new MessageSocket(pair[1], 1 << 16, 16);
  private final Patience patience = new Patience();
  private final ArrayDeque<Request> deferred = new ArrayDeque<>();
  private final MessageMemory memory = new MessageMemory(server, 4096, patience, deferred);
  private final Arena arena = Arena.ofConfined();
  private final long buffer = arena.allocate(4096, 8).address();

  @AfterEach
  void close() {
    server.close();
    client.close();
    arena.close();
  }

  /** Answers one read before it is asked. */
  private void answerAhead(int id) {
    DmaAccess.write(client.body(), 0, 8);
    client.send(id, Command.DMA_READ, MessageSocket.FLAG_REPLY, 0, 16 + 8, Duration.ofSeconds(1));
  }

  @Test
  void allWaitsOfATurnAreBoundedTogether() {
    answerAhead(0);
    assertThat(memory.read(0, buffer, 8)).isTrue();
    patience.spend(Patience.TURN.toNanos());
    assertThat(patience.isStrained()).isTrue();
    assertThat(memory.read(0, buffer, 8)).isFalse();
    assertThat(memory.failure())
        .hasMessageStartingWith("the client let a turn of the drive wait for more than 5 s");
  }

  @Test
  void theNextTurnHasItsOwnTime() {
    patience.spend(Patience.TURN.toNanos());
    patience.begin();
    assertThat(patience.leftNanos()).isEqualTo(Patience.TURN.toNanos());
    assertThat(patience.isStrained()).isFalse();
    answerAhead(0);
    assertThat(memory.read(0, buffer, 8)).isTrue();
  }

  @Test
  void whoeverStopsWaitsForNothing() {
    patience.end();
    patience.begin();
    assertThat(patience.left()).isZero();
    assertThat(memory.read(0, buffer, 8)).isFalse();
    assertThat(memory.failure()).hasMessage("the server stops");
  }

  @Test
  void descriptorsThatAreKeptAreBounded() {
    int file = Linux.memfd("test", 8, 0);
    long before = descriptors();
    int[] fds = new int[16];
    Arrays.fill(fds, file);
    for (int i = 0; i < 5; i++) {
      client.send(
          i, Command.DEVICE_GET_INFO, MessageSocket.FLAG_COMMAND, 0, 0, Duration.ofSeconds(1), fds);
    }
    assertThat(memory.read(0, buffer, 8)).isFalse();
    assertThat(memory.failure())
        .hasMessage("the client sent too many commands before it answered one");
    assertThat(deferred).hasSize(4);
    assertThat(descriptors()).isEqualTo(before + 5 * 16);
    deferred.forEach(Request::close);
    server.close();
    assertThat(descriptors()).isEqualTo(before - 1);
    Linux.close(file);
  }

  private static long descriptors() {
    return new File("/proc/self/fd").list().length;
  }
}
