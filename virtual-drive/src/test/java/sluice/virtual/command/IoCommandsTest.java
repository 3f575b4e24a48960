package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.spec.DatasetManagementRange;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.virtual.pci.Host;

class IoCommandsTest {
  private static final long BLOCKS = 16384;
  private static final int INVALID_FIELD = StatusCode.INVALID_FIELD.statusDnr();
  private static final int INVALID_NAMESPACE = StatusCode.INVALID_NAMESPACE_OR_FORMAT.statusDnr();
  private static final int OUT_OF_RANGE = StatusCode.LBA_OUT_OF_RANGE.statusDnr();

  /** Two namespaces of 8 MiB, blocks of 512 bytes, transfers of up to 128 KiB. */
  private final Host host = Host.ready(new DriveSettings().namespaces(2));

  private final Host.Queue queue = host.createQueue(1, 16);
  private final DmaMemory data = host.memory(4096);

  @AfterEach
  void close() {
    host.close();
  }

  private int run(int opcode, int nsid, long lba, int blocks, int flags) {
    host.post(queue, opcode, nsid, lba, blocks, flags, data);
    return host.finish(queue).status();
  }

  @Test
  void opcodesThatAreNotThere() {
    for (int opcode : new int[] {0x03, 0x04, 0x0d, 0x0e, 0x11, 0x15, 0x7f, 0x80, 0xff}) {
      assertThat(run(opcode, 1, 0, 1, 0))
          .as(IoOpcode.name(opcode))
          .isEqualTo(StatusCode.INVALID_OPCODE.statusDnr());
    }
  }

  @Test
  void namespacesThatAreNotThere() {
    int[] opcodes = {
      IoOpcode.READ,
      IoOpcode.WRITE,
      IoOpcode.COMPARE,
      IoOpcode.WRITE_ZEROES,
      IoOpcode.DATASET_MANAGEMENT,
      IoOpcode.VERIFY
    };
    for (int opcode : opcodes) {
      for (int nsid : new int[] {0, 3, 0xfffffffe}) {
        assertThat(run(opcode, nsid, 0, 1, 0))
            .as(IoOpcode.name(opcode))
            .isEqualTo(INVALID_NAMESPACE);
      }
      assertThat(run(opcode, 0xffffffff, 0, 1, 0))
          .as("%s of all namespaces", IoOpcode.name(opcode))
          .isEqualTo(INVALID_FIELD);
    }
    assertThat(run(IoOpcode.FLUSH, 0, 0, 1, 0)).isEqualTo(INVALID_NAMESPACE);
    assertThat(run(IoOpcode.FLUSH, 3, 0, 1, 0)).isEqualTo(INVALID_NAMESPACE);
    assertThat(run(IoOpcode.FLUSH, 2, 0, 1, 0)).isZero();
    assertThat(run(IoOpcode.FLUSH, 0xffffffff, 0, 1, 0)).as("all namespaces").isZero();
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        IoOpcode.READ,
        IoOpcode.WRITE,
        IoOpcode.COMPARE,
        IoOpcode.WRITE_ZEROES,
        IoOpcode.VERIFY
      })
  void blocksOutOfRange(int opcode) {
    for (int nsid = 1; nsid <= 2; nsid++) {
      assertThat(run(opcode, nsid, BLOCKS - 1, 1, 0)).as("the last block").isZero();
      assertThat(run(opcode, nsid, BLOCKS - 8, 8, 0)).as("the last page").isZero();
      assertThat(run(opcode, nsid, BLOCKS, 1, 0)).isEqualTo(OUT_OF_RANGE);
      assertThat(run(opcode, nsid, BLOCKS - 7, 8, 0)).isEqualTo(OUT_OF_RANGE);
      assertThat(run(opcode, nsid, -1, 1, 0)).isEqualTo(OUT_OF_RANGE);
      assertThat(run(opcode, nsid, -1, 8, 0))
          .as("around the end of numbers")
          .isEqualTo(OUT_OF_RANGE);
      assertThat(run(opcode, nsid, Long.MIN_VALUE, 1, 0)).isEqualTo(OUT_OF_RANGE);
      assertThat(run(opcode, nsid, Long.MAX_VALUE, 8, 0)).isEqualTo(OUT_OF_RANGE);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {IoOpcode.READ, IoOpcode.WRITE, IoOpcode.COMPARE})
  void transfersAboveTheLimit(int opcode) {
    assertThat(run(opcode, 1, 0, 257, 0)).isEqualTo(INVALID_FIELD);
    assertThat(run(opcode, 1, 0, 65536, 0)).isEqualTo(INVALID_FIELD);
  }

  @Test
  void writeZeroesAndVerifyHaveNoTransferLimit() {
    assertThat(run(IoOpcode.WRITE_ZEROES, 1, 0, (int) BLOCKS, 0)).isZero();
    assertThat(run(IoOpcode.VERIFY, 1, 0, (int) BLOCKS, 0)).isZero();
  }

  @Test
  void prpsThatCannotBe() {
    int opcode = IoOpcode.WRITE;
    int invalid = StatusCode.INVALID_PRP_OFFSET.statusDnr();
    assertThat(withPrps(opcode, 8, data.iova() + 2, 0)).isEqualTo(invalid);
    assertThat(withPrps(opcode, 16, data.iova(), data.iova() + 512)).isEqualTo(invalid);
    assertThat(withPrps(opcode, 24, data.iova(), data.iova() + 4)).isEqualTo(invalid);
    int fault = StatusCode.DATA_TRANSFER_ERROR.status();
    assertThat(withPrps(opcode, 8, 0x70000000L, 0)).isEqualTo(fault);
    assertThat(withPrps(opcode, 8, data.iova(8), 0)).as("its last bytes").isEqualTo(fault);
    assertThat(withPrps(IoOpcode.READ, 16, data.iova(), 0x70000000L)).isEqualTo(fault);
    assertThat(withPrps(IoOpcode.READ, 24, data.iova(), 0x70000000L)).isEqualTo(fault);
  }

  private int withPrps(int opcode, int blocks, long prp1, long prp2) {
    host.post(queue, opcode, 1, 0, blocks, 0, null);
    long entry = queue.sq.address() + 64L * ((queue.tail + 15) % 16);
    SubmissionEntry.prps(entry, prp1, prp2);
    return host.finish(queue).status();
  }

  @Test
  void sglsAndWhatIsReservedAreRefused() {
    for (int flags : new int[] {0x300, 0x4000, 0x8000}) {
      long entry = queue.begin(IoOpcode.FLUSH, 1);
      OffHeap.putInt(entry, OffHeap.getInt(entry) | flags);
      assertThat(host.finish(queue).status()).as("0x%x", flags).isEqualTo(INVALID_FIELD);
    }
  }

  @Test
  void namespacesAreApart() {
    Host.fill(data, 1);
    assertThat(run(IoOpcode.WRITE, 1, 0, 8, 0)).isZero();
    Host.fill(data, 2);
    assertThat(run(IoOpcode.WRITE, 2, 0, 8, 0)).isZero();
    assertThat(run(IoOpcode.COMPARE, 2, 0, 8, 0)).isZero();
    Host.fill(data, 1);
    assertThat(run(IoOpcode.COMPARE, 1, 0, 8, 0)).isZero();
    assertThat(run(IoOpcode.COMPARE, 2, 0, 8, 0)).isEqualTo(StatusCode.COMPARE_FAILURE.statusDnr());
  }

  @Test
  void compareFindsEveryDifference() {
    Host.fill(data, 5);
    assertThat(run(IoOpcode.WRITE, 1, 40, 8, 0)).isZero();
    for (long at : new long[] {0, 1, 511, 512, 4095}) {
      byte before = OffHeap.getByte(data.address() + at);
      OffHeap.putByte(data.address() + at, (byte) (before ^ 0x10));
      assertThat(run(IoOpcode.COMPARE, 1, 40, 8, 0))
          .as("byte %d", at)
          .isEqualTo(StatusCode.COMPARE_FAILURE.statusDnr());
      OffHeap.putByte(data.address() + at, before);
    }
    assertThat(run(IoOpcode.COMPARE, 1, 40, 8, 0)).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, IoCommand.DEALLOCATE, IoCommand.FUA})
  void writeZeroes(int flags) {
    Host.fill(data, 5);
    assertThat(run(IoOpcode.WRITE, 1, 0, 8, 0)).isZero();
    assertThat(run(IoOpcode.WRITE_ZEROES, 1, 2, 3, flags)).isZero();
    for (int i = 2 * 512; i < 5 * 512; i++) {
      OffHeap.putByte(data.address() + i, (byte) 0);
    }
    assertThat(run(IoOpcode.COMPARE, 1, 0, 8, 0)).isZero();
  }

  @Test
  void datasetManagement() {
    Host.fill(data, 5);
    assertThat(run(IoOpcode.WRITE, 1, 0, 8, 0)).isZero();
    DmaMemory ranges = host.memory(4096);
    DatasetManagementRange.length(ranges.address(), 2);
    DatasetManagementRange.slba(ranges.address(), 1);
    DatasetManagementRange.slba(ranges.address() + 16, BLOCKS);
    DatasetManagementRange.length(ranges.address() + 32, 1);
    DatasetManagementRange.slba(ranges.address() + 32, 7);
    assertThat(manage(ranges, 3, 0)).as("a hint only").isZero();
    assertThat(run(IoOpcode.COMPARE, 1, 0, 8, 0)).isZero();
    assertThat(manage(ranges, 3, DatasetManagementRange.DEALLOCATE)).isZero();
    OffHeap.zero(data.address() + 512, 1024);
    OffHeap.zero(data.address() + 7 * 512, 512);
    assertThat(run(IoOpcode.COMPARE, 1, 0, 8, 0)).isZero();

    DatasetManagementRange.slba(ranges.address() + 32, BLOCKS);
    assertThat(manage(ranges, 3, DatasetManagementRange.DEALLOCATE)).isEqualTo(OUT_OF_RANGE);
    DatasetManagementRange.length(ranges.address() + 32, 0xffffffffL);
    DatasetManagementRange.slba(ranges.address() + 32, 0);
    assertThat(manage(ranges, 3, DatasetManagementRange.DEALLOCATE)).isEqualTo(OUT_OF_RANGE);
    assertThat(manage(ranges, 2, DatasetManagementRange.DEALLOCATE)).isZero();
    assertThat(manage(host.memory(4096), 256, DatasetManagementRange.DEALLOCATE)).isZero();
  }

  private int manage(DmaMemory ranges, int count, int attributes) {
    long entry = queue.begin(IoOpcode.DATASET_MANAGEMENT, 1);
    SubmissionEntry.prps(entry, ranges.iova(), 0);
    SubmissionEntry.cdw(entry, 10, count - 1);
    SubmissionEntry.cdw(entry, 11, attributes);
    return host.finish(queue).status();
  }

  /** Data at offsets that leave blocks across pages, which takes the long way round. */
  @Test
  void dataThatIsNotAlignedToBlocks() {
    DmaMemory from = host.memory(16384);
    DmaMemory to = host.memory(16384);
    for (int offset = 4; offset < 4096; offset += 508) {
      Host.fill(from, offset);
      host.post(queue, IoOpcode.WRITE, 1, 64, 8, 0, null);
      long entry = queue.sq.address() + 64L * ((queue.tail + 15) % 16);
      // The second page is behind the first here, and apart from it.
      SubmissionEntry.prps(entry, from.iova(offset), from.iova(8192));
      assertThat(host.finish(queue).status()).isZero();
      host.post(queue, IoOpcode.READ, 1, 64, 8, 0, null);
      entry = queue.sq.address() + 64L * ((queue.tail + 15) % 16);
      SubmissionEntry.prps(entry, to.iova(0), 0);
      assertThat(host.finish(queue).status()).isZero();
      long first = 4096L - offset;
      assertThat(OffHeap.isEqual(to.address(), from.address() + offset, first)).isTrue();
      assertThat(OffHeap.isEqual(to.address() + first, from.address() + 8192, offset)).isTrue();
    }
  }

  @Test
  void randomCommandsAgreeWithAModel() {
    long seed = 11;
    SplittableRandom random = new SplittableRandom(seed);
    int[] model = new int[256];
    DmaMemory buffer = host.memory(4096);
    for (int round = 0; round < 20_000; round++) {
      int lba = random.nextInt(256);
      int blocks = 1 + random.nextInt(Math.min(8, 256 - lba));
      int opcode =
          switch (random.nextInt(5)) {
            case 0, 1 -> IoOpcode.WRITE;
            case 2 -> IoOpcode.WRITE_ZEROES;
            default -> IoOpcode.READ;
          };
      int value = random.nextInt();
      if (opcode == IoOpcode.WRITE) {
        for (int i = 0; i < blocks * 512; i += 4) {
          OffHeap.putInt(buffer.address() + i, value);
        }
      }
      host.post(queue, opcode, 1, lba, blocks, 0, buffer);
      assertThat(host.finish(queue).status()).isZero();
      for (int i = 0; i < blocks; i++) {
        if (opcode == IoOpcode.READ) {
          int at = i * 512 + 4 * random.nextInt(128);
          assertThat(buffer.segment().get(ValueLayout.JAVA_INT, at))
              .as("seed %d, round %d, block %d", seed, round, lba + i)
              .isEqualTo(model[lba + i]);
        } else {
          model[lba + i] = opcode == IoOpcode.WRITE ? value : 0;
        }
      }
    }
  }
}
