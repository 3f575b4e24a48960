package sluice.virtual.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.virtual.tcp.RawHost.Received;

/** What a target answers, byte for byte, and when. */
class TargetConversationTest {
  private static final int ANY = 0xffff;
  private static final byte[] NONE = new byte[0];

  private final SteppedTarget target = new SteppedTarget("memory?size=16M&queues=2&mqes=64");
  private RawHost admin;
  private int controller;

  @BeforeEach
  void connect() throws IOException {
    admin = new RawHost(target).agree(false, false);
    controller = admin.connectAdmin(0);
    admin.enable();
  }

  @AfterEach
  void close() throws IOException {
    admin.close();
    target.assertIsEmpty();
    target.close();
  }

  private RawHost newHost() throws IOException {
    return new RawHost(target).agree(false, false);
  }

  @ParameterizedTest
  @CsvSource({
    // qid, entries, controller, name, host, status, dword 0
    "0, 32, 65535, z, host, 0x4182, 0x10100",
    "0, 32, 1, a, host, 0x4182, 0x10010",
    "0, 65, 65535, a, host, 0x4182, 0x2c",
    "0, 1, 65535, a, host, 0x4182, 0x2c",
    "1, 32, 65535, a, host, 0x4182, 0x10010",
    "1, 32, -1, z, host, 0x4182, 0x10100",
    "3, 32, -1, a, host, 0x4182, 0x2a",
    "1, 65, -1, a, host, 0x4182, 0x2c",
    "1, 32, -1, a, other, 0x4184, 0",
  })
  void aConnectThatCannotBeIsRefusedWithItsPlace(
      int qid, int entries, int wanted, String name, String host, String status, String result)
      throws IOException {
    try (RawHost other = newHost()) {
      int id = wanted < 0 ? controller : wanted;
      String subsystem = SteppedTarget.NQN.substring(0, SteppedTarget.NQN.length() - 1) + name;
      String from = RawHost.HOST.substring(0, RawHost.HOST.length() - 4) + host;
      Received answer =
          other.call(
              RawHost.connectEntry(7, qid, entries, 0), RawHost.connectData(id, subsystem, from));
      assertThat(answer.status()).isEqualTo(Integer.decode(status));
      assertThat(answer.i32(8)).isEqualTo(Integer.decode(result));
      // It may try again.
      assertThat(other.connect(1, 32, 0, controller).status()).isZero();
    }
  }

  @Test
  void aQueueIsConnectedOnce() throws IOException {
    try (RawHost first = newHost().connectIo(1, 32, controller);
        RawHost second = newHost()) {
      assertThat(second.connect(1, 32, 0, controller).status()).isEqualTo(0x400c);
      assertThat(first.connect(2, 32, 0, controller).status()).isEqualTo(0x400c);
    }
    try (RawHost again = newHost().connectIo(1, 32, controller)) {
      assertThat(again.call(RawHost.entry(0, 1, 1, 0, 0), NONE).status()).isZero();
    }
  }

  @Test
  void aConnectWithoutItsDataIsRefused() throws IOException {
    try (RawHost other = newHost()) {
      byte[] connect = RawHost.connectEntry(1, 0, 32, 0);
      assertThat(other.call(connect, NONE).status()).isEqualTo(0x400f);
      assertThat(other.call(connect, new byte[1020]).status()).isEqualTo(0x400f);
      byte[] byTransport = RawHost.entry(0x7f, 2, 1, 0x5a, 1024);
      assertThat(other.call(byTransport, NONE).status()).isEqualTo(0x4011);
      byte[] format = RawHost.set(RawHost.connectEntry(3, 0, 32, 0), 40, 1);
      assertThat(other.call(format, new byte[1024]).status()).isEqualTo(0x4180);
    }
  }

  @Test
  void propertiesAreReadAndSet() throws IOException {
    assertThat(admin.property(0, true).i64(8) & 0xffff).as("CAP.MQES").isEqualTo(63);
    assertThat(admin.property(0, false).status()).isEqualTo(0x4002);
    assertThat(admin.property(8, false).i32(8)).as("VS").isEqualTo(0x10400);
    assertThat(admin.property(8, true).status()).isEqualTo(0x4002);
    assertThat(admin.property(0x14, false).i32(8)).as("CC").isEqualTo(0x460001);
    assertThat(admin.property(0x28, false).status()).as("ASQ").isEqualTo(0x4002);
    assertThat(admin.property(0x1c, 1).status()).as("CSTS is read only").isEqualTo(0x4002);
  }

  @Test
  void aShutDownIsComplete() throws IOException {
    assertThat(admin.property(0x14, 0x464001).status()).isZero();
    assertThat(admin.property(0x1c, false).i32(8) >> 2 & 3).as("SHST").isEqualTo(2);
  }

  @Test
  void aResetEndsTheIoQueuesAndTheAdminQueueStays() throws IOException {
    try (RawHost io = newHost().connectIo(1, 32, controller)) {
      admin.send(admin.capsule(RawHost.entry(0x0c, 99, 0, 0, 0), NONE));
      assertThat(admin.property(0x14, 0x460000).status()).isZero();
      assertThat(io.hasEnded()).isTrue();
      assertThat(admin.property(0x1c, false).i32(8)).isZero();
      admin.enable();
    }
    try (RawHost io = newHost().connectIo(1, 32, controller)) {
      assertThat(io.call(RawHost.entry(0, 1, 1, 0, 0), NONE).status()).isZero();
    }
  }

  @Test
  void aQueueIsDisconnected() throws IOException {
    try (RawHost io = newHost().connectIo(1, 32, controller)) {
      byte[] disconnect = RawHost.entry(0x7f, 5, 8, 0, 0);
      assertThat(io.call(disconnect, NONE).status()).isZero();
      assertThat(io.hasEnded()).isTrue();
    }
    assertThat(admin.call(RawHost.entry(0x7f, 5, 8, 0, 0), NONE).status()).isEqualTo(0x4002);
  }

  @Test
  void theHeadOfTheQueueGoesRound() throws IOException {
    try (RawHost io = newHost().connectIo(1, 4, controller)) {
      for (int i = 2; i < 12; i++) {
        Received answer = io.call(RawHost.entry(0, i, 1, 0, 0), NONE);
        assertThat(answer.head()).isEqualTo(i % 4);
      }
    }
  }

  @Test
  void withoutFlowControlDataSaysThatTheCommandHasSucceeded() throws IOException {
    try (RawHost io = newHost()) {
      byte[] connect = RawHost.set(RawHost.connectEntry(1, 1, 32, 0), 44, 31 | 1 << 18);
      byte[] data = RawHost.connectData(controller, SteppedTarget.NQN, RawHost.HOST);
      assertThat(io.call(connect, data).head()).isEqualTo(0xffff);
      io.send(io.capsule(RawHost.transfer(2, 9, 0, 2), NONE));
      List<Received> answer = io.receive();
      assertThat(answer).hasSize(1);
      assertThat(answer.getFirst().type()).as("C2HData").isEqualTo(7);
      assertThat(answer.getFirst().flags() & 0xc).as("LAST and SUCCESS").isEqualTo(0xc);
      assertThat(answer.getFirst().data()).hasSize(1024);
    }
  }

  @Test
  void withFlowControlAResponseFollows() throws IOException {
    try (RawHost io = newHost().connectIo(1, 32, controller)) {
      io.send(io.capsule(RawHost.transfer(2, 9, 0, 2), NONE));
      List<Received> answer = io.receive();
      assertThat(answer).hasSize(2);
      assertThat(answer.getFirst().type()).as("C2HData").isEqualTo(7);
      assertThat(answer.getFirst().flags() & 0xc).as("LAST, not SUCCESS").isEqualTo(4);
      assertThat(answer.getFirst().i16(8)).as("CCCID").isEqualTo(9);
      assertThat(answer.getLast().identifier()).isEqualTo(9);
      assertThat(answer.getLast().status()).isZero();
    }
  }

  @Test
  void aReadThatFailsHasNoData() throws IOException {
    try (RawHost io = newHost().connectIo(1, 32, controller)) {
      assertThat(io.call(RawHost.transfer(2, 9, 1L << 20, 2), NONE).status()).isEqualTo(0x4080);
    }
    assertThat(target.bytesOut()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"0, 24", "1, 24", "7, 32", "31, 128"})
  void dataIsAlignedAsTheHostWants(int alignment, int offset) throws IOException {
    try (RawHost io = new RawHost(target)) {
      io.send(RawHost.initialize(0, alignment, 0, 0));
      assertThat(io.receive()).hasSize(1);
      RawHost _ = io.connectIo(1, 32, controller);
      io.send(io.capsule(RawHost.transfer(2, 9, 0, 1), NONE));
      Received data = io.receive().getFirst();
      assertThat(data.i8(3)).as("PDO").isEqualTo(offset);
      assertThat(data.data()).hasSize(512).containsOnly(0);
    }
  }

  @Test
  void theHalvesOfAFusedPairMayComeOneAfterTheOther() throws IOException {
    try (RawHost io = newHost().connectIo(1, 32, controller)) {
      byte[] compare = fused(5, 10, 1);
      byte[] write = fused(1, 11, 2);
      byte[] ones = new byte[512];
      Arrays.fill(ones, (byte) 1);
      io.send(io.capsule(compare, new byte[512]));
      assertThat(io.receive()).as("the second is waited for").isEmpty();
      io.send(io.capsule(write, ones));
      List<Received> answers = io.receive();
      assertThat(answers).hasSize(2).allMatch(answer -> answer.status() == 0);
      // Now the blocks are others: neither is done.
      io.send(io.capsule(compare, new byte[512]));
      io.send(io.capsule(write, new byte[512]));
      answers = io.receive();
      assertThat(answers).extracting(Received::status).containsExactly(0x4285, 9);
    }
  }

  private static byte[] fused(int opcode, int identifier, int half) {
    byte[] entry = RawHost.entry(opcode, identifier, 1, 1, 512);
    entry[1] |= (byte) half;
    return entry;
  }

  @Test
  void theFirstOfAPairWithoutASecondIsAborted() throws IOException {
    try (RawHost io = newHost().connectIo(1, 32, controller)) {
      io.send(io.capsule(fused(5, 10, 1), new byte[512]));
      io.send(io.capsule(RawHost.entry(0, 12, 1, 0, 0), NONE));
      assertThat(io.receive()).extracting(Received::identifier).containsExactly(10, 12);
    }
  }

  // ---- keep alive

  @Test
  void aHostThatIsSilentForItsTimeIsGone() throws IOException {
    RawHost host = newHost();
    int id = host.connectAdmin(1_000);
    host.enable();
    RawHost io = newHost().connectIo(1, 32, id);
    target.pass(900);
    assertThat(host.call(RawHost.entry(0x18, 1, 0, 0, 0), NONE).status()).as("kept").isZero();
    target.pass(900);
    // What comes by any of its queues keeps it alive.
    assertThat(io.call(RawHost.entry(0, 1, 1, 0, 0), NONE).status()).isZero();
    target.pass(900);
    assertThat(target.controllers()).isEqualTo(2);
    target.pass(200);
    assertThat(host.hasEnded()).isTrue();
    assertThat(io.hasEnded()).isTrue();
    assertThat(target.controllers()).isEqualTo(1);
    assertThat(target.log).last().asString().contains("nothing was heard of it for 1000 ms");
    host.close();
    io.close();
  }

  @Test
  void theTimeCanBeChanged() throws IOException {
    RawHost host = newHost();
    int _ = host.connectAdmin(1_000);
    host.enable();
    byte[] feature = RawHost.set(RawHost.entry(9, 3, 0, 0, 0), 40, 0x0f);
    assertThat(host.call(RawHost.set(feature, 44, 5_000), NONE).status()).isZero();
    target.pass(4_900);
    byte[] get = RawHost.set(RawHost.entry(0x0a, 4, 0, 0, 0), 40, 0x0f);
    assertThat(host.call(get, NONE).i32(8)).isEqualTo(5_000);
    target.pass(5_200);
    assertThat(host.hasEnded()).isTrue();
    host.close();
  }

  @Test
  void whoSaysNoTimeStays() throws IOException {
    target.pass(100_000_000);
    assertThat(admin.property(8, false).status()).isZero();
  }

  // ---- discovery

  @Test
  void theLogSaysWhereTheDriveIs() throws IOException {
    try (RawHost host = newHost()) {
      byte[] data = RawHost.connectData(ANY, "nqn.2014-08.org.nvmexpress.discovery", RawHost.HOST);
      assertThat(host.call(RawHost.connectEntry(1, 0, 32, 0), data).status()).isZero();
      host.enable();
      byte[] log = RawHost.entry(2, 2, 0, 0x5a, 4096);
      RawHost.set(log, 40, 0x70 | 1023 << 16);
      host.send(host.capsule(log, NONE));
      List<Received> answer = host.receive();
      ByteBuffer page = ByteBuffer.wrap(answer.getFirst().data()).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(page.capacity()).as("as much as was asked for").isEqualTo(4096);
      assertThat(page.getLong(8)).as("NUMREC").isEqualTo(1);
      assertThat(page.get(1024)).as("TRTYPE").isEqualTo((byte) 3);
      assertThat(page.getShort(1024 + 6)).as("CNTLID").isEqualTo((short) -1);
      byte[] beyond = RawHost.set(RawHost.entry(2, 3, 0, 0x5a, 4096), 40, 0x70 | 1023 << 16);
      assertThat(host.call(RawHost.set(beyond, 48, 4096), NONE).status()).isEqualTo(0x4002);
      byte[] io = RawHost.connectEntry(4, 1, 32, 0);
      assertThat(newHostStatus(io, data)).isEqualTo(0x4182);
    }
  }

  private int newHostStatus(byte[] entry, byte[] data) throws IOException {
    try (RawHost other = newHost()) {
      return other.call(entry, data).status();
    }
  }
}
