package sluice.nvme.pcie;

import java.util.OptionalInt;
import sluice.nvme.CommandFailedException;
import sluice.nvme.TransportHost;
import sluice.nvme.spec.Aqa;
import sluice.nvme.spec.Registers;
import sluice.nvme.spec.Status;
import sluice.queues.CompletionQueue;
import sluice.queues.Doorbell;
import sluice.queues.SubmissionQueue;
import sluice.vfio.PciFunction;

/**
 * How rings become known to a function, and how they are rung: what all its queues share. The
 * controller's lock guards it.
 */
final class RingSetUp {
  private final PciFunction function;
  private final Quirks quirks;
  private final InterruptVectors vectors;
  private final int pageBytes;
  private final int doorbellStride;

  /** Null until it is known that they are wanted and offered. */
  private ShadowDoorbells shadowDoorbells;

  private volatile boolean usesShadowDoorbells;

  /**
   * @param pageBytes CC.MPS
   * @param doorbellStride CAP.DSTRD
   */
  RingSetUp(
      PciFunction function,
      Quirks quirks,
      InterruptVectors vectors,
      int pageBytes,
      int doorbellStride) {
    this.function = function;
    this.quirks = quirks;
    this.vectors = vectors;
    this.pageBytes = pageBytes;
    this.doorbellStride = doorbellStride;
  }

  PciFunction function() {
    return function;
  }

  int pageBytes() {
    return pageBytes;
  }

  int doorbellStride() {
    return doorbellStride;
  }

  /** From any thread. */
  boolean usesShadowDoorbells() {
    return usesShadowDoorbells;
  }

  /** Has new queues rung by registers alone. */
  void useRegisters() {
    usesShadowDoorbells = false;
  }

  /** Has new queues rung through memory, if the controller takes it. */
  void useShadowDoorbells(TransportHost host) {
    if (shadowDoorbells == null) {
      shadowDoorbells = new ShadowDoorbells(function.dma(), pageBytes, doorbellStride);
    }
    shadowDoorbells.reset();
    try {
      RingCommands.configureDoorbellBuffer(host, shadowDoorbells);
      usesShadowDoorbells = true;
    } catch (CommandFailedException e) {
      usesShadowDoorbells = false;
      host.notice(
          "refuses the shadow doorbells that it offers, and is rung by registers: "
              + Status.format(e.status()));
    }
  }

  /**
   * Makes a queue pair's rings, which are empty, known to the controller.
   *
   * @param interrupts whether an I/O queue raises its vector
   */
  void create(
      TransportHost host,
      SubmissionQueue sq,
      CompletionQueue cq,
      Doorbell sqDoorbell,
      Doorbell cqDoorbell,
      boolean interrupts) {
    if (sq.id() == 0) {
      function.bar(0).write32(Registers.AQA, Aqa.of(sq.entries(), cq.entries()));
      function.bar(0).write64(Registers.ASQ, sq.iova());
      function.bar(0).write64(Registers.ACQ, cq.iova());
      return;
    }
    if (usesShadowDoorbells) {
      shadowDoorbells.attach(sq.id(), sqDoorbell, cqDoorbell);
    } else {
      sqDoorbell.useRegister();
      cqDoorbell.useRegister();
    }
    RingCommands.create(
        host,
        sq,
        cq,
        interrupts ? OptionalInt.of(vectors.vectorOf(sq.id())) : OptionalInt.empty(),
        quirks);
  }
}
