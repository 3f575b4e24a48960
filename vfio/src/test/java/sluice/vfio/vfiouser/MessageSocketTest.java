package sluice.vfio.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.support.linux.Events;
import sluice.support.linux.Linux;
import sluice.support.linux.LocalSocket;
import sluice.support.memory.OffHeap;

class MessageSocketTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final int MAX_BODY = 4096;
  private static final int MAX_DESCRIPTORS = 2;

  private final LocalSocket[] pair = LocalSocket.pair();
  private final MessageSocket messages = new MessageSocket(pair[0], MAX_BODY, MAX_DESCRIPTORS);
  private final LocalSocket raw = pair[1];
  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void close() {
    messages.close();
    raw.close();
    arena.close();
  }

  @Test
  void sendsHeaderAndBodyAtOneStroke() {
    OffHeap.putLong(messages.body(), 0x1122334455667788L);

    messages.send(0x1234, Command.REGION_READ, MessageSocket.FLAG_ERROR, 22, 8, SECOND);

    assertThat(receivedRaw(100)).isEqualTo("34120900180000002000000016000000" + "8877665544332211");
  }

  @Test
  void receivesAMessageHoweverItIsCut() {
    String message = "78560100180000000100000000000000" + "0123456789abcdef";
    for (int cut = 1; cut < 23; cut++) {
      sendRaw(message.substring(0, 2 * cut));
      assertThat(messages.receive()).as("cut at %d", cut).isFalse();
      sendRaw(message.substring(2 * cut) + message.substring(0, 20));

      assertThat(messages.receive()).isTrue();
      assertThat(messages.id()).isEqualTo(0x5678);
      assertThat(messages.command()).isEqualTo(Command.VERSION);
      assertThat(messages.isReply()).isTrue();
      assertThat(messages.isError()).isFalse();
      assertThat(messages.receivedBytes()).isEqualTo(8);
      assertThat(OffHeap.getLong(messages.received())).isEqualTo(0xefcdab8967452301L);

      assertThat(messages.receive()).isFalse();
      sendRaw(message.substring(20));
      assertThat(messages.receive()).isTrue();
    }
  }

  @Test
  void closesWhatCameWithAMessageUnlessItIsTaken() throws Exception {
    int[] events = {Events.eventfd(), Events.eventfd()};
    long before = openDescriptors();
    sendRaw("01000200100000000000000000000000", events);
    assertThat(messages.receive()).isTrue();
    assertThat(messages.descriptors()).isEqualTo(2);
    assertThat(openDescriptors()).isEqualTo(before + 2);

    int taken = messages.takeDescriptor(1);
    Events.raise(events[1]);
    assertThat(Events.awaitAny(taken)).as("the same event").isZero();
    assertThatThrownBy(() -> messages.descriptor(1)).hasMessage("descriptor 1 was taken");

    assertThat(messages.receive()).isFalse();
    assertThat(messages.descriptors()).isZero();
    assertThat(openDescriptors()).isEqualTo(before + 1);
    IntStream.of(taken, events[0], events[1]).forEach(Linux::close);
  }

  @Test
  void neverHoldsMoreDescriptorsThanItWasTold() throws Exception {
    int event = Events.eventfd();
    long before = openDescriptors();
    sendRaw("01000200100000000000000000000000", event, event, event);

    assertThatThrownBy(messages::receive)
        .isInstanceOf(VfioUserException.class)
        .hasMessage("the other end sent a message with more than 2 descriptors");
    assertThat(messages.hasEnded()).isTrue();

    messages.close();
    assertThat(openDescriptors()).isEqualTo(before - 1);
    Linux.close(event);
  }

  @Test
  void refusesSizesThatCannotBe() {
    sendRaw("010002000f0000000000000000000000");
    assertThatThrownBy(messages::receive)
        .isInstanceOf(VfioUserException.class)
        .hasMessage("the other end sent a message of 15 bytes, not 16 to 4112");
    assertThat(messages.receive()).as("after that").isFalse();
  }

  @Test
  void refusesSizesThatAreTooLarge() {
    sendRaw("01000200ffffffff0000000000000000");
    assertThatThrownBy(messages::receive)
        .isInstanceOf(VfioUserException.class)
        .hasMessage("the other end sent a message of 4294967295 bytes, not 16 to 4112");
  }

  @Test
  void refusesWhatIsNeitherCommandNorReply() {
    sendRaw("01000200100000000700000000000000");
    assertThatThrownBy(messages::receive)
        .isInstanceOf(VfioUserException.class)
        .hasMessage(
            "the other end sent a message that is neither command nor reply, but of type 7");
  }

  @Test
  void tellsAnEndFromABreak() {
    sendRaw("01000200100000000000000000000000" + "0100");
    raw.close();

    assertThat(messages.receive()).isTrue();
    assertThatThrownBy(messages::receive)
        .isInstanceOf(VfioUserException.class)
        .hasMessage("the other end closed the connection in the middle of a message");
  }

  @Test
  void anOrderlyEndIsNoError() {
    raw.close();
    assertThat(messages.await(Long.MAX_VALUE)).isTrue();
    assertThat(messages.receive()).isFalse();
    assertThat(messages.hasEnded()).isTrue();
    assertThatThrownBy(() -> messages.send(1, Command.VERSION, 0, 0, 0, SECOND))
        .isInstanceOf(VfioUserException.class)
        .hasMessageContaining("the connection is broken: sendmsg")
        .hasMessageContaining("Broken pipe");
  }

  @Test
  void doesNotWaitForRoomForEver() {
    assertThatThrownBy(
            () -> {
              while (true) {
                messages.send(1, Command.DMA_WRITE, 0, 0, MAX_BODY, Duration.ofMillis(30));
              }
            })
        .isInstanceOf(VfioUserException.class)
        .hasMessage("the other end takes no message: 30 ms have passed");
  }

  private void sendRaw(String hex, int... descriptors) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
    assertThat(raw.send(memory.address(), bytes.length, descriptors)).isEqualTo(bytes.length);
  }

  private String receivedRaw(int most) {
    MemorySegment memory = arena.allocate(most);
    int n = (int) raw.receive(memory.address(), most);
    return HexFormat.of().formatHex(memory.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
  }

  private static long openDescriptors() throws Exception {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }
}
