package sluice.nvme.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
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

  private List<Discovery.Referred> follow() {
    return Discovery.follow(ask(), "127.0.0.1:" + target.port(), Map.of("timeout", "2s"));
  }

  /** A log with a referral to a port of this host. */
  private static byte[] referring(Object... ports) {
    byte[] bytes = log(1, ports.length, ports.length);
    for (int i = 0; i < ports.length; i++) {
      int at = 1024 * (i + 1);
      bytes[at + 2] = 1;
      byte[] port = (ports[i] + "     ").getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(port, 0, bytes, at + 32, port.length);
      byte[] name = "nqn.2014-08.org.nvmexpress.discovery".getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(name, 0, bytes, at + 256, name.length);
      byte[] host = "127.0.0.1 ".getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(host, 0, bytes, at + 512, host.length);
    }
    return bytes;
  }

  @Test
  void referralsAreFollowedOnceEach() throws IOException {
    try (TestTarget second = new TestTarget();
        TestTarget third = new TestTarget()) {
      target.discovery = () -> referring(second.port(), second.port(), target.port());
      second.discovery = () -> referring(third.port(), target.port());
      third.discovery = () -> log(5, 2, 2);
      List<Discovery.Referred> found = follow();
      assertThat(found)
          .extracting(Discovery.Referred::service)
          .containsExactly("127.0.0.1:" + second.port(), "127.0.0.1:" + third.port());
      assertThat(found.get(1).log().entries()).hasSize(2);
      assertThat(second.associations.get()).isEqualTo(1);
    }
  }

  @Test
  void aReferralThatLeadsNowhereIsToldAndCostsNoOther() throws IOException {
    TestTarget gone = new TestTarget();
    gone.close();
    try (TestTarget second = new TestTarget()) {
      target.discovery = () -> referring(gone.port(), "none", second.port());
      List<Discovery.Referred> found = follow();
      assertThat(found).hasSize(3);
      assertThat(found.get(0).failure()).contains("'none' is no port");
      assertThat(found.get(1).failure()).contains("nobody listens at 127.0.0.1:" + gone.port());
      assertThat(found.get(2).log().entries()).isEmpty();
    }
  }

  @Test
  void aWebWithoutAnEndIsFollowedSoFar() {
    // Whoever is there, or nobody: each is an answer or a line.
    Object[] ports = IntStream.range(1, 200).boxed().toArray();
    target.discovery = () -> referring(ports);
    assertThat(follow()).hasSize(64);
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
