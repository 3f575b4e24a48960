package sluice.virtual.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import sluice.support.linux.Linux;
import sluice.support.linux.LocalSocket;
import sluice.support.memory.OffHeap;

/**
 * A client that sends and receives bytes, and steps the server by hand on the same thread. Messages
 * are hexadecimal, with blanks where they help to read.
 */
final class RawClient implements AutoCloseable {
  private static final int MOST = 2 << 20;

  final LocalSocket socket;
  private final DriveServer server;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment memory = arena.allocate(MOST, 8);
  private final List<Integer> descriptors = new ArrayList<>();

  /** Connects, past the listening socket. */
  RawClient(DriveServer server) {
    this.server = server;
    LocalSocket[] pair = LocalSocket.pair();
    this.socket = pair[0];
    assertThat(server.admit(pair[1])).isEqualTo(1);
  }

  /** Little-endian bytes of 4. */
  static String u32(long value) {
    return hex(value, 4);
  }

  /** Little-endian bytes of 8. */
  static String u64(long value) {
    return hex(value, 8);
  }

  static String u16(long value) {
    return hex(value, 2);
  }

  private static String hex(long value, int bytes) {
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < bytes; i++) {
      result.append(String.format("%02x", (value >>> (8 * i)) & 0xff));
    }
    return result.toString();
  }

  static String command(int id, int command, String body) {
    return u16(id) + u16(command) + u32(16 + bytes(body)) + u32(0) + u32(0) + body;
  }

  static String reply(int id, int command, String body) {
    return u16(id) + u16(command) + u32(16 + bytes(body)) + u32(1) + u32(0) + body;
  }

  static String error(int id, int command, int errno) {
    return u16(id) + u16(command) + u32(16) + u32(0x21) + u32(errno);
  }

  private static int bytes(String hex) {
    return hex.replace(" ", "").length() / 2;
  }

  void send(String hex, int... fds) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    for (int i = 0; i < bytes.length; i++) {
      OffHeap.putByte(memory.address() + i, bytes[i]);
    }
    assertThat(socket.send(memory.address(), bytes.length, fds)).isEqualTo(bytes.length);
  }

  /** Lets the server do what there is to do. */
  void pump() {
    for (int quiet = 0; quiet < 3000; quiet++) {
      if (server.doWork() > 0) {
        quiet = 0;
      }
    }
  }

  /** What has come, without blanks; "" for nothing, "end" when the server has closed. */
  String receive() {
    long n = socket.receive(memory.address(), MOST);
    for (int i = 0; n > 0 && i < socket.descriptors(); i++) {
      descriptors.add(socket.descriptor(i));
    }
    return n == 0
        ? "end"
        : n < 0
            ? ""
            : HexFormat.of().formatHex(memory.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
  }

  /** Sends a message, and says what comes back. */
  String ask(String hex, int... fds) {
    send(hex, fds);
    pump();
    return receive();
  }

  /** The descriptors that came since the last call, this object's until it is closed. */
  int takeDescriptor() {
    assertThat(descriptors).hasSize(1);
    return descriptors.removeFirst();
  }

  int descriptors() {
    return descriptors.size();
  }

  /** Says the version, without capabilities, and takes the answer. */
  void agree() {
    assertThat(ask(command(1, 1, "00000100"))).startsWith("01000100");
  }

  @Override
  public void close() {
    descriptors.forEach(Linux::close);
    socket.close();
    arena.close();
  }
}
