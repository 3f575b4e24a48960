package sluice.vfio.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/**
 * What a server says that has made sense at first: it ends in one line, and leaves nothing behind.
 */
class NonsenseLaterTest extends NonsenseServer {
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
}
