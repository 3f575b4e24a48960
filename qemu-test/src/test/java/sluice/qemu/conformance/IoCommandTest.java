package sluice.qemu.conformance;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.spec.StatusCode;
import sluice.vfio.DmaMemory;

/** The I/O commands (NVM Express 1.4, section 6), one at a time. */
class IoCommandTest extends ConformanceTest {
  private static final int BLOCKS = 24;

  private NvmeController controller;
  private Namespace namespace;
  private Pump pump;
  private IoQueue queue;
  private DmaMemory memory;

  private void begin(TestDrive drive) {
    controller = open(drive);
    namespace = controller.namespace(1);
    pump = pump(controller, 8);
    queue = pump.queue();
    memory = controller.dma().allocate(1 << 20);
  }

  private long bytes(int blocks) {
    return (long) blocks * namespace.blockSize();
  }

  private void write(Namespace to, long lba, int blocks, long seed) {
    Bytes.fill(memory, 0, bytes(blocks), seed);
    pump.succeed(tag -> queue.write(to, lba, blocks, memory, 0, tag));
  }

  private void assertHolds(Namespace in, long lba, int blocks, long seed) {
    Bytes.fill(memory, 0, bytes(blocks), ~seed);
    pump.succeed(tag -> queue.read(in, lba, blocks, memory, 0, tag));
    assertThat(Bytes.mismatch(memory, 0, bytes(blocks), seed))
        .as("blocks %d to %d of namespace %d", lba, lba + blocks - 1, in.id())
        .isEqualTo(Bytes.NONE);
  }

  @ParameterizedTest
  @EnumSource(names = "BLOCKS_OF.*", mode = Mode.MATCH_ALL)
  void whatIsWrittenIsRead(TestDrive drive) {
    begin(drive);
    write(namespace, 10, BLOCKS, 1);
    write(namespace, 10 + BLOCKS, BLOCKS, 2);
    assertHolds(namespace, 10, BLOCKS, 1);
    assertHolds(namespace, 10 + BLOCKS, BLOCKS, 2);
  }

  @ParameterizedTest
  @EnumSource(names = "BLOCKS_OF.*", mode = Mode.MATCH_ALL)
  void theFirstAndTheLastBlock(TestDrive drive) {
    begin(drive);
    long last = namespace.blocks() - 1;
    write(namespace, 0, 1, 3);
    write(namespace, last, 1, 4);
    assertHolds(namespace, 0, 1, 3);
    assertHolds(namespace, last, 1, 4);
    write(namespace, last - BLOCKS + 1, BLOCKS, 5);
    assertHolds(namespace, last - BLOCKS + 1, BLOCKS, 5);
  }

  @ParameterizedTest
  @EnumSource(names = "BLOCKS_OF.*", mode = Mode.MATCH_ALL)
  void writesWithForceUnitAccess(TestDrive drive) {
    begin(drive);
    Bytes.fill(memory, 0, bytes(BLOCKS), 6);
    pump.succeed(tag -> queue.writeFua(namespace, 100, BLOCKS, memory, 0, tag));
    assertHolds(namespace, 100, BLOCKS, 6);
  }

  @Test
  void flushes() {
    begin(TestDrive.BLOCKS_OF_512);
    pump.succeed(tag -> queue.flush(namespace, tag));
    write(namespace, 0, BLOCKS, 7);
    pump.succeed(tag -> queue.flush(namespace, tag));
    pump.succeed(tag -> queue.flush(namespace, tag));
    assertHolds(namespace, 0, BLOCKS, 7);
  }

  @ParameterizedTest
  @EnumSource(names = "BLOCKS_OF.*", mode = Mode.MATCH_ALL)
  void zeroesBlocksAndNoOthers(TestDrive drive) {
    begin(drive);
    for (boolean deallocate : new boolean[] {false, true}) {
      for (int blocks : new int[] {1, 3, 20}) {
        write(namespace, 0, BLOCKS, 8);
        pump.succeed(tag -> queue.writeZeroes(namespace, 2, blocks, deallocate, tag));
        assertHolds(namespace, 2, blocks, Bytes.ZEROS);
        assertPartHolds(0, 2, 8);
        assertPartHolds(2 + blocks, BLOCKS - 2 - blocks, 8);
      }
    }
  }

  /** As {@link #assertHolds}, of a part of what was written to block 0 and on. */
  private void assertPartHolds(int first, int blocks, long seed) {
    pump.succeed(tag -> queue.read(namespace, 0, BLOCKS, memory, 0, tag));
    long size = bytes(BLOCKS);
    Bytes.fill(memory, size, size, seed);
    long offset = bytes(first);
    assertThat(
            memory
                .segment()
                .asSlice(offset, bytes(blocks))
                .mismatch(memory.segment().asSlice(size + offset, bytes(blocks))))
        .isEqualTo(-1);
  }

  @Test
  void zeroesAsMuchAsOneCommandCan() {
    begin(TestDrive.BLOCKS_OF_512);
    write(namespace, 65_535, 2, 9);
    pump.succeed(tag -> queue.writeZeroes(namespace, 0, 65_536, true, tag));
    assertHolds(namespace, 65_535, 1, Bytes.ZEROS);
    assertThatThrownBy(() -> queue.writeZeroes(namespace, 0, 65_537, true, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("65536");
  }

  @ParameterizedTest
  @EnumSource(names = "BLOCKS_OF.*", mode = Mode.MATCH_ALL)
  void deallocatesBlocksAndNoOthers(TestDrive drive) {
    begin(drive);
    write(namespace, 0, BLOCKS, 10);
    pump.succeed(tag -> queue.deallocate(namespace, 8, 8, tag));
    assertPartHolds(0, 8, 10);
    assertPartHolds(16, BLOCKS - 16, 10);
    if ((namespace.identify().dlfeat() & 7) == 1) {
      assertHolds(namespace, 8, 8, Bytes.ZEROS);
    }
    write(namespace, 8, 8, 11);
    assertHolds(namespace, 8, 8, 11);
  }

  @ParameterizedTest
  @EnumSource(names = "BLOCKS_OF.*", mode = Mode.MATCH_ALL)
  void comparesBlocks(TestDrive drive) {
    begin(drive);
    write(namespace, 50, BLOCKS, 12);
    pump.succeed(tag -> queue.compare(namespace, 50, BLOCKS, memory, 0, tag));
    for (long at : new long[] {0, bytes(1), bytes(BLOCKS) - 1}) {
      byte right = memory.segment().get(JAVA_BYTE, at);
      memory.segment().set(JAVA_BYTE, at, (byte) ~right);
      int status = pump.run(tag -> queue.compare(namespace, 50, BLOCKS, memory, 0, tag));
      assertStatus(status, StatusCode.COMPARE_FAILURE);
      memory.segment().set(JAVA_BYTE, at, right);
    }
    pump.succeed(tag -> queue.compare(namespace, 50, BLOCKS, memory, 0, tag));
    assertHolds(namespace, 50, BLOCKS, 12);
  }

  @Test
  void namespacesDoNotShareBlocks() {
    begin(TestDrive.TWO_NAMESPACES);
    Namespace second = controller.namespace(2);
    for (long lba : new long[] {0, 1000, namespace.blocks() - BLOCKS}) {
      write(namespace, lba, BLOCKS, 13);
      write(second, lba, BLOCKS, 14);
      assertHolds(namespace, lba, BLOCKS, 13);
      assertHolds(second, lba, BLOCKS, 14);
      pump.succeed(tag -> queue.writeZeroes(second, lba, BLOCKS, false, tag));
      assertHolds(namespace, lba, BLOCKS, 13);
    }
    pump.succeed(tag -> queue.flush(second, tag));
  }

  @Test
  void whatIsOutOfRangeIsRefusedBeforeTheDriveSeesIt() {
    begin(TestDrive.BLOCKS_OF_512);
    long blocks = namespace.blocks();
    assertOutOfRange(() -> queue.read(namespace, blocks, 1, memory, 0, 0));
    assertOutOfRange(() -> queue.write(namespace, blocks - 1, 2, memory, 0, 0));
    assertOutOfRange(() -> queue.writeFua(namespace, -1, 1, memory, 0, 0));
    assertOutOfRange(() -> queue.compare(namespace, Long.MAX_VALUE, 1, memory, 0, 0));
    assertOutOfRange(() -> queue.read(namespace, 0, 0, memory, 0, 0));
    assertOutOfRange(() -> queue.read(namespace, 0, -1, memory, 0, 0));
    assertOutOfRange(() -> queue.writeZeroes(namespace, blocks - 7, 8, false, 0));
    assertOutOfRange(() -> queue.deallocate(namespace, blocks, 1, 0));
    assertOutOfRange(() -> queue.read(namespace, 0, 2, memory, memory.size() - 512, 0));
    assertOutOfRange(() -> queue.read(namespace, 0, 2, memory, -512, 0));
    assertThatThrownBy(() -> queue.read(namespace, 0, 1, memory, 2, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("multiple of 4, not at 2");
    assertThat(queue.outstanding()).isZero();
  }

  private static void assertOutOfRange(ThrowingCallable request) {
    assertThatThrownBy(request).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
