package sluice.virtual.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** More come than there is room for, and who takes the lines about them has troubles of its own. */
class TargetFloodTest {
  private static final int MOST = 8;

  private final List<String> lines = new ArrayList<>();
  private boolean isBroken;
  private final SteppedTarget target =
      new SteppedTarget(options -> options.withMostConnections(MOST), this::take, "memory?size=1M");

  private void take(String line) {
    if (isBroken) {
      throw new IllegalStateException("no room for lines");
    }
    lines.add(line);
  }

  @AfterEach
  void othersAreServed() throws IOException {
    target.step();
    try (RawHost host = RawHost.admin(target)) {
      assertThat(host.property(8, false).i32(8)).as("VS").isEqualTo(0x10400);
    }
    target.assertIsEmpty();
    target.close();
  }

  private void flood(int count) throws IOException {
    List<SocketChannel> channels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      channels.add(SocketChannel.open(target.address()));
      target.step();
    }
    assertThat(target.connections()).isEqualTo(MOST);
    for (SocketChannel channel : channels) {
      channel.close();
    }
    target.step();
  }

  /** Who comes behind a flood has to wait for all of it. */
  @Test
  void aFloodIsLetInInAFewTurns() throws IOException {
    List<SocketChannel> channels = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      channels.add(SocketChannel.open(target.address()));
    }
    int turns = 0;
    while (target.turn() > 0 || turns < 65) {
      turns++;
    }
    assertThat(turns).isLessThan(80);
    assertThat(lines).as("refused").hasSizeGreaterThanOrEqualTo(20);
    assertThat(target.connections()).isEqualTo(MOST);
    for (SocketChannel channel : channels) {
      channel.close();
    }
  }

  @Test
  void connectionsThatAreRefusedAreToldOfInAFewLines() throws IOException {
    flood(MOST + 300);
    assertThat(lines).hasSize(20).last().isEqualTo("a connection was refused: there are 8");
    target.pass(20_000);
    assertThat(lines).hasSize(21).last().isEqualTo("and 280 more lines about connections");
  }

  @Test
  void aFloodOfConnectionsDoesNotHideTheHosts() throws IOException {
    flood(MOST + 300);
    RawHost.admin(target).close();
    assertThat(lines).filteredOn(line -> line.contains("has connected")).hasSize(1);
    assertThat(lines).last().asString().contains("has left");
  }

  @Test
  void aLogThatThrowsEndsNobody() throws IOException {
    isBroken = true;
    flood(MOST + 3);
    RawHost.admin(target).close();
    isBroken = false;
    target.pass(11_000);
    assertThat(lines)
        .containsExactlyInAnyOrder(
            "and 3 more lines about connections", "and 2 more lines about hosts");
  }
}
