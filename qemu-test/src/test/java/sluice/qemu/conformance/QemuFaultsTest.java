package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.nvme.ControllerOptions;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.Status;
import sluice.nvme.spec.StatusCode;
import sluice.qemu.BlockIo;
import sluice.qemu.QemuNvme;
import sluice.vfio.DmaMemory;

/** What QEMU can do to a drive from behind: media errors, removal, slowness. */
@Tag(GuestSuite.NOT_IN_GUESTS)
class QemuFaultsTest {
  private static final int DEPTH = 32;
  private static final int CHUNK = 16 << 10;

  /** Namespace 2 cannot read the block at 4096, and cannot write the one at 8192. */
  private static final String BAD_BLOCKS =
      "driver=blkdebug,"
          + "inject-error.0.event=none,inject-error.0.iotype=read,inject-error.0.sector=8,"
          + "inject-error.1.event=none,inject-error.1.iotype=write,inject-error.1.sector=16";

  /** Namespace 3 fails once to read the block at 4096, and once to flush. */
  private static final String BAD_ONCE =
      "driver=blkdebug,"
          + "inject-error.0.event=none,inject-error.0.iotype=read,inject-error.0.sector=8,"
          + "inject-error.0.once=on,"
          + "inject-error.1.event=none,inject-error.1.iotype=flush,inject-error.1.once=on";

  @RegisterExtension
  final QemuNvme qemu =
      QemuNvme.withDrive(drive ->
          drive
              .size("16M")
              .lba(4096)
              .namespace(ns -> ns.size("1M").lba(4096).filter(BAD_BLOCKS))
              .namespace(ns -> ns.size("1M").lba(4096).filter(BAD_ONCE)));

  private NvmeController controller;
  private DmaMemory memory;
  private Pump pump;
  private IoQueue queue;

  private void open(ControllerOptions options) {
    controller = PcieTransport.open(qemu.open(), options);
    memory = controller.dma().allocate(DEPTH * (long) CHUNK);
    queue = controller.createIoQueue(DEPTH);
    pump = new Pump(queue);
  }

  @AfterEach
  void close() {
    controller.close();
  }

  @Test
  void mediaErrorsAreNamed() {
    open(ControllerOptions.defaults());
    Namespace bad = controller.namespace(2);
    assertFails(StatusCode.UNRECOVERED_READ_ERROR, tag -> queue.read(bad, 1, 1, memory, 0, tag));
    assertFails(StatusCode.UNRECOVERED_READ_ERROR, tag -> queue.read(bad, 0, 4, memory, 0, tag));
    // QEMU does not tell why it could not compare.
    assertFails(StatusCode.INTERNAL_ERROR, tag -> queue.compare(bad, 1, 1, memory, 0, tag));
    assertFails(StatusCode.WRITE_FAULT, tag -> queue.write(bad, 2, 1, memory, 0, tag));
    assertFails(StatusCode.WRITE_FAULT, tag -> queue.writeFua(bad, 2, 1, memory, 0, tag));
    pump.succeed(tag -> queue.write(bad, 1, 1, memory, 0, tag));
    pump.succeed(tag -> queue.read(bad, 2, 1, memory, 0, tag));
    pump.succeed(tag -> queue.read(controller.namespace(1), 1, 1, memory, 0, tag));
  }

  @Test
  void anErrorAmongManyIsOfItsCommandAlone() {
    open(ControllerOptions.defaults());
    Namespace bad = controller.namespace(2);
    for (int block = 0; block < DEPTH; block++) {
      int lba = block;
      pump.submit(() -> queue.read(bad, lba, 1, memory, lba * 4096L, lba));
    }
    pump.finish();
    for (int block = 0; block < DEPTH; block++) {
      int status = pump.status(block);
      if (block == 1) {
        assertThat(StatusCode.of(status)).isEqualTo(StatusCode.UNRECOVERED_READ_ERROR);
      } else {
        assertThat(status).as("block %d: %s", block, Status.format(status)).isZero();
      }
    }
  }

  @Test
  void aMediaErrorOfOnceIsOfOneCommand() {
    open(ControllerOptions.defaults());
    Namespace bad = controller.namespace(3);
    assertFails(StatusCode.UNRECOVERED_READ_ERROR, tag -> queue.read(bad, 1, 1, memory, 0, tag));
    pump.succeed(tag -> queue.read(bad, 1, 1, memory, 0, tag));
    pump.succeed(tag -> queue.write(bad, 1, 1, memory, 0, tag));
    int status = pump.run(tag -> queue.flush(bad, tag));
    assertThat(status).as("a flush that failed says so").isNotZero();
    pump.succeed(tag -> queue.flush(bad, tag));
  }

  private void assertFails(StatusCode expected, Pump.Request request) {
    int status = pump.run(request);
    assertThat(StatusCode.of(status)).as(Status.format(status)).isEqualTo(expected);
  }

  @Test
  void aDrivePulledUnderLoadIsToldOfAndComesBackForANewOwner() {
    open(ControllerOptions.defaults().withIoTimeout(Duration.ofMillis(500)));
    throttle(20);
    submitWrites(1);
    qemu.machine().unplug();
    assertThatThrownBy(() -> pump.finish())
        .isInstanceOf(NvmeException.class)
        .hasMessageEndingWith(" is gone");
    assertThatThrownBy(() -> controller.admin().smartLog()).isInstanceOf(NvmeException.class);
    queue.close();
    controller.close();
    qemu.machine().plug();
    open(ControllerOptions.defaults());
    writeAndReadBack(2);
  }

  @Test
  void aSlowDriveIsLateAndRight() {
    open(ControllerOptions.defaults());
    throttle(200);
    writeAndReadBack(3);
    throttle(0);
    writeAndReadBack(4);
  }

  @Test
  void aDriveTooSlowForTheTimeoutIsResetAndNothingLandsLate() {
    open(ControllerOptions.defaults().withIoTimeout(Duration.ofMillis(200)));
    throttle(4);
    submitWrites(5);
    // Never silently: each is reported, done or aborted by the host.
    pump.finish();
    int aborted = 0;
    for (int i = 0; i < DEPTH; i++) {
      int status = pump.status(i);
      assertThat(status).isIn(0, StatusCode.ABORTED_BY_HOST.status());
      aborted += status == 0 ? 0 : 1;
    }
    assertThat(aborted).isPositive();
    throttle(0);
    pump = new Pump(queue);
    writeAndReadBack(6);
  }

  /** Writes of the whole memory in chunks, all of which go out at once. */
  private void submitWrites(long seed) {
    Bytes.fill(memory, 0, memory.size(), seed);
    for (int i = 0; i < DEPTH; i++) {
      long offset = (long) i * CHUNK;
      int tag = i;
      pump.submit(() ->
          queue.write(controller.namespace(1), offset / 4096, CHUNK / 4096, memory, offset, tag));
    }
    queue.ring();
  }

  private void writeAndReadBack(long seed) {
    submitWrites(seed);
    pump.finish();
    assertThat(pump.takeSuccesses()).isEqualTo(DEPTH);
    memory.segment().fill((byte) 0);
    BlockIo io = new BlockIo(controller, queue, controller.namespace(1));
    io.read(0, memory, 0, memory.size());
    assertThat(Bytes.mismatch(memory, 0, memory.size(), seed)).isEqualTo(Bytes.NONE);
  }

  /**
   * @param iops how many requests a second namespace 1 takes; 0 for as many as come
   */
  private void throttle(int iops) {
    Object _ =
        qemu.qmp()
            .execute(
                "block_set_io_throttle",
                Map.of(
                    "id", "ns1", "iops", iops, "iops_rd", 0, "iops_wr", 0, "bps", 0, "bps_rd", 0,
                    "bps_wr", 0));
  }
}
