package sluice.nvme.drive;

import sluice.nvme.CompletionHandler;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.spec.IdentifyController;
import sluice.support.Closing;
import sluice.support.agent.IdleStrategy;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/** A namespace of an NVMe controller. Closing it closes the controller. */
public final class NvmeDrive implements Drive {
  /** The layout's unit: blocks must divide it. */
  private static final int MAX_BLOCK_SIZE = 4096;

  /** Of CRDT1 to CRDT3 (NVMe 1.4, figure 247): 100 ms. */
  private static final long RETRY_DELAY_UNIT_NANOS = 100_000_000;

  private final NvmeController controller;
  private final Namespace namespace;

  /**
   * @throws NvmeException if the namespace cannot be used, saying why
   */
  public NvmeDrive(NvmeController controller, Namespace namespace) {
    this.controller = controller;
    this.namespace = namespace.requireUsable();
    if (namespace.blockSize() > MAX_BLOCK_SIZE) {
      throw new NvmeException(
          namespace + " cannot be recorded to: its blocks are larger than " + MAX_BLOCK_SIZE);
    }
  }

  /**
   * Opens the first namespace that can be used of the drive at an address, for example {@code
   * virtual:disk.img}.
   *
   * @throws IllegalArgumentException if the address is no good
   * @throws NvmeException if there is no such drive, or it does not come up, or it has no namespace
   *     to use
   */
  public static NvmeDrive open(String address) {
    return of(Drives.open(address));
  }

  /** The first namespace that can be used; the controller is closed if there is none. */
  public static NvmeDrive of(NvmeController controller) {
    try {
      for (Namespace namespace : controller.namespaces()) {
        if (namespace.isUsable()) {
          return new NvmeDrive(controller, namespace);
        }
      }
      if (!controller.namespaces().isEmpty()) {
        controller.namespaces().getFirst().requireUsable();
      }
      throw new NvmeException(controller.address() + " has no namespace; create one first");
    } catch (RuntimeException e) {
      Closing.after(e, controller);
      throw e;
    }
  }

  public NvmeController controller() {
    return controller;
  }

  public Namespace namespace() {
    return namespace;
  }

  @Override
  public String name() {
    return controller.address();
  }

  @Override
  public long bytes() {
    return namespace.bytes();
  }

  @Override
  public int blockSize() {
    return namespace.blockSize();
  }

  @Override
  public boolean isWriteProtected() {
    return namespace.identify().isWriteProtected();
  }

  @Override
  public DmaSpace dma() {
    return controller.dma();
  }

  @Override
  public int maxQueueDepth() {
    return controller.maxQueueDepth();
  }

  @Override
  public long retryDelayNanos(int delay) {
    IdentifyController identify = controller.identify();
    int told =
        switch (delay) {
          case 1 -> identify.crdt1();
          case 2 -> identify.crdt2();
          default -> identify.crdt3();
        };
    return told * RETRY_DELAY_UNIT_NANOS;
  }

  @Override
  public DriveQueue openQueue(int depth) {
    return new NvmeQueue(controller.createIoQueue(depth), namespace);
  }

  @Override
  public void close() {
    controller.close();
  }

  /** Bytes to blocks. */
  private static final class NvmeQueue implements DriveQueue {
    private final IoQueue queue;
    private final Namespace namespace;
    private final int shift;

    NvmeQueue(IoQueue queue, Namespace namespace) {
      this.queue = queue;
      this.namespace = namespace;
      this.shift = namespace.blockShift();
    }

    @Override
    public int depth() {
      return queue.depth();
    }

    @Override
    public int outstanding() {
      return queue.outstanding();
    }

    @Override
    public boolean read(long address, int length, DmaMemory memory, long offset, long tag) {
      return queue.read(namespace, address >>> shift, length >>> shift, memory, offset, tag);
    }

    @Override
    public boolean write(
        long address, int length, DmaMemory memory, long offset, boolean durable, long tag) {
      long lba = address >>> shift;
      int blocks = length >>> shift;
      return durable
          ? queue.writeFua(namespace, lba, blocks, memory, offset, tag)
          : queue.write(namespace, lba, blocks, memory, offset, tag);
    }

    @Override
    public boolean flush(long tag) {
      return queue.flush(namespace, tag);
    }

    @Override
    public void ring() {
      queue.ring();
    }

    @Override
    public int poll(CompletionHandler handler) {
      return queue.poll(handler);
    }

    @Override
    public int pollNow(CompletionHandler handler) {
      return queue.pollNow(handler);
    }

    @Override
    public IdleStrategy idle(IdleStrategy otherwise) {
      return queue.idle(otherwise);
    }

    @Override
    public void close() {
      queue.close();
    }
  }
}
