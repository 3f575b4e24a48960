package sluice.virtual.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.virtual.tcp.RawHost.Received;

/** Hosts that send as much as SQHD lets them, and no less. */
class TargetFlowControlTest {
  private static final int WRITE = 1;
  private static final int COMMANDS = 600;
  private static final int EVENT_REQUEST = 0x0c;

  private final SteppedTarget target = new SteppedTarget("memory?size=16M&mdts=8");

  @AfterEach
  void nothingIsLeft() {
    target.step();
    target.assertIsEmpty();
    target.close();
  }

  /** A host's end of a submission queue: what it knows of how far its commands have been taken. */
  private static final class Ring {
    private final int entries;
    private int head;
    private int tail = 1;

    Ring(int entries) {
      this.entries = entries;
    }

    boolean isFull() {
      return (tail + 1) % entries == head;
    }

    void sent() {
      tail = (tail + 1) % entries;
    }

    /** An answer says so. */
    void take(int sqhd) {
      assertThat(sqhd).as("SQHD").isBetween(0, entries - 1);
      int known = Math.floorMod(tail - head, entries);
      assertThat(Math.floorMod(sqhd - head, entries)).as("taken").isLessThanOrEqualTo(known);
      head = sqhd;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 7, 32, 100})
  void aHostThatGoesByTheHeadIsNeverEnded(int entries) throws IOException {
    RawHost admin = new RawHost(target).agree(false, false);
    int controller = admin.connectAdmin(0);
    RawHost _ = admin.enable();
    RawHost host = new RawHost(target).agree(false, false);
    Received connected = host.connect(1, entries, 0, controller);
    assertThat(connected.status()).isZero();
    Ring ring = new Ring(entries);
    ring.take(connected.head());
    Deque<Received> asked = new ArrayDeque<>();
    int sent = 0;
    int done = 0;
    while (done < COMMANDS) {
      while (sent < COMMANDS && !ring.isFull()) {
        host.send(host.capsule(RawHost.transfer(WRITE, 1000 + sent, 8, 1), new byte[0]));
        ring.sent();
        sent++;
      }
      // The last one that was asked for first: what is left behind fills the target.
      Received ready = asked.pollLast();
      if (ready != null) {
        byte[] data = new byte[512];
        host.send(host.data(ready.i16(8), ready.i16(10), 0, data, true));
      }
      int heard = 0;
      for (Received pdu : host.receive()) {
        heard++;
        if (pdu.type() == 9) {
          asked.add(pdu);
        } else {
          assertThat(pdu.type()).as("log %s", target.log).isEqualTo(5);
          assertThat(pdu.status()).isZero();
          ring.take(pdu.head());
          done++;
        }
      }
      assertThat(heard).as("after %d commands, of which %d are done", sent, done).isPositive();
    }
    host.close();
    admin.close();
  }

  @Test
  void eventsThatAreWaitedForLeaveRoomInTheSmallestQueue() throws IOException {
    RawHost admin = new RawHost(target).agree(false, false);
    Received connected = admin.connect(0, 2, 0, 0xffff);
    Ring ring = new Ring(2);
    ring.take(connected.head());
    RawHost _ = admin.enable();
    for (int i = 0; i < 20; i++) {
      // Those beyond the limit are answered.
      admin.send(admin.capsule(RawHost.entry(EVENT_REQUEST, 700 + i, 0, 0, 0), new byte[0]));
      target.step();
      assertThat(admin.drain()).extracting(Received::type).allMatch(type -> type == 5);
    }
    Received first = admin.property(8, false);
    Received second = admin.property(8, false);
    assertThat(Math.floorMod(second.head() - first.head(), 2)).as("taken").isEqualTo(1);
    admin.close();
  }
}
