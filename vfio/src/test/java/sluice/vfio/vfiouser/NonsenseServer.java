package sluice.vfio.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import sluice.support.linux.LocalSocket;
import sluice.support.memory.OffHeap;
import sluice.vfio.abi.RegionInfo;

/** A server whose answers a test changes, and a client of it that leaves nothing behind. */
abstract class NonsenseServer {
  static final Duration TIMEOUT = Duration.ofMillis(100);
  static final Version OWN = UserFunction.OWN;

  // Where what is said of a region lies.
  static final int FLAGS = 0x04;
  static final int CAPABILITY = 0x0c;
  static final int SIZE = 0x10;
  static final int OFFSET = 0x18;
  static final int NEXT = 0x24;
  static final int AREAS = 0x28;
  static final int AREA_OFFSET = 0x30;
  static final int AREA_SIZE = 0x38;

  long descriptors;
  long mappings;
  final LocalSocket[] pair = LocalSocket.pair();
  final FakeServer server = new FakeServer(pair[1]);

  /** Stands still, so that no honest answer is late on a busy machine. */
  final AtomicLong clock = new AtomicLong();

  UserFunction function;

  @BeforeEach
  void count() throws Exception {
    descriptors = FakeServer.openDescriptors();
    mappings = FakeServer.mappedFiles();
  }

  @AfterEach
  void leavesNothingBehind() throws Exception {
    if (function != null) {
      function.close();
    }
    server.close();
    assertThat(FakeServer.mappedFiles()).isEqualTo(mappings);
    // The two sockets, and the file of the doorbells.
    assertThat(FakeServer.openDescriptors()).isEqualTo(descriptors - 3);
  }

  void open() {
    server.start();
    function = UserFunction.open("vfio-user:/a", pair[0], TIMEOUT, clock::get, OWN);
  }

  void failsToOpen(String line) {
    assertThatThrownBy(this::open)
        .isInstanceOf(VfioUserException.class)
        .hasMessage("vfio-user:/a: " + line);
  }

  /** Lets the server answer as usual, but for what is changed before it is sent. */
  void change(int command, int bytes, Consumer<Long> change) {
    FakeServer.Answer usual = server.usual(command);
    server.answer(command, from -> server.changing(change, bytes, () -> usual.to(from)));
  }

  void change(int command, Consumer<Long> change) {
    change(command, -1, change);
  }

  /** The same for region 0 only. */
  void changeRegion(int bytes, Consumer<Long> change) {
    change(
        Command.DEVICE_GET_REGION_INFO,
        bytes,
        body -> {
          if (OffHeap.getInt(body + RegionInfo.INDEX) == 0) {
            change.accept(body);
          }
        });
  }

  void versionIs(String json) {
    server.answer(
        Command.VERSION,
        from -> {
          byte[] text = json.getBytes(StandardCharsets.UTF_8);
          OffHeap.putInt(from.body(), 0x0001_0000);
          for (int i = 0; i < text.length; i++) {
            OffHeap.putByte(from.body() + 4 + i, text[i]);
          }
          server.reply(4 + text.length);
        });
  }

  void awaitAbsence(String absence) {
    long start = System.nanoTime();
    while (function.isPresent()) {
      assertThat(System.nanoTime() - start).isLessThan(FakeServer.PATIENCE.toNanos());
      Thread.onSpinWait();
    }
    assertThat(function.absence()).isEqualTo(absence);
  }
}
