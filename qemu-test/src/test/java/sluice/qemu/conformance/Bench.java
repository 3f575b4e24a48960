package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.qemu.conformance.SuiteTest.assertStatus;

import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.spec.Status;
import sluice.nvme.spec.StatusCode;
import sluice.vfio.DmaMemory;

/** A controller with a queue that is kept full of reads, to see what becomes of them. */
final class Bench {
  static final int DEPTH = 16;
  private static final int CHUNK = 64 << 10;

  private NvmeController controller;
  private Namespace namespace;
  private DmaMemory memory;
  private Pump pump;

  /** Begins with a controller of blocks of 512 bytes. */
  void begin(NvmeController opened) {
    controller = opened;
    namespace = controller.namespace(1);
    memory = controller.dma().allocate(DEPTH * (long) CHUNK);
    pump = new Pump(controller.createIoQueue(DEPTH));
  }

  NvmeController controller() {
    return controller;
  }

  Namespace namespace() {
    return namespace;
  }

  DmaMemory memory() {
    return memory;
  }

  Pump pump() {
    return pump;
  }

  /** Fills a queue, whose requests have the tags from the one given on. */
  void submitReads(Pump to, long tag) {
    for (int i = 0; i < DEPTH; i++) {
      long offset = (long) i * CHUNK;
      long each = tag + i;
      to.submit(() -> to.queue().read(namespace, offset / 512, CHUNK / 512, memory, offset, each));
    }
    to.queue().ring();
  }

  void assertReported(Pump by, long tag) {
    by.finish();
    for (int i = 0; i < DEPTH; i++) {
      assertStatus(by.status(tag + i), StatusCode.ABORTED_BY_HOST);
    }
  }

  void assertWorks(Pump with) {
    Bytes.fill(memory, 0, CHUNK, 5);
    with.succeed(tag -> with.queue().write(namespace, 0, CHUNK / 512, memory, 0, tag));
    Bytes.fill(memory, 0, CHUNK, 6);
    with.succeed(tag -> with.queue().read(namespace, 0, CHUNK / 512, memory, 0, tag));
    assertThat(Bytes.mismatch(memory, 0, CHUNK, 5)).isEqualTo(Bytes.NONE);
  }

  static void assertDoneOrAborted(int status) {
    assertThat(status).as(Status.format(status)).isIn(0, StatusCode.ABORTED_BY_HOST.status());
  }
}
