package sluice.virtual.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.virtual.tcp.RawHost.Received;

/**
 * Hosts that do what the protocol does not allow, or nothing: one of them ends, all else goes on.
 */
class TargetUnderAttackTest {
  private static final int INVALID_FIELD = 1;
  private static final int LIMIT = 5;
  private static final int UNSUPPORTED = 6;
  private static final int READ = 2;
  private static final int WRITE = 1;

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

  private RawHost io(RawHost admin, int entries) throws IOException {
    RawHost host = new RawHost(target).agree(false, false);
    // Identifiers are random by drive; the one that is there is told by Identify.
    return host.connectIo(1, entries, controllerOf(admin));
  }

  private static int controllerOf(RawHost admin) throws IOException {
    byte[] identify = RawHost.entry(6, admin.newId(), 0, 0x5a, 4096);
    admin.send(admin.capsule(RawHost.set(identify, 40, 1), none()));
    List<Received> answer = admin.receive();
    byte[] page = answer.getFirst().data();
    return (page[78] & 0xff) | (page[79] & 0xff) << 8;
  }

  private void assertTerminated(RawHost host, int error, String told) throws IOException {
    List<Received> answer = host.receive();
    assertThat(answer).as("log %s", target.log).isNotEmpty();
    assertThat(answer.getLast().type()).as("C2HTermReq").isEqualTo(3);
    assertThat(answer.getLast().i16(8)).as("FES").isEqualTo(error);
    assertThat(host.hasEnded()).as("ended").isTrue();
    assertThat(target.log).last().asString().contains(told);
    host.close();
  }

  // ---- before it is a queue

  @Test
  void whoSaysNothingIsEnded() throws IOException {
    try (RawHost host = new RawHost(target)) {
      target.step();
      target.pass(9_900);
      assertThat(target.connections()).isEqualTo(1);
      target.pass(300);
      assertThat(host.hasEnded()).isTrue();
      assertThat(target.log).last().asString().contains("has not said in time what it wants");
    }
  }

  @Test
  void whoDoesNotConnectIsEnded() throws IOException {
    try (RawHost host = new RawHost(target).agree(false, false)) {
      target.pass(10_200);
      assertThat(host.hasEnded()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 0, talks NVMe over TCP of format 1", "0, 32, wants data aligned to 33 dwords"})
  void aFormatThatIsNotKnownIsRefused(int format, int alignment, String told) throws IOException {
    RawHost host = new RawHost(target);
    host.send(RawHost.initialize(format, alignment, 0, 0));
    assertTerminated(host, UNSUPPORTED, told);
  }

  @Test
  void aCommandBeforeTheFormatIsRefused() throws IOException {
    RawHost host = new RawHost(target);
    host.send(host.capsule(RawHost.transfer(READ, 1, 0, 1), none()));
    assertTerminated(host, INVALID_FIELD, "sent a CapsuleCmd where it cannot be");
  }

  @Test
  void theFormatIsSaidOnce() throws IOException {
    RawHost host = new RawHost(target).agree(false, false);
    host.send(RawHost.initialize(0, 0, 0, 0));
    assertTerminated(host, INVALID_FIELD, "sent a ICReq where it cannot be");
  }

  @Test
  void aCommandBeforeConnectIsASequenceError() throws IOException {
    try (RawHost host = new RawHost(target).agree(true, true)) {
      Received answer = host.call(RawHost.transfer(READ, 7, 0, 1), none());
      assertThat(answer.identifier()).isEqualTo(7);
      assertThat(answer.status()).isEqualTo(0x400c);
    }
  }

  // ---- as a queue

  @Test
  void aCommandBeforeTheControllerIsEnabledIsASequenceError() throws IOException {
    try (RawHost host = new RawHost(target).agree(false, false)) {
      int _ = host.connectAdmin(0);
      byte[] identify = RawHost.set(RawHost.entry(6, 9, 0, 0x5a, 4096), 40, 1);
      assertThat(host.call(identify, none()).status()).isEqualTo(0x400c);
    }
  }

  @Test
  void anIdentifierThatIsOutIsAConflict() throws IOException {
    try (RawHost host = RawHost.admin(target)) {
      byte[] event = RawHost.entry(0x0c, 77, 0, 0, 0);
      host.send(host.capsule(event, none()));
      assertThat(host.receive()).isEmpty();
      Received answer = host.call(event, none());
      assertThat(answer.identifier()).isEqualTo(77);
      assertThat(answer.status()).isEqualTo(0x4003);
      assertThat(host.property(8, false).status()).isZero();
    }
  }

  @Test
  void moreCommandsThanThereIsRoomForEndIt() throws IOException {
    RawHost admin = RawHost.admin(target);
    RawHost host = io(admin, 4);
    for (int i = 0; i < 50; i++) {
      // Its data is never sent, so that none of them ends.
      host.send(host.capsule(RawHost.transfer(WRITE, i, i, 1), none()));
    }
    List<Received> answer = host.receive();
    assertThat(answer).allMatch(pdu -> pdu.type() == 9 || pdu.type() == 3);
    assertThat(host.hasEnded()).isTrue();
    assertThat(admin.property(8, false).status()).isZero();
    host.close();
    admin.close();
  }

  @Test
  void moreDataThanACapsuleTakesIsRefused() throws IOException {
    RawHost admin = RawHost.admin(target);
    admin.send(admin.capsule(RawHost.entry(9, 1, 0, 1, 8193), new byte[8193]));
    assertTerminated(admin, LIMIT, "8193 bytes in a capsule");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 512, true, 3, 2, no command that was asked for it",
    "5, 0, 512, true, 0, 2, no command that was asked for it",
    "0, 512, 512, true, 0, 4, bytes at 512 of a command's data",
    "0, 0, 9000, true, 0, 4, sent 9000 bytes",
    "0, 0, 512, true, 0, 1, is the last",
    "0, 0, 8192, false, 0, 1, is the last"
  })
  void dataThatWasNotAskedForEndsIt(
      int identifierOff, int offset, int bytes, boolean isLast, int tagOff, int error, String told)
      throws IOException {
    RawHost admin = RawHost.admin(target);
    RawHost host = io(admin, 16);
    host.send(host.capsule(RawHost.transfer(WRITE, 40, 8, 16), none()));
    Received ready = host.receive().getFirst();
    assertThat(ready.type()).as("R2T").isEqualTo(9);
    assertThat(ready.i32(12)).as("R2TO").isZero();
    assertThat(ready.i32(16)).as("R2TL").isEqualTo(8192);
    int tag = ready.i16(10) + tagOff;
    host.send(host.data(40 + identifierOff, tag, offset, new byte[bytes], isLast));
    assertTerminated(host, error, told);
    admin.close();
  }

  @Test
  void dataComesInPiecesAndIsThere() throws IOException {
    RawHost admin = RawHost.admin(target);
    RawHost host = io(admin, 16);
    host.send(host.capsule(RawHost.transfer(WRITE, 40, 8, 16), none()));
    int tag = host.receive().getFirst().i16(10);
    byte[] data = new byte[8192];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i * 7);
    }
    for (int at = 0; at < data.length; at += 1000) {
      int to = Math.min(data.length, at + 1000);
      host.send(host.data(40, tag, at, Arrays.copyOfRange(data, at, to), to == data.length));
      target.step();
    }
    Received answer = host.receive().getFirst();
    assertThat(answer.type()).isEqualTo(5);
    assertThat(answer.status()).isZero();
    host.send(host.capsule(RawHost.transfer(READ, 41, 8, 16), none()));
    assertThat(host.receive().getFirst().data()).isEqualTo(data);
    host.close();
    admin.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 13, 71, 72, 100})
  void aHostThatGoesInTheMiddleLeavesNothing(int bytes) throws IOException {
    RawHost admin = RawHost.admin(target);
    RawHost host = io(admin, 16);
    host.send(host.capsule(RawHost.transfer(WRITE, 40, 8, 16), none()));
    int tag = host.receive().getFirst().i16(10);
    host.send(Arrays.copyOf(host.data(40, tag, 0, new byte[8192], true), bytes));
    target.step();
    host.close();
    assertThat(admin.property(8, false).status()).isZero();
    admin.close();
  }

  @Test
  void aHostThatTakesNothingHoldsUpNobodyAndIsEnded() throws IOException {
    RawHost admin = RawHost.admin(target);
    RawHost host = io(admin, 128);
    for (int i = 0; i < 100; i++) {
      host.send(host.capsule(RawHost.transfer(READ, i, 0, 2048), none()));
    }
    target.step();
    assertThat(target.bytesOut()).as("kept for it").isLessThan(8 << 20);
    assertThat(admin.property(8, false).status()).isZero();
    target.pass(29_000);
    assertThat(target.connections()).isEqualTo(2);
    target.pass(2_000);
    assertThat(target.connections()).isEqualTo(1);
    assertThat(target.bytesOut()).isZero();
    host.close();
    admin.close();
  }

  @Test
  void aDigestThatIsWrongFailsTheCommandOrEndsTheConnection() throws IOException {
    RawHost admin = RawHost.admin(target);
    RawHost host = new RawHost(target).agree(true, true);
    RawHost io = host.connectIo(1, 16, controllerOf(admin));
    byte[] capsule = io.capsule(RawHost.set(inCapsule(50), 40, 3), new byte[512]);
    capsule[capsule.length - 1] ^= 1;
    io.send(capsule);
    Received answer = io.receive().getFirst();
    assertThat(answer.identifier()).isEqualTo(50);
    assertThat(answer.status()).as("Transient Transport Error").isEqualTo(0x22);
    capsule = io.capsule(RawHost.set(inCapsule(51), 40, 3), new byte[512]);
    capsule[10] ^= 1;
    io.send(capsule);
    assertTerminated(io, 3, "header digest is wrong");
    admin.close();
  }

  private static byte[] inCapsule(int identifier) {
    return RawHost.entry(WRITE, identifier, 1, 1, 512);
  }

  @Test
  void anSglThatSaysOtherThanTheCapsuleHasIsRefused() throws IOException {
    RawHost admin = RawHost.admin(target);
    RawHost host = io(admin, 16);
    byte[] less = RawHost.set(inCapsule(1), 40, 3);
    assertThat(host.call(less, new byte[100]).status()).isEqualTo(0x400f);
    byte[] byTransport = RawHost.entry(WRITE, 2, 1, 0x5a, 512);
    host.send(host.capsule(byTransport, new byte[100]));
    assertThat(host.receive().getFirst().type()).as("R2T").isEqualTo(9);
    byte[] keyed = RawHost.entry(WRITE, 3, 1, 0x40, 512);
    assertThat(host.call(keyed, none()).status()).isEqualTo(0x4011);
    byte[] readInCapsule = RawHost.entry(READ, 4, 1, 1, 512);
    assertThat(host.call(readInCapsule, none()).status()).isEqualTo(0x4011);
    byte[] readTooShort = RawHost.entry(READ, 5, 1, 0x5a, 511);
    assertThat(host.call(readTooShort, none()).status()).isEqualTo(0x400f);
    byte[] writeTooShort = RawHost.entry(WRITE, 8, 1, 0x5a, 511);
    assertThat(host.call(writeTooShort, none()).status()).isEqualTo(0x400f);
    byte[] readHuge = RawHost.entry(READ, 6, 1, 0x5a, -1);
    assertThat(host.call(readHuge, none()).status()).isEqualTo(0x400f);
    byte[] prps = RawHost.transfer(READ, 7, 0, 1);
    prps[1] = 0;
    assertThat(host.call(prps, none()).status()).isEqualTo(0x4002);
    host.close();
    admin.close();
  }

  @Test
  void theEndOfTheAdminQueueEndsAll() throws IOException {
    RawHost admin = RawHost.admin(target);
    RawHost host = io(admin, 16);
    admin.close();
    assertThat(host.hasEnded()).isTrue();
    assertThat(target.controllers()).isZero();
    host.close();
  }

  @Test
  void aHostThatEndsInOrderSaysWhy() throws IOException {
    RawHost admin = RawHost.admin(target);
    byte[] pdu = admin.pdu(2, 0, new byte[24], new byte[8]);
    pdu[3] = 0;
    pdu[8] = 4;
    admin.send(pdu);
    assertThat(admin.hasEnded()).isTrue();
    assertThat(target.log).last().asString().contains("it has ended the connection: ");
    admin.close();
  }
}
