package sluice.virtual.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.support.linux.LocalSocket;

class SocketWatchTest {
  private static final int BYTES = 4096;

  private final SocketWatch watch = new SocketWatch();
  private final LocalSocket[] pair = LocalSocket.pair();
  private final Arena arena = Arena.ofConfined();
  private final long memory = arena.allocate(BYTES, 8).address();

  SocketWatchTest() {
    for (int socket = 0; socket < 4; socket++) {
      watch.watch(socket, SocketWatch.NONE);
    }
  }

  @AfterEach
  void close() {
    pair[0].close();
    pair[1].close();
    arena.close();
  }

  private void fill() {
    while (pair[0].send(memory, BYTES) > 0) {
      // Until there is no room.
    }
  }

  private void drain() {
    while (pair[1].receive(memory, BYTES) > 0) {
      // Until nothing is there.
    }
  }

  @Test
  void tellsWhichSocketHasSomething() {
    watch.watch(SocketWatch.CONNECTED, pair[0].fd());
    watch.watch(SocketWatch.TWIN, pair[1].fd());
    assertThat(watch.poll(0)).isFalse();
    assertThat(pair[1].send(memory, 1)).isEqualTo(1);
    assertThat(watch.poll(0)).isTrue();
    assertThat(watch.isReady(SocketWatch.CONNECTED)).isTrue();
    assertThat(watch.isReady(SocketWatch.TWIN)).isFalse();
    assertThat(watch.isReady(SocketWatch.LISTENING)).isFalse();
    assertThat(watch.isGone(SocketWatch.CONNECTED)).isFalse();
  }

  @Test
  void whoWaitsForRoomIsNotWokenByWhatHasCome() {
    fill();
    assertThat(pair[1].send(memory, 1)).isEqualTo(1);
    watch.watch(SocketWatch.CONNECTED, pair[0].fd());
    watch.watchForRoom(SocketWatch.CONNECTED);
    assertThat(watch.poll(0)).isFalse();
    drain();
    assertThat(watch.poll(0)).isTrue();
    assertThat(watch.isReady(SocketWatch.CONNECTED)).isTrue();
  }

  @Test
  void whoWaitsForBothIsWokenByEither() {
    fill();
    watch.watch(SocketWatch.TWIN, pair[0].fd());
    watch.watchForRoomToo(SocketWatch.TWIN);
    assertThat(watch.poll(0)).isFalse();
    assertThat(pair[1].send(memory, 1)).isEqualTo(1);
    assertThat(watch.poll(0)).isTrue();
    assertThat(pair[0].receive(memory, BYTES)).isEqualTo(1);
    assertThat(watch.poll(0)).isFalse();
    drain();
    assertThat(watch.poll(0)).isTrue();
  }

  @Test
  void tellsAnEndFromSomethingThatHasCome() {
    watch.watch(SocketWatch.NEWCOMER, pair[0].fd());
    pair[1].close();
    assertThat(watch.poll(0)).isTrue();
    assertThat(watch.isGone(SocketWatch.NEWCOMER)).isTrue();
  }
}
