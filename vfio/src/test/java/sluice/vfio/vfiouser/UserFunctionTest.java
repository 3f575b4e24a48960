package sluice.vfio.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluice.support.linux.Events;
import sluice.support.linux.Linux;
import sluice.support.linux.LocalSocket;
import sluice.support.memory.OffHeap;
import sluice.vfio.Bar;
import sluice.vfio.ConfigSpace;
import sluice.vfio.DmaMemory;
import sluice.vfio.Interrupt;
import sluice.vfio.ResetFailedException;

class UserFunctionTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** A piece of its own for the server, of one page more than that. */
  private static final int LARGE = (1 << 20) + 1;

  private static final Version OWN = UserFunction.OWN;

  private final LocalSocket[] pair = LocalSocket.pair();
  private final FakeServer server = new FakeServer(pair[1]);
  private UserFunction function;
  private long descriptors;

  @BeforeEach
  void count() throws Exception {
    // The first of each brings in classes and libraries, which are files too.
    descriptors = FakeServer.openDescriptors();
  }

  @AfterEach
  void close() {
    if (function != null) {
      function.close();
    }
    server.close();
  }

  private UserFunction open() {
    server.start();
    function = UserFunction.open("vfio-user:/a", pair[0], TIMEOUT, System::nanoTime, OWN);
    return function;
  }

  private static String text(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void introducesItselfAndAsksWhatThereIs() {
    open();
    assertThat(server.taken())
        .containsExactly(
            "01000100af0000000000000000000000"
                + "00000100"
                + text(
                    "{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":1048576,"
                        + "\"max_dma_maps\":65535,\"pgsizes\":4096,"
                        + "\"twin_socket\":{\"supported\":true},\"write_multiple\":true}}")
                + "00",
            "02000400200000000000000000000000" + "10000000000000000000000000000000",
            region("03", "00"),
            region("04", "01"),
            region("05", "02"),
            region("06", "03"),
            region("07", "04"),
            region("08", "05"),
            region("09", "07"),
            "0a000700200000000000000000000000" + "10000000000000000200000000000000",
            "0b000800240000000000000000000000" + "1400000024000000020000000000000001000000",
            read("0c", "04", "07"),
            read("0d", "34", "07"),
            read("0e", "60", "07"),
            read("0f", "60", "07"),
            "10000a00220000000000000000000000" + "62000000000000000700000002000000" + "1f80");
    assertThat(function.interruptVectors()).isEqualTo(32);
    assertThat(server.config[FakeServer.MSIX + 3]).isEqualTo((byte) 0x80);
    assertThat(server.events[0]).as("the first vector's event").isPositive();
  }

  private static String region(String id, String index) {
    return id
        + "000500300000000000000000000000"
        + "0001000000000000"
        + index
        + "000000"
        + "0000000000000000000000000000000000000000";
  }

  private static String read(String id, String offset, String region) {
    return id
        + "000900200000000000000000000000"
        + offset
        + "00000000000000"
        + region
        + "00000004000000";
  }

  @Test
  void readsAndWritesRegisters() {
    open();
    server.taken();
    Bar bar = function.bar(0);
    assertThat(bar.size()).isEqualTo(FakeServer.BAR_BYTES);

    bar.write32(0x14, 0x00460001);
    assertThat(bar.read32(0x14)).isEqualTo(0x00460001);
    bar.write64(0x28, 0x1122334455667788L);
    assertThat(bar.read64(0x28)).isEqualTo(0x1122334455667788L);
    assertThat(function.config().classCode()).isEqualTo(ConfigSpace.CLASS_NVME);
    function.config().enableBusMaster();
    assertThat(server.config[4]).isEqualTo((byte) 0x06);

    assertThat(server.taken())
        .startsWith(
            "11000a00240000000000000000000000" + "14000000000000000000000004000000" + "01004600",
            read("12", "14", "00"),
            "13000a00240000000000000000000000" + "28000000000000000000000004000000" + "88776655",
            "14000a00240000000000000000000000" + "2c000000000000000000000004000000" + "44332211");
    assertThatThrownBy(() -> bar.read32(2)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> bar.read32(FakeServer.BAR_BYTES))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> function.bar(1)).hasMessage("vfio-user:/a has no memory BAR 1");
  }

  @Test
  void writesBothHalvesAtOnceWhereTheServerTakesThem() {
    server.answer(
        Command.VERSION,
        from -> server.reply(Version.plain().withWriteMultiple(true).write(from.body(), true)));
    server.answer(
        Command.REGION_WRITE_MULTI,
        from -> {
          RegionWrites.putCount(from.body(), 2);
          server.reply(RegionWrites.COUNT_BYTES);
        });
    open();
    server.taken();
    function.bar(0).write64(0x28, 0x1122334455667788L);
    assertThat(server.taken())
        .containsExactly(
            "11000f00480000000000000000000000"
                + "0200000000000000"
                + "28000000000000000000000004000000"
                + "8877665500000000"
                + "2c000000000000000000000004000000"
                + "4433221100000000");
    server.answer(
        Command.REGION_WRITE_MULTI,
        from -> {
          RegionWrites.putCount(from.body(), 1);
          server.reply(RegionWrites.COUNT_BYTES);
        });
    function.bar(0).write64(0x28, 0);
    assertThat(function.absence())
        .isEqualTo(
            "is gone: the server answers REGION_WRITE_MULTI with other writes than were asked for");
  }

  @Test
  void sharesTheDoorbells() {
    open();
    server.taken();
    Bar bar = function.bar(0);
    long doorbells = bar.mapping(0x1000, 0x1000).orElseThrow().address();
    OffHeap.putIntRelease(doorbells + 8, 77);
    assertThat(server.doorbell(8)).isEqualTo(77);
    bar.write32(0x1004, 78);
    assertThat(server.doorbell(4)).isEqualTo(78);
    assertThat(bar.read32(0x1008)).isEqualTo(77);
    assertThat(server.taken()).as("without a message").isEmpty();

    assertThat(bar.mapping(0, 8)).isEmpty();
    assertThat(bar.mapping(0x1ffc, 8)).isEmpty();
  }

  @Test
  void tellsOfMemoryAndTakesItBack() {
    open();
    server.taken();
    DmaMemory memory = function.dma().allocate(LARGE);
    assertThat(memory.iova()).isEqualTo(0x10000);
    OffHeap.putLong(memory.address() + 0x1008, 0x1234567890abcdefL);

    long other = Linux.mmap(server.memory.get(0x10000L), 0, 0x2000, false);
    assertThat(OffHeap.getLong(other + 0x1008)).isEqualTo(0x1234567890abcdefL);
    Linux.munmap(other, 0x2000);
    function.dma().free(memory);

    assertThat(server.taken())
        .containsExactly(
            "11000200300000000000000000000000"
                + "20000000030000000000000000000000"
                + "00000100000000000010100000000000",
            "12000300280000000000000000000000"
                + "1800000000000000"
                + "00000100000000000010100000000000");
    assertThat(server.memory).isEmpty();
  }

  @Test
  void raisesInterrupts() {
    open();
    server.taken();
    assertThat(function.enableInterrupts(11)).isEqualTo(11);
    assertThat(server.taken())
        .startsWith(
            "11000800240000000000000000000000" + "1400000024000000020000000000000008000000",
            "12000800240000000000000000000000" + "1400000024000000020000000800000003000000");
    Interrupt last = function.interrupt(10);
    Interrupt first = function.interrupt(0);
    Events.raise(server.events[10]);
    assertThat(last.await(TIMEOUT.toNanos())).isTrue();
    assertThat(first.await(0)).isFalse();
    Events.raise(server.events[0]);
    assertThat(first.await(TIMEOUT.toNanos())).isTrue();
    assertThatThrownBy(() -> function.enableInterrupts(1))
        .hasMessage("the interrupts of vfio-user:/a are enabled already");
  }

  @Test
  void resetsAndSetsTheVectorsAnew() {
    open();
    server.taken();
    function.reset();
    assertThat(server.taken())
        .startsWith(
            "11000d00100000000000000000000000",
            "12000800240000000000000000000000" + "1400000024000000020000000000000001000000");
    server.answer(Command.DEVICE_RESET, _ -> server.refuse(95));
    assertThatThrownBy(function::reset)
        .isInstanceOf(ResetFailedException.class)
        .hasMessage(
            "vfio-user:/a: the server refuses DEVICE_RESET(): Operation not supported (errno 95)");
    assertThat(function.isPresent()).isTrue();
  }

  @Test
  void letsTheServerReadAndWriteMemory() throws Exception {
    open();
    DmaMemory memory = function.dma().allocate(LARGE);
    OffHeap.putLong(memory.address() + 8, 0x1122334455667788L);
    server.taken();
    server.ask(9, Command.DMA_READ, body -> DmaAccess.write(body, 0x10008, 8), 16);
    assertThat(server.awaitMessage())
        .isEqualTo(
            "09000b00280000000100000000000000"
                + "08000100000000000800000000000000"
                + "8877665544332211");
    server.ask(
        10,
        Command.DMA_WRITE,
        body -> {
          DmaAccess.write(body, 0x110ff8, 8);
          OffHeap.putLong(DmaAccess.data(body), -2);
        },
        24);
    assertThat(server.awaitMessage())
        .isEqualTo("0a000c00200000000100000000000000" + "f80f1100000000000800000000000000");
    assertThat(OffHeap.getLong(memory.address() + 0x100ff8)).isEqualTo(-2);

    server.ask(11, Command.DMA_READ, body -> DmaAccess.write(body, 0x110ffc, 8), 16);
    assertThat(server.awaitMessage()).isEqualTo("0b000b0010000000210000000e000000");
    server.ask(12, Command.DMA_READ, body -> DmaAccess.write(body, 0x10000, 0x100001), 16);
    assertThat(server.awaitMessage()).isEqualTo("0c000b00100000002100000016000000");
    server.ask(13, Command.DMA_READ, body -> DmaAccess.write(body, -8, 16), 16);
    assertThat(server.awaitMessage()).isEqualTo("0d000b0010000000210000000e000000");
    assertThat(function.isPresent()).isTrue();
  }

  @Test
  void answersWhileItWaitsForAnAnswer() {
    open();
    DmaMemory memory = function.dma().allocate(LARGE);
    OffHeap.putLong(memory.address(), 42);
    FakeServer.Answer usual = server.usual(Command.REGION_READ);
    server.answer(
        Command.REGION_READ,
        from -> {
          int id = from.id();
          long[] request = {OffHeap.getLong(from.received()), OffHeap.getLong(from.received() + 8)};
          server.ask(77, Command.DMA_READ, body -> DmaAccess.write(body, 0x10000, 8), 16);
          while (!from.receive()) {
            from.await(TIMEOUT.toNanos());
          }
          assertThat(from.id()).isEqualTo(77);
          long read = OffHeap.getLong(DmaAccess.data(from.received()));
          OffHeap.putLong(from.body(), request[0]);
          OffHeap.putLong(from.body() + 8, request[1]);
          OffHeap.putInt(from.body() + 16, (int) read);
          from.send(id, Command.REGION_READ, MessageSocket.FLAG_REPLY, 0, 20, TIMEOUT);
        });
    assertThat(function.bar(0).read32(0x1c)).isEqualTo(42);
    server.answer(Command.REGION_READ, usual);
  }

  @Test
  void talksToTheServerByASecondSocket() throws Exception {
    LocalSocket[] twin = LocalSocket.pair();
    server.answer(
        Command.VERSION,
        from ->
            server.reply(
                Version.plain().withTwinSocket(true, 0).write(from.body(), true), twin[1].fd()));
    open();
    twin[1].close();
    DmaMemory memory = function.dma().allocate(LARGE);
    OffHeap.putLong(memory.address(), 42);
    try (MessageSocket asks = new MessageSocket(twin[0], 4096, 1)) {
      FakeServer.Answer usual = server.usual(Command.DMA_MAP);
      server.answer(
          Command.DMA_MAP,
          from -> {
            // While the client waits for the answer on the first.
            DmaAccess.write(asks.body(), 0x10000, 8);
            asks.send(5, Command.DMA_READ, MessageSocket.FLAG_COMMAND, 0, 16, TIMEOUT);
            while (!asks.receive()) {
              asks.await(TIMEOUT.toNanos());
            }
            assertThat(OffHeap.getLong(DmaAccess.data(asks.received()))).isEqualTo(42);
            usual.to(from);
          });
      DmaMemory more = function.dma().allocate(LARGE);
      assertThat(more.iova()).isEqualTo(0x111000);
    }
    awaitAbsence();
    assertThat(function.absence()).isEqualTo("is gone: the server has closed the connection");
  }

  private void awaitAbsence() {
    long start = System.nanoTime();
    while (function.isPresent()) {
      assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(60));
      Thread.onSpinWait();
    }
  }

  @Test
  void noticesByItselfThatTheServerDies() {
    open();
    assertThat(function.enableInterrupts(2)).isEqualTo(2);
    Interrupt interrupt = function.interrupt(1);
    long doorbells = function.bar(0).mapping(0x1000, 0x1000).orElseThrow().address();
    assertThat(function.poll()).isZero();
    server.die();
    assertThat(interrupt.await(TIMEOUT.toNanos())).as("who waits is woken").isTrue();
    assertThat(function.isPresent()).isFalse();
    assertThat(function.absence()).isEqualTo("is gone: the server has closed the connection");
    assertThat(function.poll()).as("told once").isEqualTo(1);
    assertThat(function.poll()).isZero();

    assertThat(function.bar(0).read32(0x1c)).isEqualTo(-1);
    assertThat(function.bar(0).read32(0x1000)).isEqualTo(-1);
    assertThat(OffHeap.getInt(doorbells)).isEqualTo(-1);
    OffHeap.putInt(doorbells, 1);
    assertThat(function.config().isPresent()).isFalse();
    assertThat(function.interruptVectors()).isZero();
    assertThatThrownBy(() -> function.dma().allocate(LARGE))
        .isInstanceOf(VfioUserException.class)
        .hasMessage("vfio-user:/a: the server has closed the connection");
  }

  @Test
  void leavesNothingBehind() throws Exception {
    long mappings = FakeServer.mappedFiles();
    open();
    function.enableInterrupts(9);
    Interrupt interrupt = function.interrupt(8);
    DmaMemory memory = function.dma().allocate(1 << 20);
    function.dma().free(memory);
    assertThat(function.dma().allocate(100).size()).isEqualTo(100);
    function.close();
    function.close();
    interrupt.close();
    server.close();
    assertThat(FakeServer.mappedFiles()).isEqualTo(mappings);
    assertThat(FakeServer.openDescriptors()).isEqualTo(descriptors - 3);
    assertThat(function.isPresent()).isFalse();
    assertThat(function.bar(0).read32(0x1000)).isEqualTo(-1);
  }
}
