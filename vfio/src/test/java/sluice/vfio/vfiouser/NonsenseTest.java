package sluice.vfio.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.support.linux.Events;
import sluice.support.linux.Linux;
import sluice.support.memory.OffHeap;

/**
 * Messages that a server can send and cannot mean: each ends in one line, and leaves nothing
 * behind.
 */
class NonsenseTest extends NonsenseServer {
  // ---- the version

  @Test
  void anotherLanguage() {
    change(Command.VERSION, body -> OffHeap.putShort(body, (short) 1));
    failsToOpen("the server answers VERSION with version 1.1, which is not spoken here");
  }

  @Test
  void aNewerVersionThanWasAskedFor() {
    change(Command.VERSION, body -> OffHeap.putShort(body + 2, (short) 2));
    failsToOpen("the server answers VERSION with version 0.2, which is not spoken here");
  }

  @Test
  void aVersionWithoutCapabilitiesIsOne() {
    server.answer(
        Command.VERSION,
        from -> {
          OffHeap.putInt(from.body(), 0x0001_0000);
          server.reply(4);
        });
    open();
    assertThat(function.enableInterrupts(3)).isEqualTo(3);
    assertThat(server.taken().toString())
        .as("a descriptor at a time")
        .contains("1400000024000000020000000000000001000000")
        .contains("1400000024000000020000000100000001000000")
        .contains("1400000024000000020000000200000001000000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "{}|capabilities that do not end with a zero byte",
        "'{\"capabilities\":{\"max_data_xfer_size\":4}}\0'|4 bytes at a time, too few",
        "'{\"capabilities\":{\"pgsizes\":2097152}}\0'|pages of 0x200000 bytes, all larger than"
            + " memory's",
        "'{\"capabilities\":{\"twin_socket\":{\"supported\":true,\"fd_index\":0}}}\0'|a twin"
            + " socket, but not its descriptor",
        "'{\"capabilities\":[]}\0'|capabilities that is no JSON object",
        "'{\"capabilities\":{\"max_msg_fds\":-1}}\0'|max_msg_fds that is no number from 1 on",
      })
  void capabilitiesThatCannotBe(String json, String what) {
    versionIs(json);
    failsToOpen("the server answers VERSION with " + what);
  }

  @Test
  void capabilitiesWithoutAnEnd() {
    versionIs("[".repeat(8000) + "\0");
    assertThatThrownBy(this::open)
        .isInstanceOf(VfioUserException.class)
        .hasMessageStartingWith(
            "vfio-user:/a: the server answers VERSION with capabilities that are no JSON: ")
        .hasMessageNotContaining("\n");
  }

  // ---- messages

  @Test
  void anAnswerToSomethingElse() {
    server.answer(
        Command.DEVICE_GET_INFO,
        from ->
            from.send(
                from.id() + 1,
                from.command(),
                MessageSocket.FLAG_REPLY,
                0,
                16,
                FakeServer.PATIENCE));
    failsToOpen(
        "the server answers DEVICE_GET_INFO with the id 3, and was asked with the id 2 (asked for"
            + " DEVICE_GET_INFO)");
  }

  @Test
  void anAnswerToAnotherCommand() {
    server.answer(
        Command.DEVICE_GET_INFO,
        from ->
            from.send(
                from.id(), Command.DMA_MAP, MessageSocket.FLAG_REPLY, 0, 16, FakeServer.PATIENCE));
    failsToOpen(
        "the server answers DMA_MAP with the id 2, and was asked with the id 2 (asked for"
            + " DEVICE_GET_INFO)");
  }

  @Test
  void aCommandThatNoClientDoes() {
    server.answer(Command.DEVICE_GET_INFO, _ -> server.ask(1, 77, _ -> {}, 0));
    failsToOpen("the server asks for command 77, which no client does (asked for DEVICE_GET_INFO)");
  }

  @Test
  void aCommandThatIsTooShort() {
    server.answer(Command.DEVICE_GET_INFO, _ -> server.ask(1, Command.DMA_READ, _ -> {}, 8));
    failsToOpen(
        "the server asks for DMA_READ in a body of 8 bytes, which cannot be (asked for"
            + " DEVICE_GET_INFO)");
  }

  @Test
  void aWriteOfOtherBytesThanItSays() {
    server.answer(
        Command.DEVICE_GET_INFO,
        _ -> server.ask(1, Command.DMA_WRITE, body -> DmaAccess.write(body, 0, 9), 24));
    failsToOpen(
        "the server asks for DMA_WRITE in a body of 24 bytes, which cannot be (asked for"
            + " DEVICE_GET_INFO)");
  }

  @Test
  void anAnswerThatNobodyAskedFor() {
    open();
    server.send(9, Command.DMA_MAP, MessageSocket.FLAG_REPLY, 0);
    awaitAbsence("is gone: the server answers DMA_MAP, and was not asked");
  }

  @Test
  void moreDescriptorsThanWasTold() {
    int[] events = new int[9];
    Arrays.setAll(events, _ -> Events.eventfd());
    server.answer(Command.DEVICE_GET_INFO, _ -> server.reply(16, events));
    try {
      failsToOpen(
          "the other end sent a message with more than 8 descriptors (asked for DEVICE_GET_INFO)");
    } finally {
      Arrays.stream(events).forEach(Linux::close);
    }
  }

  @Test
  void anEndInTheMiddle() {
    server.answer(Command.DEVICE_GET_INFO, MessageSocket::close);
    failsToOpen("the server has closed the connection (asked for DEVICE_GET_INFO)");
  }

  @Test
  void anEndBeforeTheFirstAnswer() {
    server.answer(Command.VERSION, MessageSocket::close);
    failsToOpen(
        "the server has closed the connection; perhaps it serves somebody else (asked for"
            + " VERSION)");
  }

  @Test
  void anEndBeforeTheFirstMessage() {
    server.die();
    assertThatThrownBy(
            () -> UserFunction.open("vfio-user:/a", pair[0], TIMEOUT, clock::get, UserFunction.OWN))
        .isInstanceOf(VfioUserException.class)
        .hasMessage(
            "vfio-user:/a: the server has closed the connection; perhaps it serves somebody else"
                + " (asked for VERSION)");
  }

  @Test
  void noAnswerAtAll() {
    server.answer(Command.DEVICE_GET_INFO, _ -> clock.set(TIMEOUT.toNanos()));
    failsToOpen("the server has not answered for 100 ms (asked for DEVICE_GET_INFO)");
  }

  @Test
  void noAnswerToTheFirstMessage() {
    server.answer(Command.VERSION, _ -> clock.set(TIMEOUT.toNanos()));
    failsToOpen(
        "the server has not answered for 100 ms; perhaps it serves somebody else (asked for"
            + " VERSION)");
  }

  @Test
  void talkInPlaceOfAnAnswer() {
    server.answer(
        Command.DEVICE_GET_INFO,
        from -> {
          // Each is answered, but what was asked never is.
          for (int i = 0; i < 200; i++) {
            server.ask(i, Command.DMA_READ, body -> DmaAccess.write(body, 0, 8), 16);
          }
          clock.set(TIMEOUT.toNanos());
        });
    failsToOpen("the server has not answered for 100 ms (asked for DEVICE_GET_INFO)");
  }

  // ---- refusals

  @ParameterizedTest
  @CsvSource({
    "1, DEVICE_GET_INFO(): Operation not permitted (errno 1)",
    "0, DEVICE_GET_INFO(): Success (errno 0)",
    "12345, DEVICE_GET_INFO(): Unknown error 12345 (errno 12345)",
    "-7, DEVICE_GET_INFO(): Unknown error -7 (errno -7)",
  })
  void refusals(int errno, String line) {
    server.answer(Command.DEVICE_GET_INFO, _ -> server.refuse(errno));
    failsToOpen("the server refuses " + line);
  }

  @ParameterizedTest
  @CsvSource({
    "1, VERSION(0.1)",
    "5, DEVICE_GET_REGION_INFO(region 0)",
    "7, DEVICE_GET_IRQ_INFO(MSI-X)",
    "8, DEVICE_SET_IRQS(vectors 0 to 0)",
  })
  void refusalsOfWhatIsNeeded(int command, String what) {
    server.answer(command, _ -> server.refuse(22));
    failsToOpen("the server refuses " + what + ": Invalid argument (errno 22)");
  }
}
