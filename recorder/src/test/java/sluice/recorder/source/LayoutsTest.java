package sluice.recorder.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import sluice.recorder.stream.Mmsghdr;
import sluice.recorder.stream.Sockets;
import sluice.support.linux.PollFd;
import sluice.support.linux.SockAddr;

/** The bytes as a C compiler lays them out on x86-64 and aarch64. */
class LayoutsTest {
  private final MemorySegment memory = Arena.ofAuto().allocate(64, 8);
  private final long at = memory.address();

  private String hex(int length) {
    return HexFormat.of().formatHex(memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
  }

  private void set(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
  }

  @Test
  void sockaddrIn() throws Exception {
    memory.fill((byte) 0xff);
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.ofLiteral("192.168.7.250"), 0x1234);
    assertThat(SockAddr.write(at, address)).isEqualTo(16);
    assertThat(hex(16)).isEqualTo("02001234c0a807fa0000000000000000");
    assertThat(SockAddr.read(at)).isEqualTo(address);
  }

  @Test
  void sockaddrIn6() throws Exception {
    memory.fill((byte) 0xff);
    byte[] bytes = HexFormat.of().parseHex("fe8000000000000000010203040506ff");
    InetSocketAddress address =
        new InetSocketAddress(Inet6Address.getByAddress(null, bytes, 3), 65535);
    assertThat(SockAddr.write(at, address)).isEqualTo(28);
    assertThat(hex(28)).isEqualTo("0a00ffff00000000fe8000000000000000010203040506ff03000000");
    InetSocketAddress read = SockAddr.read(at);
    assertThat(read).isEqualTo(address);
    assertThat(((Inet6Address) read.getAddress()).getScopeId()).isEqualTo(3);
  }

  @Test
  void mmsghdr() {
    Mmsghdr.putIovecs(at, 0x1122334455667788L, 2);
    Mmsghdr.putControl(at, 0x0a0b0c0d01020304L, 24);
    assertThat(hex(64))
        .isEqualTo(
            "0000000000000000"
                + "0000000000000000"
                + "8877665544332211"
                + "0200000000000000"
                + "040302010d0c0b0a"
                + "1800000000000000"
                + "0000000000000000"
                + "0000000000000000");
    memory.set(ValueLayout.JAVA_INT, 56, 65507);
    assertThat(Mmsghdr.length(at)).isEqualTo(65507);
    assertThat(Mmsghdr.controlLength(at)).isEqualTo(24);
  }

  @Test
  void iovec() {
    Mmsghdr.putIovec(at, 0x1122334455667788L, 65536);
    assertThat(hex(16)).isEqualTo("8877665544332211" + "0000010000000000");
  }

  @Test
  void cmsg() {
    set("1400000000000000 01000000 28000000 efbeadde 00000000");
    assertThat(Cmsg.isInt(at, 24, Sockets.SOL_SOCKET, Sockets.SO_RXQ_OVFL)).isTrue();
    assertThat(Cmsg.intData(at)).isEqualTo(0xdeadbeef);
    assertThat(Cmsg.isInt(at, 0, Sockets.SOL_SOCKET, Sockets.SO_RXQ_OVFL)).isFalse();
    assertThat(Cmsg.isInt(at, 24, Sockets.SOL_SOCKET, Sockets.SO_RCVBUF)).isFalse();
    set("1000000000000000");
    assertThat(Cmsg.isInt(at, 24, Sockets.SOL_SOCKET, Sockets.SO_RXQ_OVFL)).isFalse();
  }

  @Test
  void pollfd() {
    memory.fill((byte) 0xff);
    PollFd.put(at, 7, PollFd.OUT);
    assertThat(hex(8)).isEqualTo("0700000004000000");
  }
}
