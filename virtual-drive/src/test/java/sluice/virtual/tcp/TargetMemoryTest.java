package sluice.virtual.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.virtual.tcp.RawHost.Received;

/** Queues take memory whether they are used or not: it is bounded, and nobody has all of it. */
class TargetMemoryTest {
  private static final int BUSY = 0x181;
  private static final long MOST = 16 << 20;

  private final SteppedTarget target =
      new SteppedTarget(options -> options.withQueueBytes(MOST), "memory?size=1M");

  private final List<RawHost> hosts = new ArrayList<>();

  @AfterEach
  void nothingIsLeft() throws IOException {
    for (RawHost host : hosts.reversed()) {
      host.close();
    }
    target.step();
    assertThat(target.queueBytes()).isZero();
    target.assertIsEmpty();
    target.close();
  }

  private RawHost host() throws IOException {
    hosts.add(new RawHost(target).agree(false, false));
    return hosts.getLast();
  }

  /** Connects queues as long as they are taken; returns how many were. */
  private int connectAll(int controller, int entries) throws IOException {
    for (int queue = 1; queue <= 64; queue++) {
      Received answer = host().connect(queue, entries, 0, controller);
      if (answer.status() != 0) {
        assertThat(answer.status()).isEqualTo(BUSY);
        return queue - 1;
      }
      assertThat(target.queueBytes()).isLessThanOrEqualTo(MOST);
    }
    return 64;
  }

  private int connectHost() throws IOException {
    RawHost admin = host();
    int controller = admin.connectAdmin(0);
    RawHost _ = admin.enable();
    return controller;
  }

  @Test
  void queuesBeyondTheMemoryAreRefusedAndTold() throws IOException {
    int queues = connectAll(connectHost(), 1024);
    assertThat(queues).isBetween(2, 30);
    assertThat(target.log).last().asString().contains("was refused: queues have ");
    // The host may have shorter ones, and what it gives up it can have again.
    hosts.removeLast().close();
    hosts.removeLast().close();
    target.step();
    assertThat(connectAll(connectHost(), 16)).isEqualTo(64);
  }

  @Test
  void aHostThatTakesAllItCanLeavesSomeForOthers() throws IOException {
    for (int i = 0; i < 8; i++) {
      int _ = connectAll(connectHost(), 1024);
    }
    for (int i = 0; i < 8; i++) {
      int controller = connectHost();
      assertThat(host().connect(1, 128, 0, controller).status()).isZero();
    }
  }
}
