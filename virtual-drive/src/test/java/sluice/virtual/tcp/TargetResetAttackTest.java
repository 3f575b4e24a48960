package sluice.virtual.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.virtual.tcp.RawHost.Received;

/** Hosts that reset their controllers, connect or leave while something is on its way. */
class TargetResetAttackTest {
  private static final String DISCOVERY = "nqn.2014-08.org.nvmexpress.discovery";
  private static final int HOST_BEHAVIOR = 0x16;
  private static final int ENABLED = 0x460001;
  private static final int DISABLED = 0x460000;

  private final SteppedTarget target = new SteppedTarget("memory?size=16M&mdts=8");

  @AfterEach
  void othersAreServedAndNothingIsLeft() throws IOException {
    target.pass(60_000);
    try (RawHost host = RawHost.admin(target)) {
      assertThat(host.property(8, false).i32(8)).as("VS").isEqualTo(0x10400);
    }
    target.assertIsEmpty();
    target.close();
  }

  private static byte[] none() {
    return new byte[0];
  }

  private static byte[] control(RawHost host, int value) {
    byte[] entry = RawHost.entry(0x7f, host.newId(), 0, 0, 0);
    RawHost.set(entry, 44, 0x14);
    return host.capsule(RawHost.set(entry, 48, value), none());
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  @Test
  void aDiscoveryControllerIsDisabledAndEnabledAgain() throws IOException {
    try (RawHost host = new RawHost(target).agree(false, false)) {
      byte[] connect = RawHost.connectEntry(host.newId(), 0, 16, 0);
      byte[] data = RawHost.connectData(0xffff, DISCOVERY, RawHost.HOST);
      assertThat(host.call(connect, data).status()).isZero();
      assertThat(host.enable().property(0x1c, false).i32(8)).isEqualTo(1);
      host.send(host.capsule(RawHost.entry(0x0c, 700, 0, 0, 0), none()));
      assertThat(host.receive()).as("an event is waited for").isEmpty();
      Received answer = host.property(0x14, DISABLED);
      assertThat(answer.status()).isZero();
      assertThat(answer.identifier()).as("identifier").isEqualTo(5);
      assertThat(host.property(0x1c, false).i32(8)).isZero();
      assertThat(host.enable().property(8, false).status()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {73, 100, 4000})
  void aCapsuleThatIsHalfHereDuringAResetHarmsNobody(int bytes) throws IOException {
    RawHost admin = RawHost.admin(target);
    byte[] identify = RawHost.entry(0x18, 900, 0, 1, 8000);
    byte[] data = new byte[8000];
    Arrays.fill(data, (byte) 0x55);
    byte[] capsule = admin.capsule(identify, data);
    admin.send(join(control(admin, DISABLED), Arrays.copyOf(capsule, bytes)));
    assertThat(admin.receive()).as("the reset").hasSize(1);
    assertThat(target.bytesOut()).as("the memory that is being written is kept").isPositive();
    admin.send(Arrays.copyOfRange(capsule, bytes, capsule.length));
    List<Received> answers = admin.receive();
    assertThat(answers).as("of a command before the controller is enabled").hasSize(1);
    assertThat(answers.getFirst().identifier()).isEqualTo(900);
    assertThat(answers.getFirst().status()).isEqualTo(0x400c);
    assertThat(admin.enable().property(8, false).status()).isZero();
    admin.close();
  }

  @Test
  void dataThatIsHalfHereDuringAResetGoesNowhere() throws IOException {
    RawHost admin = RawHost.admin(target);
    byte[] set = RawHost.set(RawHost.entry(9, 901, 0, 0x5a, 512), 40, HOST_BEHAVIOR);
    admin.send(admin.capsule(set, none()));
    List<Received> answers = admin.receive();
    assertThat(answers).hasSize(1);
    assertThat(answers.getFirst().type()).as("R2T").isEqualTo(9);
    byte[] data = admin.data(901, answers.getFirst().i16(10), 0, new byte[512], true);
    admin.send(join(control(admin, DISABLED), Arrays.copyOf(data, 100)));
    assertThat(admin.receive()).as("the reset").hasSize(1);
    admin.send(Arrays.copyOfRange(data, 100, data.length));
    assertThat(admin.receive()).as("nobody waits for an answer").isEmpty();
    assertThat(admin.enable().property(8, false).status()).isZero();
    admin.send(admin.capsule(set, none()));
    answers = admin.receive();
    admin.send(admin.data(901, answers.getFirst().i16(10), 0, new byte[512], true));
    assertThat(admin.receive()).hasSize(1);
    admin.close();
  }

  @Test
  void refusalsBeforeConnectAreToldThoughConnectComesAtOnce() throws IOException {
    RawHost host = new RawHost(target).agree(false, false);
    byte[] connect =
        host.capsule(
            RawHost.connectEntry(3, 0, 32, 0),
            RawHost.connectData(0xffff, SteppedTarget.NQN, RawHost.HOST));
    host.send(
        join(
            host.capsule(RawHost.transfer(2, 1, 0, 1), none()),
            host.capsule(RawHost.transfer(2, 2, 0, 1), none()),
            connect));
    assertThat(host.receive()).extracting(Received::identifier).containsExactly(1, 2, 3);
    host.close();
  }

  @Test
  void dataWithoutAPlaceIsAWrongHeader() throws IOException {
    RawHost admin = RawHost.admin(target);
    byte[] pdu = admin.data(1, 0, 0, new byte[8], true);
    pdu[3] = 0;
    admin.send(pdu);
    List<Received> answers = admin.receive();
    assertThat(answers).as("log %s", target.log).isNotEmpty();
    assertThat(answers.getLast().type()).as("C2HTermReq").isEqualTo(3);
    admin.close();
  }

  @Test
  void whatFollowsADisconnectIsNotRead() throws IOException {
    RawHost host = new RawHost(target).agree(false, false);
    int controller = host.connectAdmin(0);
    RawHost _ = host.enable();
    RawHost io = new RawHost(target).agree(false, false).connectIo(1, 16, controller);
    byte[] disconnect = RawHost.entry(0x7f, 5, 8, 0, 0);
    byte[] write = RawHost.transfer(1, 6, 0, 16);
    byte[] inCapsule = RawHost.transfer(1, 7, 0, 16);
    inCapsule[39] = 1;
    byte[] many = io.capsule(inCapsule, new byte[8192]);
    io.send(
        join(
            io.capsule(write, none()),
            io.capsule(disconnect, none()),
            many,
            many,
            many,
            io.data(6, 0, 0, new byte[8192], true)));
    List<Received> answers = io.receive();
    assertThat(answers).extracting(Received::identifier).contains(5);
    assertThat(io.hasEnded()).isTrue();
    assertThat(host.property(8, false).status()).isZero();
    io.close();
    host.close();
  }

  @Test
  void resetsInARowWithQueuesAndCommandsOut() throws IOException {
    RawHost host = new RawHost(target).agree(false, false);
    int controller = host.connectAdmin(0);
    RawHost _ = host.enable();
    for (int i = 0; i < 20; i++) {
      RawHost io = new RawHost(target).agree(false, true).connectIo(1, 16, controller);
      for (int j = 0; j < 10; j++) {
        io.send(io.capsule(RawHost.transfer(1, j, j, 16), none()));
      }
      List<Received> asked = io.receive();
      assertThat(asked).hasSize(10);
      byte[] data = io.data(0, asked.getFirst().i16(10), 0, new byte[8192], true);
      io.send(Arrays.copyOf(data, 500 * i));
      host.send(join(control(host, DISABLED), control(host, ENABLED)));
      assertThat(host.receive()).hasSize(2);
      assertThat(io.hasEnded()).isTrue();
      io.close();
      assertThat(host.property(0x1c, false).i32(8)).as("CSTS").isEqualTo(1);
    }
    host.close();
  }
}
