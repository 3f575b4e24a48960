package sluice.virtual.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A host that sends whatever a test says, byte for byte, to a target that takes its turns in
 * between. A connection; what it says is put together here and not by the driver's classes.
 */
final class RawHost implements AutoCloseable {
  static final int ADMIN_ENTRIES = 32;
  static final String HOST = "nqn.2026-11.org.sluice.test:host";
  private static final int ANY = 0xffff;

  private final SteppedTarget target;
  private final String subsystem;
  private final SocketChannel channel;
  private ByteBuffer received = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
  private boolean hasHeaderDigests;
  private boolean hasDataDigests;
  private boolean hasEnded;
  private int nextId = 1;

  /** A PDU from the target. */
  static final class Received {
    private final byte[] pdu;
    private final byte[] data;

    Received(byte[] pdu, byte[] data) {
      this.pdu = pdu;
      this.data = data;
    }

    int type() {
      return pdu[0];
    }

    int flags() {
      return pdu[1];
    }

    int i8(int at) {
      return pdu[at] & 0xff;
    }

    int i16(int at) {
      return little(pdu).getShort(at) & 0xffff;
    }

    int i32(int at) {
      return little(pdu).getInt(at);
    }

    long i64(int at) {
      return little(pdu).getLong(at);
    }

    byte[] data() {
      return data;
    }

    /** Of a response. */
    int identifier() {
      return i16(20);
    }

    /** Of a response, with DNR. */
    int status() {
      return i16(22) >>> 1;
    }

    int head() {
      return i16(16);
    }

    @Override
    public String toString() {
      return "PDU " + type() + " of " + pdu.length + " bytes";
    }
  }

  RawHost(SteppedTarget target) throws IOException {
    this(target, SteppedTarget.NQN);
  }

  /**
   * @param subsystem that it is to connect to
   */
  RawHost(SteppedTarget target, String subsystem) throws IOException {
    this.target = target;
    this.subsystem = subsystem;
    this.channel = SocketChannel.open(target.address());
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
  }

  // ---- bytes

  void send(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    for (int tries = 0; buffer.hasRemaining(); tries++) {
      int _ = channel.write(buffer);
      if (buffer.hasRemaining()) {
        int _ = target.turn();
        assertThat(tries).as("the target takes nothing").isLessThan(1_000_000);
      }
    }
  }

  /** Sends bytes, unless the target has closed the connection. */
  void offer(byte[] bytes) {
    try {
      send(bytes);
    } catch (IOException e) {
      hasEnded = true;
    }
  }

  /** Whether the target is known to have closed the connection. */
  boolean isGone() {
    return hasEnded;
  }

  /** All PDUs that are there, without a turn of the target. */
  List<Received> drain() throws IOException {
    List<Received> all = new ArrayList<>();
    Received next = next();
    while (next != null) {
      all.add(next);
      next = next();
    }
    return all;
  }

  private void readAll() throws IOException {
    while (!hasEnded) {
      if (!received.hasRemaining()) {
        ByteBuffer larger =
            ByteBuffer.allocate(2 * received.capacity()).order(ByteOrder.LITTLE_ENDIAN);
        larger.put(received.flip());
        received = larger;
      }
      int bytes;
      try {
        bytes = channel.read(received);
      } catch (IOException e) {
        // The target has reset the connection.
        bytes = -1;
      }
      hasEnded = bytes < 0;
      if (bytes <= 0) {
        return;
      }
    }
  }

  /** Lets the target work, and takes all PDUs that are there. */
  List<Received> receive() throws IOException {
    target.step();
    return drain();
  }

  private Received next() throws IOException {
    readAll();
    if (received.position() < 8) {
      return null;
    }
    int bytes = received.getInt(4);
    if (received.position() < bytes) {
      return null;
    }
    byte[] pdu = new byte[bytes];
    received.flip();
    received.get(pdu);
    received.compact();
    return parse(pdu);
  }

  private Received parse(byte[] pdu) {
    int type = pdu[0];
    int header = pdu[2] & 0xff;
    int dataAt = pdu[3] & 0xff;
    boolean isDigested = type > 3;
    if (hasHeaderDigests && isDigested) {
      assertThat(crc(pdu, 0, header)).as("header digest").isEqualTo(i32(pdu, header));
    }
    byte[] data = new byte[0];
    if (type == 3) {
      data = Arrays.copyOfRange(pdu, header, pdu.length);
    } else if (dataAt > 0) {
      int end = pdu.length - (hasDataDigests ? 4 : 0);
      data = Arrays.copyOfRange(pdu, dataAt, end);
      if (hasDataDigests) {
        assertThat(crc(data, 0, data.length)).as("data digest").isEqualTo(i32(pdu, end));
      }
    }
    return new Received(pdu, data);
  }

  /** Whether the target has closed the connection. */
  boolean hasEnded() throws IOException {
    target.step();
    readAll();
    return hasEnded;
  }

  private static int i32(byte[] bytes, int at) {
    return little(bytes).getInt(at);
  }

  private static int crc(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  // ---- PDUs

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** ICReq. */
  static byte[] initialize(int format, int alignment, int digests, int maxReady) {
    byte[] pdu = new byte[128];
    ByteBuffer words = little(pdu).put(2, (byte) 128).putInt(4, 128).putShort(8, (short) format);
    words.put(10, (byte) alignment).put(11, (byte) digests).putInt(12, maxReady);
    return pdu;
  }

  /** A PDU of a header and data, with the digests that were agreed on. */
  byte[] pdu(int type, int flags, byte[] header, byte[] data) {
    int behind = header.length + (hasHeaderDigests ? 4 : 0);
    boolean isDigested = data.length > 0 && hasDataDigests;
    byte[] pdu = Arrays.copyOf(header, behind + data.length + (isDigested ? 4 : 0));
    ByteBuffer words = little(pdu);
    words.put(0, (byte) type);
    words.put(1, (byte) (flags | (hasHeaderDigests ? 1 : 0) | (isDigested ? 2 : 0)));
    words.put(2, (byte) header.length);
    words.put(3, (byte) (data.length > 0 ? behind : 0));
    words.putInt(4, pdu.length);
    if (hasHeaderDigests) {
      words.putInt(header.length, crc(pdu, 0, header.length));
    }
    words.position(behind).put(data);
    if (isDigested) {
      words.putInt(crc(data, 0, data.length));
    }
    return pdu;
  }

  /** CapsuleCmd. */
  byte[] capsule(byte[] entry, byte[] data) {
    byte[] header = new byte[72];
    System.arraycopy(entry, 0, header, 8, 64);
    return pdu(4, 0, header, data);
  }

  /** H2CData. */
  byte[] data(int identifier, int tag, int offset, byte[] data, boolean isLast) {
    byte[] header = new byte[24];
    ByteBuffer words = little(header).putShort(8, (short) identifier).putShort(10, (short) tag);
    words.putInt(12, offset).putInt(16, data.length);
    return pdu(6, isLast ? 4 : 0, header, data);
  }

  // ---- commands

  int newId() {
    return nextId++ & 0x7fff;
  }

  /** An entry with an SGL descriptor. */
  static byte[] entry(int opcode, int identifier, int nsid, int sglType, int length) {
    byte[] entry = new byte[64];
    ByteBuffer words = little(entry).put(0, (byte) opcode).put(1, (byte) 0x40);
    words.putShort(2, (short) identifier).putInt(4, nsid);
    words.putInt(32, length).put(39, (byte) sglType);
    return entry;
  }

  static byte[] set(byte[] entry, int at, int value) {
    little(entry).putInt(at, value);
    return entry;
  }

  /** A Read or Write of blocks of 512 bytes; data by transport. */
  static byte[] transfer(int opcode, int identifier, long lba, int blocks) {
    byte[] entry = entry(opcode, identifier, 1, 0x5a, blocks * 512);
    set(entry, 40, (int) lba);
    return set(entry, 48, blocks - 1);
  }

  static byte[] connectEntry(int identifier, int qid, int entries, int keepAliveMillis) {
    byte[] entry = entry(0x7f, identifier, 1, 0x01, 1024);
    set(entry, 40, qid << 16);
    set(entry, 44, entries - 1);
    return set(entry, 48, keepAliveMillis);
  }

  static byte[] connectData(int controller, String subsystem, String host) {
    byte[] data = new byte[1024];
    ByteBuffer words = little(data).putLong(0, 0x1234).putShort(16, (short) controller);
    words.put(256, subsystem.getBytes(StandardCharsets.UTF_8));
    words.put(512, host.getBytes(StandardCharsets.UTF_8));
    return data;
  }

  // ---- conversations

  /** Agrees on digests. */
  RawHost agree(boolean header, boolean data) throws IOException {
    int digests = (header ? 1 : 0) | (data ? 2 : 0);
    send(initialize(0, 0, digests, 0));
    List<Received> answer = receive();
    assertThat(answer).hasSize(1);
    assertThat(answer.getFirst().type()).as("ICResp").isEqualTo(1);
    assertThat(answer.getFirst().i8(11)).isEqualTo(digests);
    hasHeaderDigests = header;
    hasDataDigests = data;
    return this;
  }

  /** Sends a command, and takes its response, the only PDU that comes. */
  Received call(byte[] entry, byte[] data) throws IOException {
    send(capsule(entry, data));
    List<Received> answer = receive();
    assertThat(answer).as("answer, log %s", target.log).hasSize(1);
    assertThat(answer.getFirst().type()).as("CapsuleResp").isEqualTo(5);
    return answer.getFirst();
  }

  Received connect(int qid, int entries, int keepAliveMillis, int controller) throws IOException {
    return call(
        connectEntry(newId(), qid, entries, keepAliveMillis),
        connectData(controller, subsystem, HOST));
  }

  /** Becomes an admin queue; the controller's identifier. */
  int connectAdmin(int keepAliveMillis) throws IOException {
    Received answer = connect(0, ADMIN_ENTRIES, keepAliveMillis, ANY);
    assertThat(answer.status()).isZero();
    return answer.i16(8);
  }

  /** Becomes an I/O queue. */
  RawHost connectIo(int qid, int entries, int controller) throws IOException {
    assertThat(connect(qid, entries, 0, controller).status()).isZero();
    return this;
  }

  Received property(int offset, int value) throws IOException {
    byte[] entry = entry(0x7f, newId(), 0, 0, 0);
    set(entry, 44, offset);
    return call(set(entry, 48, value), new byte[0]);
  }

  Received property(int offset, boolean isLong) throws IOException {
    byte[] entry = entry(0x7f, newId(), 4, 0, 0);
    set(entry, 40, isLong ? 1 : 0);
    return call(set(entry, 44, offset), new byte[0]);
  }

  /** Enables the controller. */
  RawHost enable() throws IOException {
    assertThat(property(0x14, 0x460001).status()).isZero();
    assertThat(property(0x1c, false).i32(8)).as("CSTS").isEqualTo(1);
    return this;
  }

  /** An admin queue of a controller that is enabled. */
  static RawHost admin(SteppedTarget target) throws IOException {
    RawHost host = new RawHost(target).agree(false, false);
    int _ = host.connectAdmin(0);
    return host.enable();
  }

  @Override
  public void close() throws IOException {
    channel.close();
    target.step();
  }
}
