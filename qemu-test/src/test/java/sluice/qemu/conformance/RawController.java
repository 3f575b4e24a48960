package sluice.qemu.conformance;

import java.util.function.IntPredicate;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Aqa;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.QueueCommand;
import sluice.nvme.spec.Registers;
import sluice.nvme.spec.Status;
import sluice.queues.CompletionEntry;
import sluice.queues.CompletionQueue;
import sluice.queues.Doorbell;
import sluice.queues.SubmissionEntry;
import sluice.queues.SubmissionQueue;
import sluice.vfio.Bar;
import sluice.vfio.DmaMemory;
import sluice.vfio.PciFunction;

/** A controller without the driver: registers by hand, and queues that take any command. */
final class RawController {
  static final int ADMIN_ENTRIES = 64;

  /** CC: NVM command set, pages of 4 KiB, entries of 64 and 16 bytes, enabled. */
  static final int CC_ENABLED = Cc.en(Cc.iocqes(Cc.iosqes(0, 6), 4), true);

  private final PciFunction function;
  private final Bar bar;
  private final int stride;
  private RawQueue admin;

  RawController(PciFunction function) {
    this.function = function;
    this.bar = function.bar(0);
    this.stride = Cap.dstrd(bar.read64(Registers.CAP));
    function.config().enableBusMaster();
  }

  PciFunction function() {
    return function;
  }

  Bar bar() {
    return bar;
  }

  RawQueue admin() {
    return admin;
  }

  DmaMemory allocate(long bytes) {
    return function.dma().allocate(bytes);
  }

  /** From a disabled controller to one that takes commands. */
  RawController enable() {
    beginEnable();
    awaitStatus("ready", Csts::rdy);
    return this;
  }

  /** Enables, and does not wait. */
  void beginEnable() {
    admin = queue(0, 0, ADMIN_ENTRIES);
    bar.write32(Registers.AQA, Aqa.of(ADMIN_ENTRIES, ADMIN_ENTRIES));
    bar.write64(Registers.ASQ, admin.submissions().iova());
    bar.write64(Registers.ACQ, admin.completions().iova());
    bar.write32(Registers.CC, CC_ENABLED);
  }

  /** Waits until CSTS is as it should be. */
  void awaitStatus(String what, IntPredicate condition) {
    Deadline deadline = new Deadline("a controller that is " + what);
    while (!condition.test(bar.read32(Registers.CSTS))) {
      function.poll();
      deadline.check();
    }
  }

  /** Rings for a queue pair, which the controller does not know yet. */
  RawQueue queue(int sqId, int cqId, int entries) {
    Doorbell tail = Doorbell.ofSubmissionQueue(bar, sqId, stride);
    Doorbell head = Doorbell.ofCompletionQueue(bar, cqId, stride);
    DmaMemory sq = allocate((long) entries * SubmissionEntry.BYTES);
    DmaMemory cq = allocate((long) entries * CompletionEntry.BYTES);
    return new RawQueue(
        function,
        new SubmissionQueue(sqId, sq, entries, tail),
        new CompletionQueue(cqId, cq, entries, head));
  }

  /** Creates an I/O queue pair. */
  RawQueue createQueue(int id, int entries) {
    RawQueue queue = queue(id, id, entries);
    requireSuccess(createCq(id, entries, queue.completions().iova()));
    requireSuccess(createSq(id, entries, queue.submissions().iova(), id));
    return queue;
  }

  RawCommand createCq(int id, int entries, long iova) {
    return new RawCommand(AdminOpcode.CREATE_IO_COMPLETION_QUEUE)
        .prps(iova, 0)
        .cdw(10, QueueCommand.cdw10(id, entries))
        .cdw(11, QueueCommand.PHYSICALLY_CONTIGUOUS);
  }

  RawCommand createSq(int id, int entries, long iova, int cqId) {
    return new RawCommand(AdminOpcode.CREATE_IO_SUBMISSION_QUEUE)
        .prps(iova, 0)
        .cdw(10, QueueCommand.cdw10(id, entries))
        .cdw(11, QueueCommand.submissionCdw11(cqId));
  }

  static RawCommand deleteSq(int id) {
    return new RawCommand(AdminOpcode.DELETE_IO_SUBMISSION_QUEUE).cdw(10, id);
  }

  static RawCommand deleteCq(int id) {
    return new RawCommand(AdminOpcode.DELETE_IO_COMPLETION_QUEUE).cdw(10, id);
  }

  void requireSuccess(RawCommand command) {
    int status = admin.execute(command).status();
    if (status != 0) {
      throw new AssertionError("what the test needs fails: " + Status.format(status));
    }
  }
}
