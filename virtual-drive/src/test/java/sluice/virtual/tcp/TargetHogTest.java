package sluice.virtual.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.virtual.tcp.RawHost.Received;

/**
 * Hosts that take as much as they get and give nothing back: the others are served all the same.
 */
class TargetHogTest {
  private static final int READ = 2;
  private static final int WRITE = 1;

  private final SteppedTarget target = new SteppedTarget("memory?size=16M&mdts=8");
  private final List<RawHost> hogs = new ArrayList<>();

  @AfterEach
  void nothingIsLeft() throws IOException {
    for (RawHost host : hogs.reversed()) {
      host.close();
    }
    target.step();
    target.assertIsEmpty();
    target.close();
  }

  private RawHost hog() throws IOException {
    RawHost host = new RawHost(target).agree(false, false);
    hogs.add(host);
    return host;
  }

  private int hogAdmin() throws IOException {
    RawHost admin = hog();
    int controller = admin.connectAdmin(0);
    RawHost _ = admin.enable();
    return controller;
  }

  private void assertOthersAreServed() throws IOException {
    RawHost admin = new RawHost(target).agree(false, false);
    int controller = admin.connectAdmin(0);
    RawHost _ = admin.enable();
    RawHost io = new RawHost(target).agree(false, false).connectIo(1, 16, controller);
    io.send(io.capsule(RawHost.transfer(READ, 1, 8, 16), new byte[0]));
    assertThat(io.receive()).as("a read").extracting(Received::type).containsExactly(7, 5);
    io.send(io.capsule(RawHost.transfer(WRITE, 2, 8, 16), new byte[0]));
    List<Received> asked = io.receive();
    assertThat(asked).as("a write").extracting(Received::type).containsExactly(9);
    io.send(io.data(2, asked.getFirst().i16(10), 0, new byte[8192], true));
    assertThat(io.receive()).extracting(Received::status).containsExactly(0);
    io.close();
    admin.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 20})
  void writesWhoseDataNeverComesHoldUpNobody(int hosts) throws IOException {
    for (int i = 0; i < hosts; i++) {
      int controller = hogAdmin();
      RawHost io = hog().connectIo(1, 1024, controller);
      for (int j = 0; j < 200; j++) {
        io.send(io.capsule(RawHost.transfer(WRITE, j, 0, 2048), new byte[0]));
      }
      target.step();
    }
    assertOthersAreServed();
  }

  @Test
  void manySmallWritesWhoseDataNeverComesHoldUpNobody() throws IOException {
    int controller = hogAdmin();
    for (int queue = 1; queue <= 10; queue++) {
      RawHost io = hog().connectIo(queue, 1024, controller);
      for (int j = 0; j < 1000; j++) {
        io.send(io.capsule(RawHost.transfer(WRITE, j, 0, 1), new byte[0]));
      }
      target.step();
    }
    assertOthersAreServed();
  }

  @Test
  void whoDoesNotGiveWhatItWasAskedForIsEnded() throws IOException {
    int controller = hogAdmin();
    RawHost io = hog().connectIo(1, 1024, controller);
    io.send(io.capsule(RawHost.transfer(WRITE, 1, 0, 2048), new byte[0]));
    List<Received> asked = io.receive();
    target.pass(29_000);
    io.send(io.data(1, asked.getFirst().i16(10), 0, new byte[512], false));
    target.pass(29_000);
    assertThat(target.connections()).isEqualTo(2);
    target.pass(2_000);
    assertThat(target.connections()).isEqualTo(1);
    assertThat(target.log).last().asString().contains("half a minute");
  }

  @Test
  void capsulesThatWaitTakeABoundedShareOfMemory() throws IOException {
    int controller = hogAdmin();
    for (int queue = 1; queue <= 13; queue++) {
      RawHost io = hog().connectIo(queue, 1024, controller);
      // Nothing of the queue is begun while this waits to be taken.
      for (int j = 0; j < 20; j++) {
        io.send(io.capsule(RawHost.transfer(READ, j, 0, 2048), new byte[0]));
      }
      target.step();
      for (int j = 100; j < 1100; j++) {
        byte[] entry = RawHost.transfer(WRITE, j, 0, 16);
        entry[39] = 1;
        io.send(io.capsule(entry, new byte[8192]));
      }
      target.step();
    }
    assertThat(target.bytesOut()).isBetween(64L << 20, 100L << 20);
    assertOthersAreServed();
  }
}
