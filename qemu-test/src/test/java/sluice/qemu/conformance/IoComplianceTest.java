package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.nvme.spec.StatusCode.ABORTED_FAILED_FUSED;
import static sluice.nvme.spec.StatusCode.ABORTED_MISSING_FUSED;
import static sluice.nvme.spec.StatusCode.COMPARE_FAILURE;
import static sluice.nvme.spec.StatusCode.INVALID_FIELD;
import static sluice.nvme.spec.StatusCode.INVALID_NAMESPACE_OR_FORMAT;
import static sluice.nvme.spec.StatusCode.INVALID_OPCODE;
import static sluice.nvme.spec.StatusCode.INVALID_PRP_OFFSET;
import static sluice.nvme.spec.StatusCode.LBA_OUT_OF_RANGE;
import static sluice.nvme.spec.StatusCode.SUCCESS;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.DatasetManagementRange;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/** I/O commands as no driver should send them (NVM Express 1.4, sections 4.3 and 6). */
class IoComplianceTest extends PciConformanceTest {
  private static final int BROADCAST = 0xffffffff;
  private static final int PAGE = 4096;
  private static final long BLOCKS = (64L << 20) / 512;

  /** Of the drive, whose MDTS is two pages. */
  private static final int MOST_BLOCKS = 16;

  private RawController raw;
  private RawQueue queue;
  private DmaMemory memory;

  @BeforeEach
  void open() {
    raw = openRaw(TestDrive.SMALL_TRANSFERS);
    queue = raw.createQueue(1, 16);
    memory = raw.allocate(8 * PAGE);
  }

  /** A command on blocks with enough memory for its data. */
  private RawCommand command(int opcode, long lba, int count) {
    return new RawCommand(opcode).nsid(1).prps(memory.iova(), memory.iova(PAGE)).blocks(lba, count);
  }

  private RawCommand read(long lba, int count) {
    return command(IoOpcode.READ, lba, count);
  }

  /** A read of two pages from an offset on, so that there is a list of two entries. */
  private RawCommand readByList(long firstEntry, long secondEntry) {
    return readByListAt(4L * PAGE, firstEntry, secondEntry);
  }

  private RawCommand readByListAt(long offset, long firstEntry, long secondEntry) {
    memory.segment().set(ValueLayout.JAVA_LONG_UNALIGNED, offset, firstEntry);
    memory.segment().set(ValueLayout.JAVA_LONG_UNALIGNED, offset + 8, secondEntry);
    return read(0, MOST_BLOCKS).prps(memory.iova(512), memory.iova(offset));
  }

  private RawCommand deallocate(long lba, long count) {
    DatasetManagementRange.attributes(memory.address(), 0);
    DatasetManagementRange.slba(memory.address(), lba);
    DatasetManagementRange.length(memory.address(), count);
    return new RawCommand(IoOpcode.DATASET_MANAGEMENT)
        .nsid(1)
        .prps(memory.iova(), 0)
        .cdw(11, DatasetManagementRange.DEALLOCATE);
  }

  private static Stream<Misuse<IoComplianceTest>> misuses() {
    return Stream.concat(Stream.concat(commands(), ranges()), data());
  }

  private static Stream<Misuse<IoComplianceTest>> commands() {
    return Stream.of(
        Misuse.of("opcode 7fh", INVALID_OPCODE, t -> t.command(0x7f, 0, 1)),
        Misuse.of("a vendor's opcode", INVALID_OPCODE, t -> t.command(0xff, 0, 1)),
        // QEMU has no fused commands.
        Misuse.of(
            "half of a fused command",
            ABORTED_MISSING_FUSED,
            INVALID_FIELD,
            t -> t.read(0, 1).flags(0x01)),
        Misuse.of("namespace 0", INVALID_NAMESPACE_OR_FORMAT, t -> t.read(0, 1).nsid(0)),
        Misuse.of(
            "a namespace beyond NN",
            INVALID_NAMESPACE_OR_FORMAT,
            t -> t.read(0, 1).nsid(t.lastNamespace() + 1)),
        Misuse.of("Read of all namespaces", INVALID_FIELD, t -> t.read(0, 1).nsid(BROADCAST)),
        Misuse.of(
            "Flush of namespace 0",
            INVALID_NAMESPACE_OR_FORMAT,
            t -> new RawCommand(IoOpcode.FLUSH)));
  }

  private static Stream<Misuse<IoComplianceTest>> ranges() {
    return Stream.of(
        Misuse.of("Read behind the end", LBA_OUT_OF_RANGE, t -> t.read(BLOCKS, 1)),
        Misuse.of("Read across the end", LBA_OUT_OF_RANGE, t -> t.read(BLOCKS - 1, 2)),
        Misuse.of("Read of the last LBA there is", LBA_OUT_OF_RANGE, t -> t.read(-1, 1)),
        Misuse.of("Read across the last LBA there is", LBA_OUT_OF_RANGE, t -> t.read(-1, 2)),
        Misuse.of(
            "Write across the end",
            LBA_OUT_OF_RANGE,
            t -> t.command(IoOpcode.WRITE, BLOCKS - 7, 8)),
        Misuse.of(
            "Compare across the end",
            LBA_OUT_OF_RANGE,
            t -> t.command(IoOpcode.COMPARE, BLOCKS - 7, 8)),
        Misuse.of(
            "Write Zeroes across the end",
            LBA_OUT_OF_RANGE,
            t -> t.command(IoOpcode.WRITE_ZEROES, BLOCKS - 7, 8)),
        Misuse.of(
            "Verify across the end",
            LBA_OUT_OF_RANGE,
            t -> t.command(IoOpcode.VERIFY, BLOCKS - 7, 8)),
        // QEMU passes over ranges that cannot be.
        Misuse.of(
            "Dataset Management across the end",
            LBA_OUT_OF_RANGE,
            SUCCESS,
            t -> t.deallocate(BLOCKS - 7, 8)));
  }

  private static Stream<Misuse<IoComplianceTest>> data() {
    return Stream.of(
        Misuse.of("Read of more than MDTS", INVALID_FIELD, t -> t.read(0, MOST_BLOCKS + 1)),
        Misuse.of("Read of 65536 blocks", INVALID_FIELD, t -> t.read(0, 65_536)),
        Misuse.of(
            "Write of more than MDTS",
            INVALID_FIELD,
            t -> t.command(IoOpcode.WRITE, 0, MOST_BLOCKS + 1)),
        Misuse.of(
            "Compare of more than MDTS",
            INVALID_FIELD,
            t -> t.command(IoOpcode.COMPARE, 0, MOST_BLOCKS + 1)),
        Misuse.of(
            "an offset in PRP2",
            INVALID_PRP_OFFSET,
            t -> t.read(0, MOST_BLOCKS).prps(t.memory.iova(), t.memory.iova(PAGE + 512))),
        // QEMU reads it from there, so that whole entries have to be there.
        Misuse.of(
            "a list at an odd address",
            INVALID_PRP_OFFSET,
            SUCCESS,
            t -> t.readByListAt(4L * PAGE + 4, t.memory.iova(PAGE), t.memory.iova(2 * PAGE))),
        Misuse.of(
            "an offset in a list's first entry",
            INVALID_PRP_OFFSET,
            t -> t.readByList(t.memory.iova(PAGE + 4), t.memory.iova(2 * PAGE))),
        Misuse.of(
            "an offset in a list's last entry",
            INVALID_PRP_OFFSET,
            t -> t.readByList(t.memory.iova(PAGE), t.memory.iova(2 * PAGE + 2048))));
  }

  private int lastNamespace() {
    RawCommand identify = new RawCommand(AdminOpcode.IDENTIFY).prps(memory.iova(), 0).cdw(10, 1);
    raw.requireSuccess(identify);
    return (int) new IdentifyController(memory.segment().asSlice(0, PAGE)).nn();
  }

  private void requireSuccess(RawCommand command) {
    assertStatus(queue.execute(command).status(), SUCCESS);
  }

  @ParameterizedTest
  @MethodSource("misuses")
  void isRefused(Misuse<IoComplianceTest> misuse) {
    RawCommand command = misuse.command().apply(this);
    assertStatus(queue.execute(command).status(), misuse.expectedOn(rig));
    requireSuccess(read(0, MOST_BLOCKS));
  }

  @Test
  void whatIsRightSucceeds() {
    requireSuccess(read(0, 1));
    requireSuccess(read(BLOCKS - MOST_BLOCKS, MOST_BLOCKS));
    requireSuccess(command(IoOpcode.WRITE_ZEROES, 0, 65_536));
    requireSuccess(command(IoOpcode.VERIFY, 0, 8));
    requireSuccess(deallocate(BLOCKS - 8, 8));
    requireSuccess(new RawCommand(IoOpcode.FLUSH).nsid(1));
    requireSuccess(new RawCommand(IoOpcode.FLUSH).nsid(BROADCAST));
    requireSuccess(readByList(memory.iova(PAGE), memory.iova(2 * PAGE)));
  }

  private static final int FIRST = 0x01;
  private static final int SECOND = 0x02;

  /** The statuses of a Compare with the second page and a Write of the third, fused. */
  private void assertFused(StatusCode compare, StatusCode write) {
    RawCommand first = command(IoOpcode.COMPARE, 64, 8).prps(memory.iova(PAGE), 0).flags(FIRST);
    RawCommand second = command(IoOpcode.WRITE, 64, 8).prps(memory.iova(2 * PAGE), 0).flags(SECOND);
    List<RawQueue.Completion> both = queue.executeBoth(first, second);
    // QEMU has no fused commands, and says so in FUSES.
    assertStatus(both.get(0).status(), qemuHas(INVALID_FIELD, compare));
    assertStatus(both.get(1).status(), qemuHas(INVALID_FIELD, write));
  }

  private byte firstByte() {
    requireSuccess(read(64, 8));
    return OffHeap.getByte(memory.address());
  }

  @Test
  void compareAndWriteFusedWritesOnlyWhereAllIsAsExpected() {
    RawCommand identify = new RawCommand(AdminOpcode.IDENTIFY).prps(memory.iova(), 0).cdw(10, 1);
    raw.requireSuccess(identify);
    int fuses = new IdentifyController(memory.segment().asSlice(0, PAGE)).fuses();
    assertThat(fuses).isEqualTo(qemuHas(0, 1));
    requireSuccess(command(IoOpcode.WRITE_ZEROES, 64, 8));
    memory.segment().asSlice(2L * PAGE, PAGE).fill((byte) 0x77);
    OffHeap.putByte(memory.address() + PAGE + 511, (byte) 1);
    assertFused(COMPARE_FAILURE, ABORTED_FAILED_FUSED);
    assertThat(firstByte()).isZero();
    OffHeap.putByte(memory.address() + PAGE + 511, (byte) 0);
    assertFused(SUCCESS, SUCCESS);
    assertThat(firstByte()).isEqualTo(qemuHas((byte) 0, (byte) 0x77));
  }

  @Test
  void halvesOfFusedCommandsAreAborted() {
    StatusCode expected = qemuHas(INVALID_FIELD, ABORTED_MISSING_FUSED);
    RawCommand second = command(IoOpcode.WRITE, 64, 8).flags(SECOND);
    assertStatus(queue.execute(second).status(), expected);
    List<RawQueue.Completion> both =
        queue.executeBoth(command(IoOpcode.COMPARE, 64, 8).flags(FIRST), read(64, 8));
    assertStatus(both.get(0).status(), expected);
    assertStatus(both.get(1).status(), SUCCESS);
    RawQueue other = raw.createQueue(2, 16);
    int first = queue.submit(command(IoOpcode.COMPARE, 64, 8).flags(FIRST));
    assertStatus(other.execute(command(IoOpcode.WRITE, 64, 8).flags(SECOND)).status(), expected);
    assertStatus(queue.await(first).status(), expected);
  }

  @Test
  void aListMayBeginAnywhereInAPage() {
    requireSuccess(command(IoOpcode.WRITE_ZEROES, 0, MOST_BLOCKS));
    long list = memory.address() + 5L * PAGE - 16;
    OffHeap.putLong(list, memory.iova(2 * PAGE));
    OffHeap.putLong(list + 8, memory.iova(PAGE));
    memory.segment().asSlice(0, 4 * PAGE).fill((byte) 1);
    requireSuccess(read(0, MOST_BLOCKS).prps(memory.iova(PAGE - 512), memory.iova(5L * PAGE - 16)));
    // 512 bytes at the first page's end, then the third page, then the second but for 512 bytes.
    assertThat(Bytes.mismatch(memory, PAGE - 512, 2 * PAGE, Bytes.ZEROS)).isEqualTo(PAGE);
    assertThat(Bytes.mismatch(memory, 2 * PAGE, PAGE, Bytes.ZEROS)).isEqualTo(Bytes.NONE);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 255, 256})
  void manyRangesAreDeallocatedAtOnce(int count) {
    for (int i = 0; i < count; i++) {
      long range = memory.address() + (long) i * DatasetManagementRange.BYTES;
      DatasetManagementRange.attributes(range, 0);
      DatasetManagementRange.slba(range, i * 16L);
      DatasetManagementRange.length(range, 8);
    }
    requireSuccess(
        new RawCommand(IoOpcode.DATASET_MANAGEMENT)
            .nsid(1)
            .prps(memory.iova(), 0)
            .cdw(10, count - 1)
            .cdw(11, DatasetManagementRange.DEALLOCATE));
  }
}
