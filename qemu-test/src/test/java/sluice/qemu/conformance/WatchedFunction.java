package sluice.qemu.conformance;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluice.vfio.Bar;
import sluice.vfio.ConfigSpace;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;
import sluice.vfio.Interrupt;
import sluice.vfio.PciFunction;

/**
 * A function seen through: its registers can be watched and changed, and its DMA memory is counted.
 * As it is, it changes nothing.
 */
class WatchedFunction implements PciFunction {
  private final PciFunction inner;
  private final CountedSpace dma = new CountedSpace();
  private boolean closed;

  WatchedFunction(PciFunction inner) {
    this.inner = inner;
  }

  /** What the driver reads of a register of BAR 0. */
  int read(long offset, int value) {
    return value;
  }

  /**
   * Whether what the driver writes to a register of BAR 0 gets there. Doorbells come here too: they
   * are not mapped.
   */
  boolean passes(long offset, int value) {
    return true;
  }

  /** Called before the function is closed. */
  void beforeClose() {}

  /** Whether the driver has closed the function. */
  final boolean isClosed() {
    return closed;
  }

  /** Pieces of DMA memory that are allocated now. */
  final int allocations() {
    return dma.allocations;
  }

  /** A piece of DMA memory, in the order in which all were allocated. */
  final DmaMemory allocated(int index) {
    return dma.all.get(index);
  }

  /** The piece of DMA memory of a size that was allocated last. */
  final DmaMemory lastAllocated(long size) {
    return dma.all.reversed().stream()
        .filter(memory -> memory.size() == size)
        .findFirst()
        .orElseThrow();
  }

  /** Where this process finds what the device finds at an IOVA of allocated memory. */
  final long addressOf(long iova) {
    return dma.all.reversed().stream()
        .filter(memory -> iova >= memory.iova() && iova < memory.iova() + memory.size())
        .mapToLong(memory -> memory.address() + iova - memory.iova())
        .findFirst()
        .orElseThrow();
  }

  /** Lets the given number of allocations succeed, and those after them fail; -1 for all. */
  final void allowAllocations(int count) {
    dma.allowed = count;
  }

  @Override
  public String address() {
    return inner.address();
  }

  @Override
  public ConfigSpace config() {
    return inner.config();
  }

  @Override
  public Bar bar(int index) {
    Bar bar = inner.bar(index);
    return index == 0 ? new WatchedBar(bar) : bar;
  }

  @Override
  public DmaSpace dma() {
    return dma;
  }

  @Override
  public void reset() {
    inner.reset();
  }

  @Override
  public int poll() {
    return inner.poll();
  }

  @Override
  public boolean isPresent() {
    return inner.isPresent();
  }

  @Override
  public String absence() {
    return inner.absence();
  }

  @Override
  public void giveUp(String reason) {
    inner.giveUp(reason);
  }

  @Override
  public int interruptVectors() {
    return inner.interruptVectors();
  }

  @Override
  public int enableInterrupts(int vectors) {
    return inner.enableInterrupts(vectors);
  }

  @Override
  public Interrupt interrupt(int vector) {
    return inner.interrupt(vector);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      beforeClose();
      inner.close();
    }
  }

  private final class WatchedBar implements Bar {
    private final Bar bar;

    WatchedBar(Bar bar) {
      this.bar = bar;
    }

    @Override
    public long size() {
      return bar.size();
    }

    @Override
    public int read32(long offset) {
      return read(offset, bar.read32(offset));
    }

    @Override
    public void write32(long offset, int value) {
      if (passes(offset, value)) {
        bar.write32(offset, value);
      }
    }

    @Override
    public Optional<MemorySegment> mapping(long offset, long length) {
      return Optional.empty();
    }
  }

  private final class CountedSpace implements DmaSpace {
    private int allocations;
    private int allowed = -1;
    private final List<DmaMemory> all = new ArrayList<>();

    @Override
    public synchronized DmaMemory allocate(long size) {
      if (allowed == 0) {
        throw new IllegalStateException("no memory: the test allows no more");
      }
      DmaMemory memory = inner.dma().allocate(size);
      all.add(memory);
      allowed--;
      allocations++;
      return memory;
    }

    @Override
    public synchronized void free(DmaMemory memory) {
      inner.dma().free(memory);
      allocations--;
    }
  }
}
