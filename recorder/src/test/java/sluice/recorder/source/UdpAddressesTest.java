package sluice.recorder.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramPacket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.recorder.stream.Sockets;

/** Where datagrams can be received. */
class UdpAddressesTest extends UdpStream {
  /** The loopback's addresses: of IPv4, and of IPv6 where the machine has it. */
  static Stream<String> loopbackAddresses() throws SocketException {
    return NetworkInterface.getByName("lo")
        .inetAddresses()
        .map(address -> Sockets.text(new InetSocketAddress(address, 0)));
  }

  @ParameterizedTest
  @MethodSource("loopbackAddresses")
  void receivesOverEitherProtocol(String address) throws Exception {
    open("udp://" + address);
    send(new byte[] {1, 2, 3});
    assertThat(received()).containsExactly(1, 2, 3);
  }

  @Test
  void receivesAtEveryAddressOfTheMachine() throws Exception {
    open("udp://:0");
    to = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), source.address().getPort());
    send(new byte[] {1, 2, 3});
    assertThat(received()).containsExactly(1, 2, 3);
  }

  @Test
  void receivesFromAMulticastGroup() throws Exception {
    open("udp://239.77.1.2:0?interface=lo");
    try (MulticastSocket out = new MulticastSocket()) {
      out.setNetworkInterface(NetworkInterface.getByName("lo"));
      byte[] bytes = {1, 2, 3};
      out.send(new DatagramPacket(bytes, 3, to));
      // Not to the group, but to its port: that is for somebody else.
      out.send(new DatagramPacket(bytes, 3, InetAddress.getLoopbackAddress(), to.getPort()));
    }
    reader.runUntil(source, () -> source.counters().datagrams() == 1);
    assertThat(received()).containsExactly(1, 2, 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"udp://[ff02::1234]:0?interface=lo", "udp://[ff02::1234%lo]:0"})
  void joinsAMulticastGroupOfASingleLink(String address) throws Exception {
    Assumptions.assumeTrue(loopbackAddresses().anyMatch(text -> text.startsWith("[")));
    open(address);
    assertThat(((Inet6Address) to.getAddress()).getScopeId())
        .isEqualTo(NetworkInterface.getByName("lo").getIndex());
  }
}
