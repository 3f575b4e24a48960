package sluice.recorder.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;

/** What the sources' own tests do not reach. */
class SocketsTest {
  static Stream<InetAddress> loopbackAddresses() throws Exception {
    return NetworkInterface.getByName("lo").inetAddresses();
  }

  @ParameterizedTest
  @MethodSource("loopbackAddresses")
  void connectsAndAccepts(InetAddress address) {
    int server = Sockets.open(address, Sockets.SOCK_STREAM);
    int client = Sockets.open(address, Sockets.SOCK_STREAM);
    try {
      Sockets.bind(server, new InetSocketAddress(address, 0));
      Sockets.listen(server, 1);
      assertThat(Sockets.accept(server)).as("nobody has come").isEqualTo(-1);
      InetSocketAddress there = Sockets.localAddress(server);
      assertThat(Connections.tryConnect(client, there, 10_000_000_000L)).isTrue();
      assertThat(Sockets.peerAddress(client)).isEqualTo(there);
      int connection = Sockets.accept(server);
      assertThat(connection).isPositive();
      assertThat(Sockets.peerAddress(connection)).isEqualTo(Sockets.localAddress(client));
      Linux.close(connection);
    } finally {
      Linux.close(client);
      Linux.close(server);
    }
  }

  /** Only joining: no route to a group over the loopback is promised for IPv6. */
  @ParameterizedTest
  @MethodSource("loopbackAddresses")
  void joinsGroups(InetAddress address) throws Exception {
    int index = NetworkInterface.getByName("lo").getIndex();
    InetAddress group =
        InetAddress.ofLiteral(address.getAddress().length == 4 ? "239.77.1.3" : "ff15::77:13");
    int fd = Sockets.open(address, Sockets.SOCK_DGRAM);
    try {
      Multicast.joinGroup(fd, group, index);
      assertThatThrownBy(() -> Multicast.joinGroup(fd, group, index))
          .isInstanceOf(LinuxException.class)
          .hasMessageContaining("Address already in use");
      Multicast.sendToGroup(fd, group, index, 3);
    } finally {
      Linux.close(fd);
    }
  }

  @Test
  void namesTheCallThatFailed() {
    assertThatThrownBy(() -> Sockets.listen(-1, 1))
        .isInstanceOf(LinuxException.class)
        .hasMessage("listen(fd -1): Bad file descriptor (errno 9)");
    assertThatThrownBy(() -> Sockets.setOption(-1, 1, 2, 3))
        .hasMessage("setsockopt(1, 2): Bad file descriptor (errno 9)");
    assertThatThrownBy(() -> Sockets.receiveMany(-1, 0, 0, 0))
        .hasMessage("recvmmsg(fd -1): Bad file descriptor (errno 9)");
    assertThatThrownBy(() -> Sockets.sendMany(-1, 0, 0))
        .hasMessage("sendmmsg(fd -1): Bad file descriptor (errno 9)");
  }
}
