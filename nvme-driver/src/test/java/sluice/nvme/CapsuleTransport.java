package sluice.nvme;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import sluice.nvme.spec.Registers;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/**
 * A way to a drive that has nothing of PCI Express: no register, no ring, no address of memory that
 * the drive could reach. It shows that the driver needs none of it.
 */
final class CapsuleTransport extends NoTransport {
  private final CapsuleDrive drive;
  private final List<CapsuleQueue> queues = new ArrayList<>();
  private final Counted memory = new Counted();
  private boolean present = true;
  private boolean attached;
  private boolean closed;

  CapsuleTransport(CapsuleDrive drive) {
    this.drive = drive;
  }

  /** The connection is lost for good. */
  void cut() {
    present = false;
  }

  CapsuleQueue queue(int id) {
    return queues.get(id);
  }

  boolean isClosed() {
    return closed;
  }

  /** Pieces of memory that are allocated. */
  int allocated() {
    return memory.pieces;
  }

  @Override
  public int poll() {
    return queues.isEmpty() ? 0 : queues.getFirst().poll();
  }

  @Override
  public boolean isPresent() {
    return present;
  }

  @Override
  public DmaSpace dma() {
    return memory;
  }

  @Override
  public int read32(int property) {
    return present ? (int) drive.read(property) : -1;
  }

  @Override
  public long read64(int property) {
    return present ? drive.read(property) : -1;
  }

  @Override
  public void write32(int property, int value) {
    assert attached : "written before it can be reached";
    drive.write(property, value);
  }

  @Override
  public int status() {
    return read32(Registers.CSTS);
  }

  @Override
  public void attach() {
    attached = true;
  }

  @Override
  public QueueTransport newQueue(int id, int depth, long maxTransfer, DmaSpace memory) {
    CapsuleQueue queue = new CapsuleQueue(drive, id, depth);
    queues.add(queue);
    return queue;
  }

  @Override
  public void close() {
    closed = true;
  }

  /** Memory without an address for a device. */
  private static final class Counted implements DmaSpace {
    private int pieces;

    @Override
    public DmaMemory allocate(long size) {
      pieces++;
      return new DmaMemory(Arena.ofAuto().allocate(size, 4096), 0);
    }

    @Override
    public void free(DmaMemory memory) {
      pieces--;
    }
  }
}
