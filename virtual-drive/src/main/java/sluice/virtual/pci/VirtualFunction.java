package sluice.virtual.pci;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import sluice.nvme.spec.Registers;
import sluice.support.agent.AgentRunner;
import sluice.support.agent.IdleStrategy;
import sluice.support.memory.OffHeap;
import sluice.vfio.Bar;
import sluice.vfio.DeviceStamps;
import sluice.vfio.DmaSpace;
import sluice.vfio.Interrupt;
import sluice.vfio.MappedDmaSpace;
import sluice.vfio.PciFunction;
import sluice.vfio.VectorEvents;

/**
 * A virtual drive as a PCI function: a driver cannot tell it from hardware.
 *
 * <p>BAR 0 has the registers, each access to which is a call, and from 1000h the doorbells as plain
 * memory; BAR 4 has the MSI-X table. The drive either has a thread of its own, and then raises
 * interrupts, or takes its turns in {@link #poll}.
 */
public final class VirtualFunction implements PciFunction {
  private final String address;
  private final VirtualDrive drive;
  private final VirtualConfigSpace config;
  private final RegisterBar bar;
  private final MsixBar msix;
  private final MappedDmaSpace dma;
  private final AgentRunner runner;
  private VectorEvents vectors;
  private volatile boolean isClosed;

  /**
   * Makes a function of a drive, which it owns from now on.
   *
   * @param address the drive's name for people
   * @param idle what the drive's own thread does without work; null for a drive that works in
   *     {@link #poll}
   */
  public VirtualFunction(String address, VirtualDrive drive, IdleStrategy idle) {
    this.address = address;
    this.drive = drive;
    this.bar = new RegisterBar();
    this.msix = new MsixBar(drive.vectors());
    this.config = new VirtualConfigSpace(bar.size(), msix, new ConfigListener());
    this.dma = new MappedDmaSpace(drive.iommu());
    this.runner = idle == null ? null : AgentRunner.start(drive, watched(idle));
  }

  private IdleStrategy watched(IdleStrategy idle) {
    return work -> {
      idle.idle(work);
      drive.absences().runs();
    };
  }

  private final class ConfigListener implements VirtualConfigSpace.Listener {
    @Override
    public void busMaster(boolean on) {
      drive.iommu().busMaster(on);
    }

    @Override
    public void functionLevelReset() {
      reset();
    }
  }

  private final class RegisterBar implements Bar {
    private final long size =
        Long.highestOneBit(2 * (Registers.DOORBELLS + drive.doorbells().size()) - 1);

    @Override
    public long size() {
      return size;
    }

    @Override
    public int read32(long offset) {
      checkAccess(offset);
      if (offset < Registers.DOORBELLS) {
        return drive.registers().read32(offset);
      }
      return drive.registers().isGone() ? -1 : 0;
    }

    @Override
    public void write32(long offset, int value) {
      checkAccess(offset);
      if (offset < Registers.DOORBELLS) {
        drive.registers().write32(offset, value);
      } else if (offset - Registers.DOORBELLS < drive.doorbells().size()
          && !drive.registers().isGone()) {
        OffHeap.putIntRelease(
            drive.doorbells().segment().address() + offset - Registers.DOORBELLS, value);
      }
    }

    private void checkAccess(long offset) {
      if (offset < 0 || offset > size - Integer.BYTES || (offset & 3) != 0) {
        throw new IllegalArgumentException(
            String.format("no 32 bits of BAR 0 (0x%x bytes) at 0x%x", size, offset));
      }
    }

    @Override
    public Optional<MemorySegment> mapping(long offset, long length) {
      long inDoorbells = offset - Registers.DOORBELLS;
      MemorySegment doorbells = drive.doorbells().segment();
      if (inDoorbells < 0 || length < 0 || inDoorbells > doorbells.byteSize() - length) {
        return Optional.empty();
      }
      return Optional.of(doorbells.asSlice(inDoorbells, length));
    }
  }

  // ---- for who serves the function to another process

  /** The drive's way to memory. */
  public VirtualIommu iommu() {
    return drive.iommu();
  }

  /** The file of BAR 0's doorbells, at the offset that they have in the BAR. */
  public int doorbellFile() {
    return drive.doorbells().file();
  }

  /** Bytes of the doorbells, whole pages. */
  public long doorbellBytes() {
    return drive.doorbells().size();
  }

  /** How many interrupt vectors there are, wherever interrupts go. */
  public int vectors() {
    return drive.vectors();
  }

  /**
   * Sends interrupts to where the host waits for them. On return those of before are not used any
   * more.
   *
   * @param sink null for a host that polls
   */
  public void interrupts(InterruptSink sink) {
    drive.interrupts(sink);
  }

  /** As after power-on, for another host: who mapped the doorbells has no longer those in use. */
  public void renew() {
    reset();
    drive.renewDoorbells();
  }

  /** The drive behind the function. */
  public VirtualDrive drive() {
    return drive;
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public VirtualConfigSpace config() {
    return config;
  }

  @Override
  public Bar bar(int index) {
    return switch (index) {
      case 0 -> bar;
      case MsixBar.INDEX -> msix;
      default -> throw new IllegalArgumentException(address + " has no BAR " + index);
    };
  }

  @Override
  public DmaSpace dma() {
    return dma;
  }

  @Override
  public void reset() {
    config.reset();
    msix.reset();
    drive.reset();
  }

  @Override
  public int poll() {
    return runner == null ? drive.doWork() : 0;
  }

  /**
   * {@inheritDoc} None for a drive that works in {@link #poll}: who sleeps until its interrupt
   * would wait for himself.
   */
  @Override
  public int interruptVectors() {
    return runner == null || isClosed ? 0 : drive.vectors();
  }

  @Override
  public synchronized int enableInterrupts(int count) {
    if (vectors != null) {
      throw new IllegalStateException("the interrupts of " + address + " are enabled already");
    }
    if (count < 1 || count > interruptVectors()) {
      throw new IllegalArgumentException(
          address + " has " + interruptVectors() + " interrupt vectors, not " + count);
    }
    VectorEvents events = new VectorEvents(count);
    drive.interrupts(vector -> {
      if (vector < events.count()) {
        events.raise(vector);
      }
    });
    vectors = events;
    return count;
  }

  @Override
  public synchronized Interrupt interrupt(int vector) {
    if (vectors == null) {
      throw new IllegalStateException("the interrupts of " + address + " are not enabled");
    }
    return vectors.newWait(Objects.checkIndex(vector, vectors.count()));
  }

  @Override
  public long stalledNanos() {
    return drive.absences().nanos();
  }

  @Override
  public Optional<DeviceStamps> stamps() {
    return Optional.of(drive.stamps());
  }

  @Override
  public boolean isPresent() {
    return !drive.registers().isGone();
  }

  @Override
  public synchronized void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    drive.iommu().busMaster(false);
    config.gone();
    try {
      if (runner == null) {
        drive.close();
      } else {
        runner.close();
      }
    } finally {
      drive.interrupts(null);
      if (vectors != null) {
        vectors.close();
      }
      dma.close();
    }
  }
}
