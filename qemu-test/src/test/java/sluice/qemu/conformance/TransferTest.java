package sluice.qemu.conformance;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/**
 * Data of every size at every place of a page (NVM Express 1.4, section 4.3): PRP1 alone, PRP1 and
 * PRP2, lists, and transfers that are split at MDTS.
 */
class TransferTest extends ConformanceTest {
  private static final long PAGE = 4096;
  private static final int GUARD = 8192;
  private static final long LBA = 333;

  /** Where in a page the data begins. */
  private static final long[] OFFSETS = {0, 4, 512, 2048, PAGE - 512, PAGE - 4};

  private static Stream<TestDrive> drives() {
    return Stream.of(TestDrive.BLOCKS_OF_512, TestDrive.BLOCKS_OF_4096, TestDrive.SMALL_TRANSFERS);
  }

  private static Stream<Arguments> drivesAndOffsets() {
    return drives()
        .flatMap(drive -> Arrays.stream(OFFSETS).mapToObj(offset -> Arguments.of(drive, offset)));
  }

  /** Sizes that fill pages, lists or commands exactly, and each with a block less and more. */
  private static long[] sizes(TestDrive drive) {
    long mdts = drive.maxTransferBytes();
    return LongStream.of(512, PAGE, 2 * PAGE, 3 * PAGE, mdts - PAGE, mdts, 2 * mdts, 3 * mdts)
        .flatMap(size -> LongStream.of(size - drive.blockSize(), size, size + drive.blockSize()))
        .filter(size -> size > 0 && size % drive.blockSize() == 0)
        .distinct()
        .toArray();
  }

  @ParameterizedTest
  @MethodSource("drivesAndOffsets")
  void everySizeArrivesAndNothingAround(TestDrive drive, long offset) {
    NvmeController controller = open(drive);
    Namespace namespace = controller.namespace(1);
    Pump pump = pump(controller, 8);
    IoQueue queue = pump.queue();
    long[] sizes = sizes(drive);
    long largest = Arrays.stream(sizes).max().orElseThrow();
    DmaMemory from = controller.dma().allocate(offset + largest);
    DmaMemory to = controller.dma().allocate(GUARD + offset + largest + GUARD);
    for (long size : sizes) {
      int blocks = (int) (size / drive.blockSize());
      Bytes.fill(from, offset, size, size);
      pump.succeed(tag -> queue.write(namespace, LBA, blocks, from, offset, tag));
      assertArrives(pump, namespace, blocks, to, offset, size);
      pump.succeed(tag -> queue.compare(namespace, LBA, blocks, from, offset, tag));
    }
  }

  /** Reads what was written with its size as the seed, between two guards. */
  private static void assertArrives(
      Pump pump, Namespace namespace, int blocks, DmaMemory to, long offset, long size) {
    long start = GUARD + offset;
    long behind = start + size;
    Bytes.fill(to, 0, start, 97);
    Bytes.fill(to, start, size, 98);
    Bytes.fill(to, behind, GUARD, 99);
    pump.succeed(tag -> pump.queue().read(namespace, LBA, blocks, to, start, tag));
    assertThat(Bytes.mismatch(to, start, size, size))
        .as("%d bytes at offset %d", size, offset)
        .isEqualTo(Bytes.NONE);
    assertThat(Bytes.mismatch(to, 0, start, 97))
        .as("what is before %d bytes at offset %d", size, offset)
        .isEqualTo(Bytes.NONE);
    assertThat(Bytes.mismatch(to, behind, GUARD, 99))
        .as("what is behind %d bytes at offset %d", size, offset)
        .isEqualTo(Bytes.NONE);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 16})
  void largeTransfersAreSplitAtEveryDepth(int depth) {
    NvmeController controller = open(TestDrive.SMALL_TRANSFERS);
    Namespace namespace = controller.namespace(1);
    Pump pump = pump(controller, depth);
    IoQueue queue = pump.queue();
    int size = 9 * 8192 + 512;
    int count = 5;
    DmaMemory memory = controller.dma().allocate((long) count * size);
    for (int i = 0; i < count; i++) {
      long offset = (long) i * size;
      Bytes.fill(memory, offset, size, i + 1);
      pump.submit(() -> queue.write(namespace, offset / 512, size / 512, memory, offset, offset));
    }
    pump.finish();
    assertThat(pump.takeSuccesses()).as("each is reported once").isEqualTo(count);
    OffHeap.zero(memory.address(), memory.size());
    for (int i = 0; i < count; i++) {
      long offset = (long) i * size;
      pump.submit(() -> queue.read(namespace, offset / 512, size / 512, memory, offset, offset));
    }
    pump.finish();
    assertThat(pump.takeSuccesses()).isEqualTo(count);
    for (int i = 0; i < count; i++) {
      assertThat(Bytes.mismatch(memory, (long) i * size, size, i + 1)).isEqualTo(Bytes.NONE);
    }
  }

  @Test
  void aSplitTransferThatFailsIsReportedOnce() {
    NvmeController controller = open(TestDrive.SMALL_TRANSFERS);
    Namespace namespace = controller.namespace(1);
    Pump pump = pump(controller, 2);
    IoQueue queue = pump.queue();
    int size = 20 * 8192;
    DmaMemory memory = controller.dma().allocate(size);
    Bytes.fill(memory, 0, size, 5);
    pump.succeed(tag -> queue.write(namespace, 0, size / 512, memory, 0, tag));
    OffHeap.putByte(memory.address() + 3 * 8192, (byte) ~memory.segment().get(JAVA_BYTE, 3 * 8192));
    for (int i = 0; i < 3; i++) {
      int status = pump.run(tag -> queue.compare(namespace, 0, size / 512, memory, 0, tag));
      assertStatus(status, StatusCode.COMPARE_FAILURE);
      assertThat(queue.outstanding()).isZero();
      pump.succeed(tag -> queue.read(namespace, 0, 1, memory, 512, tag));
    }
  }

  @Test
  void asManySplitTransfersAreOutAsThereIsRoomFor() {
    NvmeController controller = open(TestDrive.SMALL_TRANSFERS);
    Namespace namespace = controller.namespace(1);
    Pump pump = pump(controller, 8);
    DmaMemory memory = controller.dma().allocate(4 * 16384);
    for (long i = 0; i < 4; i++) {
      long tag = i;
      assertThat(pump.queue().read(namespace, 0, 32, memory, tag * 16384, tag))
          .as("request %d, of two commands, on a queue with room for eight", i)
          .isTrue();
    }
    assertThat(pump.queue().read(namespace, 0, 1, memory, 0, 4)).as("a ninth").isFalse();
    pump.finish();
    assertThat(pump.takeSuccesses()).isEqualTo(4);
  }
}
