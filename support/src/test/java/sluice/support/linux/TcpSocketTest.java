package sluice.support.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.support.memory.OffHeap;

class TcpSocketTest {
  private static final long DEADLINE = Duration.ofSeconds(10).toNanos();

  private final MemorySegment memory = Arena.ofAuto().allocate(4096, 8);
  private final long bytes = memory.address();
  private final long iovecs = bytes + 2048;
  private TcpSocket listener;
  private TcpSocket near;
  private TcpSocket far;

  @AfterEach
  void close() {
    for (TcpSocket socket : new TcpSocket[] {listener, near, far}) {
      if (socket != null) {
        socket.close();
      }
    }
  }

  private void connect(String host) throws UnknownHostException {
    listener = TcpSocket.listen(new InetSocketAddress(InetAddress.getAllByName(host)[0], 0));
    assertThat(listener.accept()).isNull();
    near = TcpSocket.connect(listener.localAddress());
    assertThat(near.awaitRoom(DEADLINE)).isTrue();
    assertThat(near.error()).isNull();
    assertThat(listener.awaitInput(DEADLINE)).isTrue();
    far = listener.accept();
    assertThat(far).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void bytesGoOutOfManyPiecesAndIntoMany(String host) throws UnknownHostException {
    connect(host);
    for (int i = 0; i < 64; i++) {
      OffHeap.putByte(bytes + i, (byte) i);
    }
    Iovec.put(iovecs, bytes, 10);
    Iovec.put(iovecs + Iovec.BYTES, bytes + 20, 30);
    assertThat(near.send(iovecs, 2)).isEqualTo(40);
    assertThat(far.awaitInput(DEADLINE)).isTrue();
    Iovec.put(iovecs, bytes + 100, 25);
    Iovec.put(iovecs + Iovec.BYTES, bytes + 200, 100);
    assertThat(far.receive(iovecs, 2)).isEqualTo(40);
    assertThat(OffHeap.isEqual(bytes, bytes + 100, 10)).isTrue();
    assertThat(OffHeap.isEqual(bytes + 20, bytes + 110, 15)).isTrue();
    assertThat(OffHeap.isEqual(bytes + 35, bytes + 200, 15)).isTrue();
    assertThat(far.receive(iovecs, 2)).isEqualTo(TcpSocket.NOTHING);
    assertThat(far.awaitInput(1)).isFalse();
  }

  @Test
  void whoHasEndedItsOutputStillReceives() throws UnknownHostException {
    connect("127.0.0.1");
    assertThat(far.hasPeerEnded()).isFalse();
    near.endOutput();
    Iovec.put(iovecs, bytes, 8);
    assertThat(far.awaitInput(DEADLINE)).isTrue();
    assertThat(far.hasPeerEnded()).isTrue();
    assertThat(far.hasEndedInOrder()).isFalse();
    assertThat(far.receive(iovecs, 1)).isZero();
    assertThat(far.send(iovecs, 1)).isEqualTo(8);
    assertThat(near.awaitInput(DEADLINE)).isTrue();
    assertThat(near.receive(iovecs, 1)).isEqualTo(8);
    assertThat(near.hasPeerEnded()).isFalse();
    far.close();
    assertThat(near.awaitInput(DEADLINE)).isTrue();
    assertThat(near.receive(iovecs, 1)).isZero();
    assertThat(near.hasEndedInOrder()).isTrue();
  }

  @Test
  void whatIsDiscardedIsGone() throws UnknownHostException {
    connect("127.0.0.1");
    assertThat(far.discard()).isEqualTo(TcpSocket.NOTHING);
    Iovec.put(iovecs, bytes, 700);
    assertThat(near.send(iovecs, 1)).isEqualTo(700);
    assertThat(far.awaitInput(DEADLINE)).isTrue();
    assertThat(far.discard()).isEqualTo(700);
    OffHeap.putByte(bytes, (byte) 77);
    Iovec.put(iovecs, bytes, 1);
    assertThat(near.send(iovecs, 1)).isEqualTo(1);
    near.endOutput();
    OffHeap.putByte(bytes, (byte) 0);
    assertThat(far.awaitInput(DEADLINE)).isTrue();
    assertThat(far.receive(iovecs, 1)).isEqualTo(1);
    assertThat(OffHeap.getByte(bytes)).isEqualTo((byte) 77);
    assertThat(far.discard()).isZero();
  }

  @Test
  void anAbortIsToldToTheOtherEnd() throws UnknownHostException {
    connect("127.0.0.1");
    near.abort();
    Iovec.put(iovecs, bytes, 8);
    assertThat(far.awaitInput(DEADLINE)).isTrue();
    assertThat(far.hasPeerEnded()).isTrue();
    assertThat(far.hasEndedInOrder()).isFalse();
    assertThatThrownBy(() -> far.receive(iovecs, 1))
        .isInstanceOf(LinuxException.class)
        .hasMessageContaining("Connection reset");
  }

  @Test
  void aCutIsToldToTheOtherEndAndLeavesTheSocketOpen() throws UnknownHostException {
    connect("127.0.0.1");
    near.endOutput();
    near.cut();
    Iovec.put(iovecs, bytes, 8);
    assertThat(far.awaitInput(DEADLINE)).isTrue();
    assertThatThrownBy(
            () -> {
              assertThat(far.receive(iovecs, 1)).isZero();
              long _ = far.send(iovecs, 1);
            })
        .isInstanceOf(LinuxException.class);
    assertThatThrownBy(() -> near.send(iovecs, 1)).isInstanceOf(LinuxException.class);
  }

  @Test
  void whereNobodyListensThatIsTheError() throws UnknownHostException {
    listener = TcpSocket.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    InetSocketAddress address = listener.localAddress();
    listener.close();
    near = TcpSocket.connect(address);
    assertThat(near.awaitRoom(DEADLINE)).isTrue();
    assertThat(near.error().errno()).isEqualTo(LinuxException.ECONNREFUSED);
  }

  @Test
  void moreThanTheKernelTakesIsNotTaken() throws UnknownHostException {
    connect("127.0.0.1");
    Iovec.put(iovecs, bytes, 1024);
    long sent;
    long all = 0;
    do {
      sent = near.send(iovecs, 1);
      all += sent;
    } while (sent > 0 && all < 1L << 30);
    assertThat(sent).isZero();
    assertThat(near.awaitRoom(1)).isFalse();
  }
}
