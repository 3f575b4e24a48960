package sluice.nvme.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.ControllerOptions;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/**
 * A target that does what it must not: whatever it is, it ends in a reset that says why, the
 * request is reported, and no byte beside the request's memory has changed.
 */
class HostileTargetTest extends TcpHostTest {
  private static final int RESPONSE = 0x05;
  private static final int DATA = 0x07;
  private static final int READY = 0x09;
  private static final int GUARD = 64 << 10;
  private static final int BYTES = 16 << 10;
  private static final int COMMON = 8;

  @BeforeEach
  void spoil() {
    isHostile = true;
    target.inCapsule = 0;
    target.saysSuccess = false;
    Arrays.fill(target.disk, (byte) 0x5a);
  }

  @Override
  ControllerOptions options() {
    return super.options()
        .withIoTimeout(Duration.ofMillis(400))
        .withAdminTimeout(Duration.ofSeconds(5));
  }

  /** Spoils the first PDU of a type that follows. */
  private void spoilNext(int type, UnaryOperator<byte[]> how) {
    AtomicInteger left = new AtomicInteger(1);
    target.spoil =
        pdu -> pdu[0] == type && left.getAndDecrement() > 0 ? how.apply(pdu.clone()) : pdu;
  }

  private static UnaryOperator<byte[]> with(Consumer<ByteBuffer> change) {
    return pdu -> {
      change.accept(ByteBuffer.wrap(pdu).order(ByteOrder.LITTLE_ENDIAN));
      return pdu;
    };
  }

  private static Arguments data(String what, Consumer<ByteBuffer> change, String notice) {
    return Arguments.of("C2HData " + what, DATA, false, with(change), notice);
  }

  private static Arguments ready(String what, Consumer<ByteBuffer> change, String notice) {
    return Arguments.of("R2T " + what, READY, true, with(change), notice);
  }

  private static Arguments response(
      String what, boolean writes, Consumer<ByteBuffer> change, String notice) {
    return Arguments.of("CapsuleResp " + what, RESPONSE, writes, with(change), notice);
  }

  /** A response to the command of an R2T or of data, in place of it. */
  private static byte[] answer(byte[] pdu) {
    byte[] answer = new byte[24];
    answer[0] = RESPONSE;
    answer[2] = 24;
    answer[4] = 24;
    answer[20] = pdu[8];
    answer[21] = pdu[9];
    return answer;
  }

  static Stream<Arguments> wrongs() {
    return Stream.of(
        data("longer than it says", pdu -> pdu.putInt(4, pdu.getInt(4) + 1), "with 16384 bytes of"),
        data("shorter than it says", pdu -> pdu.putInt(4, 28), "bytes of data"),
        data(
            "of 4 GiB",
            pdu -> pdu.putInt(4, -1).putInt(16, -25),
            "sent a C2HData of 4294967295 bytes"),
        data("without data", pdu -> pdu.putInt(4, 24).putInt(16, 0), "sent a C2HData of 24 bytes"),
        data("with another header", pdu -> pdu.put(2, (byte) 28), "with a header of 28 bytes"),
        data("with data in its header", pdu -> pdu.put(3, (byte) 20), "data begins at 20"),
        data("with odd data", pdu -> pdu.put(3, (byte) 25).putInt(16, 16383), "begins at 25"),
        data("of no command", pdu -> pdu.putShort(8, (short) 0x7fe0), "of no command that reads"),
        data("of a call", pdu -> pdu.putShort(8, (short) 7), "of no command that reads"),
        data("before its place", pdu -> pdu.putInt(12, -512), "where 16384 bytes at 0 were due"),
        data("behind its place", pdu -> pdu.putInt(12, 512), "where 16384 bytes at 0 were due"),
        data("with a digest", pdu -> pdu.put(1, (byte) 2), "digests as they were not agreed on"),
        data("of another kind", pdu -> pdu.put(0, (byte) 0x42), "sent a PDU of type 0x42"),
        data("as ICResp", pdu -> pdu.put(0, (byte) 1), "sent a ICResp"),
        data("success in the middle", pdu -> pdu.put(1, (byte) 8), "in the middle"),
        Arguments.of(
            "C2HData beyond its memory",
            DATA,
            false,
            (UnaryOperator<byte[]>)
                pdu -> {
                  byte[] more = Arrays.copyOf(pdu, pdu.length + 4);
                  ByteBuffer.wrap(more)
                      .order(ByteOrder.LITTLE_ENDIAN)
                      .putInt(4, more.length)
                      .putInt(16, BYTES + 4);
                  return more;
                },
            "sent 16388 bytes at 0"),
        Arguments.of(
            "C2HData that is too short and the last",
            DATA,
            false,
            (UnaryOperator<byte[]>)
                pdu -> {
                  byte[] less = Arrays.copyOf(pdu, 24 + 512);
                  ByteBuffer.wrap(less)
                      .order(ByteOrder.LITTLE_ENDIAN)
                      .put(1, (byte) 12)
                      .putInt(4, less.length)
                      .putInt(16, 512);
                  return less;
                },
            "ended a command after 512 of its 16384 bytes"),
        Arguments.of(
            "a response in place of data",
            DATA,
            false,
            (UnaryOperator<byte[]>) HostileTargetTest::answer,
            "ended a command after 0 of its 16384 bytes"),
        Arguments.of(
            "a response in place of an R2T",
            READY,
            true,
            (UnaryOperator<byte[]>) HostileTargetTest::answer,
            "ended a command after 0 of its 16384 bytes"),
        ready("beyond the data", pdu -> pdu.putInt(16, BYTES + 4), "asked for 16388 bytes at 0"),
        ready("of nothing", pdu -> pdu.putInt(16, 0), "asked for 0 bytes"),
        ready("of 4 GiB", pdu -> pdu.putInt(16, -4), "asked for 4294967292 bytes"),
        ready("from elsewhere", pdu -> pdu.putInt(12, 4096), "asked for 16384 bytes at 4096"),
        ready("of no command", pdu -> pdu.putShort(8, (short) 0x7fe0), "no command that writes"),
        Arguments.of(
            "R2T for a read",
            DATA,
            false,
            (UnaryOperator<byte[]>)
                pdu -> {
                  byte[] ready = Arrays.copyOf(pdu, 24);
                  ready[0] = READY;
                  ready[1] = 0;
                  ready[3] = 0;
                  ByteBuffer.wrap(ready).order(ByteOrder.LITTLE_ENDIAN).putInt(4, 24);
                  return ready;
                },
            "asked for data of no command that writes"),
        response("longer", false, pdu -> pdu.putInt(4, 28), "sent a CapsuleResp of 28 bytes"),
        response("of no command", true, pdu -> pdu.putShort(20, (short) -1), "which cannot be"),
        Arguments.of(
            "C2HTermReq",
            RESPONSE,
            true,
            (UnaryOperator<byte[]>)
                pdu -> {
                  byte[] end = new byte[24];
                  end[0] = 3;
                  end[2] = 24;
                  end[4] = 24;
                  end[8] = 4;
                  return end;
                },
            "has ended the connection: data transfer out of range"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongs")
  void whatIsWrongEndsInAResetThatSaysWhy(
      String what, int type, boolean writes, UnaryOperator<byte[]> how, String notice) {
    try (NvmeController controller = open("?kato=0s&fence=0s");
        IoQueue queue = controller.createIoQueue(4)) {
      runSpoiled(controller, queue, type, writes, how);
    }
    assertThat(notices).anyMatch(line -> line.contains(notice));
  }

  private void runSpoiled(
      NvmeController controller,
      IoQueue queue,
      int type,
      boolean writes,
      UnaryOperator<byte[]> how) {
    Namespace namespace = controller.namespace(1);
    DmaMemory memory = controller.dma().allocate(2L * GUARD + BYTES);
    memory.segment().fill((byte) 0x33);
    spoilNext(type, how);
    request(queue, namespace, memory, writes, 1);
    pollFor(queue, 1);
    assertThat(completed).containsExactly("1:" + StatusCode.ABORTED_BY_HOST.status());
    for (long at = 0; at < GUARD; at++) {
      assertThat(OffHeap.getByte(memory.address() + at)).isEqualTo((byte) 0x33);
      assertThat(OffHeap.getByte(memory.address() + GUARD + BYTES + at)).isEqualTo((byte) 0x33);
    }
    request(queue, namespace, memory, writes, 2);
    pollFor(queue, 2);
    assertThat(completed).endsWith("2:0");
  }

  private static void request(
      IoQueue queue, Namespace namespace, DmaMemory memory, boolean writes, int tag) {
    int blocks = BYTES / TestTarget.BLOCK;
    assertThat(
            writes
                ? queue.write(namespace, 8, blocks, memory, GUARD, tag)
                : queue.read(namespace, 8, blocks, memory, GUARD, tag))
        .isTrue();
  }

  static Stream<Arguments> resets() {
    return Stream.of(DATA, RESPONSE, READY)
        .flatMap(type -> Stream.of(0, 1, COMMON, 23, 24).map(bytes -> Arguments.of(type, bytes)));
  }

  /** The connection is cut in the middle of a PDU, after so many bytes of it. */
  @ParameterizedTest
  @MethodSource("resets")
  void aConnectionThatIsCutInAPduEndsInAReset(int type, int bytes) {
    try (NvmeController controller = open("?kato=0s&fence=0s");
        IoQueue queue = controller.createIoQueue(4)) {
      target.isResetAfterCut = true;
      boolean isNothing = bytes == 0 || (bytes == 24 && type != DATA);
      runSpoiled(
          controller,
          queue,
          type,
          type == READY,
          pdu -> isNothing ? null : Arrays.copyOf(pdu, bytes));
    }
    assertThat(notices).anyMatch(line -> line.contains("connection"));
  }

  /** It goes silent in the middle of a PDU: the command is late, its abort too, then the reset. */
  @ParameterizedTest
  @ValueSource(ints = {DATA, READY})
  void silenceInTheMiddleOfAPduEndsInAReset(int type) {
    try (NvmeController controller = open("?kato=0s&fence=0s");
        IoQueue queue = controller.createIoQueue(4)) {
      target.isSilentAfterCut = true;
      runSpoiled(controller, queue, type, type == READY, pdu -> Arrays.copyOf(pdu, 12));
    }
    assertThat(notices).anyMatch(line -> line.contains("was aborted: it is reset"));
  }

  @Test
  void aWrongHeaderDigestEndsTheConnection() {
    try (NvmeController controller = open("?kato=0s&fence=0s&hdgst=yes");
        IoQueue queue = controller.createIoQueue(4)) {
      runSpoiled(
          controller, queue, DATA, false, with(pdu -> pdu.putInt(12, pdu.getInt(12) ^ 0x200)));
    }
    assertThat(notices).anyMatch(line -> line.contains("whose header digest is wrong"));
  }

  @Test
  void aWrongDataDigestCostsTheCommandAlone() {
    try (NvmeController controller = open("?kato=0s&ddgst=yes");
        IoQueue queue = controller.createIoQueue(4)) {
      Namespace namespace = controller.namespace(1);
      DmaMemory memory = controller.dma().allocate(2L * GUARD + BYTES);
      spoilNext(DATA, with(pdu -> pdu.put(100, (byte) (pdu.get(100) ^ 1))));
      request(queue, namespace, memory, false, 1);
      pollFor(queue, 1);
      request(queue, namespace, memory, false, 2);
      pollFor(queue, 2);
      assertThat(completed)
          .containsExactly("1:" + StatusCode.TRANSIENT_TRANSPORT_ERROR.status(), "2:0");
    }
    assertThat(notices).isEmpty();
  }

  static Stream<Arguments> wrongBeginnings() {
    return Stream.of(
        Arguments.of(with(pdu -> pdu.put(0, (byte) 5)), "does not talk NVMe over TCP"),
        Arguments.of(with(pdu -> pdu.putInt(4, 64)), "does not talk NVMe over TCP"),
        Arguments.of(with(pdu -> pdu.putShort(8, (short) 1)), "of format 1"),
        Arguments.of(with(pdu -> pdu.put(10, (byte) 32)), "aligned to 33 dwords"),
        Arguments.of(with(pdu -> pdu.put(11, (byte) 1)), "it has those of headers"),
        Arguments.of(with(pdu -> pdu.putInt(12, 4095)), "data of 4095 bytes"),
        Arguments.of(with(pdu -> pdu.putInt(12, 5001)), "data of 5001 bytes"),
        Arguments.of((UnaryOperator<byte[]>) pdu -> null, "new connection"),
        Arguments.of(
            (UnaryOperator<byte[]>) pdu -> Arrays.copyOf(pdu, 100), "it took the connection"));
  }

  @ParameterizedTest
  @MethodSource("wrongBeginnings")
  void aWrongBeginningIsSaid(UnaryOperator<byte[]> how, String message) {
    spoilNext(1, how);
    assertThatThrownBy(() -> open("?timeout=500ms"))
        .isInstanceOf(NvmeException.class)
        .hasMessageStartingWith(target.address() + " ")
        .hasMessageContaining(message);
  }

  @Test
  void anAnswerThatDoesNotComeToAConnectIsSaid() {
    target.spoil = pdu -> pdu[0] == RESPONSE ? new byte[0] : pdu;
    assertThatThrownBy(() -> open("?timeout=500ms"))
        .isInstanceOf(NvmeException.class)
        .hasMessage(target.address() + " does not answer");
  }
}
