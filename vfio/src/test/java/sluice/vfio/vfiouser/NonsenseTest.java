package sluice.vfio.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.support.linux.Events;
import sluice.support.linux.Linux;
import sluice.support.linux.LocalSocket;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.vfio.abi.Interrupts;
import sluice.vfio.abi.RegionInfo;

/** Each thing that a server can say and cannot mean ends in one line, and leaves nothing behind. */
class NonsenseTest {
  private static final Duration TIMEOUT = Duration.ofMillis(100);
  private static final Version OWN = UserFunction.OWN;

  // Where what is said of a region lies.
  private static final int FLAGS = 0x04;
  private static final int CAPABILITY = 0x0c;
  private static final int SIZE = 0x10;
  private static final int OFFSET = 0x18;
  private static final int NEXT = 0x24;
  private static final int AREAS = 0x28;
  private static final int AREA_OFFSET = 0x30;
  private static final int AREA_SIZE = 0x38;

  private long descriptors;
  private long mappings;
  private final LocalSocket[] pair = LocalSocket.pair();
  private final FakeServer server = new FakeServer(pair[1]);

  /** Stands still, so that no honest answer is late on a busy machine. */
  private final AtomicLong clock = new AtomicLong();

  private UserFunction function;

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

  private void open() {
    server.start();
    function = UserFunction.open("vfio-user:/a", pair[0], TIMEOUT, clock::get, OWN);
  }

  private void failsToOpen(String line) {
    assertThatThrownBy(this::open)
        .isInstanceOf(VfioUserException.class)
        .hasMessage("vfio-user:/a: " + line);
  }

  /** Lets the server answer as usual, but for what is changed before it is sent. */
  private void change(int command, int bytes, Consumer<Long> change) {
    FakeServer.Answer usual = server.usual(command);
    server.answer(command, from -> server.changing(change, bytes, () -> usual.to(from)));
  }

  private void change(int command, Consumer<Long> change) {
    change(command, -1, change);
  }

  /** The same for region 0 only. */
  private void changeRegion(int bytes, Consumer<Long> change) {
    change(
        Command.DEVICE_GET_REGION_INFO,
        bytes,
        body -> {
          if (OffHeap.getInt(body + RegionInfo.INDEX) == 0) {
            change.accept(body);
          }
        });
  }

  private void versionIs(String json) {
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

  // ---- the device

  @Test
  void aDeviceThatIsTooShort() {
    change(Command.DEVICE_GET_INFO, 15, _ -> {});
    failsToOpen("the server answers DEVICE_GET_INFO with 15 bytes instead of 16");
  }

  @Test
  void noPciDevice() {
    change(Command.DEVICE_GET_INFO, body -> OffHeap.putInt(body + 4, 1));
    failsToOpen("the server answers DEVICE_GET_INFO with a device that is no PCI device");
  }

  @Test
  void aDeviceWithoutConfigurationSpace() {
    change(Command.DEVICE_GET_INFO, body -> OffHeap.putInt(body + 8, 7));
    failsToOpen("the server's device has no configuration space");
  }

  @Test
  void aDeviceWithoutMsix() {
    change(Command.DEVICE_GET_INFO, body -> OffHeap.putInt(body + 12, 2));
    open();
    assertThat(function.interruptVectors()).isZero();
    assertThat(server.taken()).noneMatch(request -> request.startsWith("0800", 4));
  }

  @Test
  void moreVectorsThanThereCanBe() {
    change(Command.DEVICE_GET_IRQ_INFO, body -> OffHeap.putInt(body + Interrupts.INFO_COUNT, -1));
    failsToOpen("the server answers DEVICE_GET_IRQ_INFO with 4294967295 MSI-X vectors");
  }

  // ---- regions

  @Test
  void regions() {
    regionFails(
        body -> OffHeap.putInt(body + RegionInfo.ARGSZ, 8), "a region of 8 bytes in a body of 64");
  }

  @Test
  void aRegionThatAsksForMoreRoomThanThereIs() {
    regionFails(
        body -> OffHeap.putInt(body + RegionInfo.ARGSZ, -1),
        "a region of 4294967295 bytes in a body of 64");
  }

  @Test
  void aRegionThatAsksForMoreRoomAgainAndAgain() {
    regionFails(
        body -> OffHeap.putInt(body + RegionInfo.ARGSZ, 60000),
        "a region of 60000 bytes in a body of 64");
  }

  @Test
  void anotherRegion() {
    regionFails(body -> OffHeap.putInt(body + RegionInfo.INDEX, 1), "another region than 0");
  }

  @Test
  void aChainThatGoesInACircle() {
    regionFails(body -> OffHeap.putInt(body + NEXT, 32), "capabilities that are no chain");
  }

  @Test
  void aChainThatLeavesTheStructure() {
    regionFails(body -> OffHeap.putInt(body + NEXT, 60), "capabilities that are no chain");
  }

  @Test
  void aChainThatBeginsOutside() {
    regionFails(body -> OffHeap.putInt(body + CAPABILITY, -4), "capabilities that are no chain");
  }

  @Test
  void moreAreasThanAreThere() {
    regionFails(body -> OffHeap.putInt(body + AREAS, 2), "more areas to be mapped than it names");
  }

  @Test
  void areasAsManyAsThereCanBeNumbers() {
    regionFails(body -> OffHeap.putInt(body + AREAS, -1), "more areas to be mapped than it names");
  }

  @Test
  void sizesThatCannotBe() {
    regionFails(
        body -> OffHeap.putLong(body + SIZE, -1), "a region of 0xffffffffffffffff bytes at 0x0");
  }

  @Test
  void anAreaOutsideOfItsRegion() {
    regionFails(
        body -> OffHeap.putLong(body + AREA_OFFSET, 0x4000),
        "memory that cannot be: 0x1000 bytes at 0x4000 of a region of 0x4000 bytes, at 0x0 of a"
            + " file of 0x2000");
  }

  @Test
  void anAreaThatWraps() {
    regionFails(
        body -> OffHeap.putLong(body + AREA_SIZE, Long.MAX_VALUE - 0xfff),
        "memory that cannot be: 0x7ffffffffffff000 bytes at 0x1000 of a region of 0x4000 bytes, at"
            + " 0x0 of a file of 0x2000");
  }

  @Test
  void anAreaOfNegativeSize() {
    regionFails(
        body -> OffHeap.putLong(body + AREA_SIZE, -0x1000),
        "memory that cannot be: 0xfffffffffffff000 bytes at 0x1000 of a region of 0x4000 bytes, at"
            + " 0x0 of a file of 0x2000");
  }

  @Test
  void anAreaThatIsNotOfWholePages() {
    regionFails(
        body -> OffHeap.putLong(body + AREA_SIZE, 0x800),
        "memory that cannot be: 0x800 bytes at 0x1000 of a region of 0x4000 bytes, at 0x0 of a"
            + " file of 0x2000");
  }

  @Test
  void anAreaBehindTheEndOfTheFile() {
    server.resizeDoorbells(FakeServer.DOORBELLS);
    regionFails(
        _ -> {},
        "memory that cannot be: 0x1000 bytes at 0x1000 of a region of 0x4000 bytes, at 0x0 of a"
            + " file of 0x1000");
  }

  @Test
  void aRegionFarBehindTheEndOfTheFile() {
    regionFails(
        body -> OffHeap.putLong(body + OFFSET, 0x7fff_ffff_ffff_f000L),
        "memory that cannot be: 0x1000 bytes at 0x1000 of a region of 0x4000 bytes, at"
            + " 0x7ffffffffffff000 of a file of 0x2000");
  }

  @Test
  void aRegionOfMoreThanAnyMemory() {
    changeRegion(
        -1,
        body -> {
          OffHeap.putLong(body + SIZE, 1L << 62);
          OffHeap.putInt(body + FLAGS, 3);
        });
    open();
    assertThat(function.bar(0).size()).isEqualTo(1L << 62);
    assertThat(function.bar(0).mapping(0x1000, 8)).isEmpty();
  }

  @Test
  void aRegionWithoutItsDescriptor() {
    FakeServer.Answer usual = server.usual(Command.DEVICE_GET_REGION_INFO);
    server.answer(
        Command.DEVICE_GET_REGION_INFO, from -> server.withoutDescriptors(() -> usual.to(from)));
    failsToOpen(
        "the server answers DEVICE_GET_REGION_INFO with a region to be mapped, but not its"
            + " descriptor");
  }

  @Test
  void aDescriptorOfNoFile() {
    int event = Events.eventfd();
    FakeServer.Answer usual = server.usual(Command.DEVICE_GET_REGION_INFO);
    server.answer(
        Command.DEVICE_GET_REGION_INFO, from -> server.withDescriptor(event, () -> usual.to(from)));
    try {
      failsToOpen(
          "the server answers DEVICE_GET_REGION_INFO with memory that cannot be: 0x1000 bytes at"
              + " 0x1000 of a region of 0x4000 bytes, at 0x0 of a file of 0x0");
    } finally {
      Linux.close(event);
    }
  }

  @Test
  void aConfigurationSpaceThatIsTooSmall() {
    change(
        Command.DEVICE_GET_REGION_INFO,
        body -> {
          if (OffHeap.getInt(body + RegionInfo.INDEX) == DeviceInfo.CONFIG_REGION) {
            OffHeap.putLong(body + SIZE, 64);
          }
        });
    failsToOpen("the server's device has a configuration space of 64 bytes");
  }

  private void regionFails(Consumer<Long> change, String what) {
    changeRegion(-1, change);
    failsToOpen("the server answers DEVICE_GET_REGION_INFO with " + what);
  }

  // ---- later on

  @Test
  void aReadThatIsRefusedIsOfOnes() {
    open();
    server.answer(Command.REGION_READ, _ -> server.refuse(1));
    assertThat(function.bar(0).read32(0x14)).isEqualTo(-1);
    assertThat(function.isPresent()).isTrue();
  }

  @Test
  void aReadThatIsTooShort() {
    endsOn(
        Command.REGION_READ,
        () -> change(Command.REGION_READ, 19, _ -> {}),
        "the server answers REGION_READ with 19 bytes instead of 20");
  }

  @Test
  void aReadOfSomethingElse() {
    endsOn(
        Command.REGION_READ,
        () -> change(Command.REGION_READ, body -> OffHeap.putLong(body, 0x1c)),
        "the server answers REGION_READ with another access than was asked for");
  }

  @Test
  void aWriteOfSomethingElse() {
    endsOn(
        Command.REGION_WRITE,
        () -> change(Command.REGION_WRITE, body -> OffHeap.putInt(body + 12, 8)),
        "the server answers REGION_WRITE with another access than was asked for");
  }

  @Test
  void aWriteThatIsRefused() {
    endsOn(
        Command.REGION_WRITE,
        () -> server.answer(Command.REGION_WRITE, _ -> server.refuse(22)),
        "the server refuses REGION_WRITE(0x14 of region 0): Invalid argument (errno 22)");
  }

  @Test
  void aReadThatIsNotAnswered() {
    endsOn(
        Command.REGION_READ,
        () -> server.answer(Command.REGION_READ, _ -> clock.set(TIMEOUT.toNanos())),
        "the server has not answered for 100 ms (asked for REGION_READ)");
  }

  private void endsOn(int command, Runnable nonsense, String line) {
    open();
    nonsense.run();
    if (command == Command.REGION_READ) {
      assertThat(function.bar(0).read32(0x14)).isEqualTo(-1);
    } else {
      function.bar(0).write32(0x14, 1);
    }
    assertThat(function.isPresent()).isFalse();
    assertThat(function.absence()).isEqualTo("is gone: " + line);
  }

  @Test
  void memoryThatIsRefused() {
    open();
    server.answer(Command.DMA_MAP, _ -> server.refuse(28));
    for (int time = 0; time < 2; time++) {
      assertThatThrownBy(() -> function.dma().allocate(1 << 20))
          .isInstanceOf(VfioUserException.class)
          .hasMessage(
              "vfio-user:/a: the server refuses DMA_MAP(1048576 bytes at iova 0x10000, besides 0"
                  + " pieces of memory): No space left on device (errno 28)");
    }
    assertThat(function.isPresent()).isTrue();
  }

  @Test
  void morePiecesOfMemoryThanTheServerTakes() {
    versionIs("{\"capabilities\":{\"max_dma_maps\":2}}\0");
    open();
    DmaMemory first = function.dma().allocate(1 << 20);
    assertThat(function.dma().allocate(1 << 20).iova()).isEqualTo(0x110000);
    assertThatThrownBy(() -> function.dma().allocate(1 << 20))
        .isInstanceOf(VfioUserException.class)
        .hasMessage(
            "vfio-user:/a: the server takes no more than 2 pieces of memory at a time"
                + " (max_dma_maps)");
    function.dma().free(first);
    assertThat(function.dma().allocate(1 << 20).iova()).isEqualTo(0x10000);
  }

  @Test
  void memoryThatIsNotGivenBack() {
    open();
    DmaMemory memory = function.dma().allocate(1 << 20);
    FakeServer.Answer usual = server.usual(Command.DMA_UNMAP);
    change(Command.DMA_UNMAP, body -> OffHeap.putLong(body + 16, 8192));
    function.dma().free(memory);
    assertThat(function.absence())
        .isEqualTo("is gone: the server answers DMA_UNMAP with another range than was asked for");
    server.answer(Command.DMA_UNMAP, usual);
  }

  @Test
  void memoryThatTheServerKeeps() {
    open();
    DmaMemory memory = function.dma().allocate(1 << 20);
    server.answer(Command.DMA_UNMAP, _ -> server.refuse(2));
    function.dma().free(memory);
    assertThat(function.absence())
        .isEqualTo(
            "is gone: the server refuses DMA_UNMAP(1048576 bytes at iova 0x10000): No such file or"
                + " directory (errno 2)");
  }

  @Test
  void aServerThatDoesNotAnswerWhileItIsLeft() {
    open();
    assertThat(function.dma().allocate(1 << 20).iova()).isEqualTo(0x10000);
    assertThat(function.dma().allocate(100).size()).isEqualTo(100);
    server.answer(Command.DMA_UNMAP, _ -> clock.addAndGet(TIMEOUT.toNanos()));
    function.close();
    assertThat(server.taken())
        .as("asked once, and believed nothing any more")
        .filteredOn(request -> request.startsWith("0300", 4))
        .hasSize(1);
  }

  @Test
  void aServerThatAnswersLateIsLeftInTheTimeOfOneAnswer() {
    open();
    for (int i = 0; i < 10; i++) {
      assertThat(function.dma().allocate(1 << 20).size()).isEqualTo(1 << 20);
    }
    FakeServer.Answer usual = server.usual(Command.DMA_UNMAP);
    server.answer(
        Command.DMA_UNMAP,
        from -> {
          clock.addAndGet(TIMEOUT.toNanos() / 2);
          usual.to(from);
        });
    function.close();
    assertThat(clock.get()).isEqualTo(TIMEOUT.toNanos());
  }

  @Test
  void aFunctionWhoseRegistersFaultIsGivenUp() {
    open();
    long doorbells = function.bar(0).mapping(0x1000, 0x1000).orElseThrow().address();
    server.resizeDoorbells(0);
    function.giveUp("does not let its registers be touched any more");
    assertThat(function.isPresent()).isFalse();
    assertThat(OffHeap.getInt(doorbells)).as("ordinary memory").isEqualTo(-1);
  }

  private void awaitAbsence(String absence) {
    long start = System.nanoTime();
    while (function.isPresent()) {
      assertThat(System.nanoTime() - start).isLessThan(FakeServer.PATIENCE.toNanos());
      Thread.onSpinWait();
    }
    assertThat(function.absence()).isEqualTo(absence);
  }
}
