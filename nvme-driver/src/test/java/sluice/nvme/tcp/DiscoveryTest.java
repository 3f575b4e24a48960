package sluice.nvme.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluice.nvme.NvmeException;
import sluice.nvme.spec.DiscoveryEntry;

class DiscoveryTest {
  private TestTarget target;

  @BeforeEach
  void listen() throws IOException {
    target = new TestTarget();
  }

  @AfterEach
  void close() throws IOException {
    target.close();
  }

  private Discovery.Log ask() {
    return Discovery.ask("127.0.0.1:" + target.port(), Map.of("timeout", "2s"));
  }

  private static byte[] log(long generation, long records, int entries) {
    byte[] bytes = new byte[1024 * (entries + 1)];
    ByteBuffer log = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    log.putLong(0, generation).putLong(8, records);
    for (int i = 0; i < entries; i++) {
      int at = 1024 * (i + 1);
      log.put(at, (byte) 3).put(at + 1, (byte) 1).put(at + 2, (byte) 2).put(at + 3, (byte) 4);
      log.putShort(at + 4, (short) i);
      log.put(at + 32, "4420".getBytes(StandardCharsets.US_ASCII));
      log.put(at + 256, ("nqn.x:" + i).getBytes(StandardCharsets.US_ASCII));
      log.put(at + 512, "10.0.0.1".getBytes(StandardCharsets.US_ASCII));
    }
    return bytes;
  }

  @Test
  void allEntriesAreRead() {
    target.discovery = () -> log(7, 9, 9);
    Discovery.Log log = ask();
    assertThat(log.generation()).isEqualTo(7);
    assertThat(log.entries()).hasSize(9);
    DiscoveryEntry last = log.entries().get(8);
    assertThat(last.subsystem()).isEqualTo("nqn.x:8");
    assertThat(last.portId()).isEqualTo(8);
    assertThat(last.service()).isEqualTo("4420");
    assertThat(last.address()).isEqualTo("10.0.0.1");
    assertThat(DiscoveryEntry.transportName(last.transport())).isEqualTo("tcp");
    assertThat(DiscoveryEntry.requirementsName(last.requirements()))
        .isEqualTo("not specified, sq flow control disable supported");
  }

  @Test
  void noneIsNoError() {
    assertThat(ask().entries()).isEmpty();
  }

  @Test
  void aLogThatChangedMeanwhileIsReadAgain() {
    AtomicInteger asked = new AtomicInteger();
    target.discovery = () -> asked.incrementAndGet() < 3 ? log(1, 1, 1) : log(2, 2, 2);
    Discovery.Log log = ask();
    assertThat(log.generation()).isEqualTo(2);
    assertThat(log.entries()).hasSize(2);
  }

  @Test
  void aLogThatNeverStaysIsGivenUp() {
    AtomicInteger asked = new AtomicInteger();
    target.discovery = () -> log(asked.incrementAndGet(), 1, 1);
    assertThatThrownBy(this::ask)
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining("faster than it can be read");
  }

  @Test
  void moreThanThereCanBeIsNotBelieved() {
    target.discovery = () -> log(1, -1, 1);
    assertThatThrownBy(this::ask)
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining("18446744073709551615 subsystems, which cannot be");
  }
}
