package sluice.qemu;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import sluice.vfio.Bar;
import sluice.vfio.ConfigSpace;
import sluice.vfio.DmaSpace;
import sluice.vfio.PciFunction;
import sluice.vfio.ResetFailedException;

/**
 * A function of QEMU's, held by this process. Thread-safe as far as its registers are.
 *
 * <p>Once it was unplugged it reads all ones, as hardware does. When QEMU itself is gone, every
 * access throws a {@link QemuException}: that is a fault of the rig, not one that a driver should
 * ride out.
 */
final class QtestFunction implements PciFunction {
  /** PCI Express capability (PCI Express Base 4.0, section 7.5.3). */
  private static final int DEVICE_CAPABILITIES = 0x4;

  private static final int DEVICE_CAPABILITIES_FLR = 1 << 28;
  private static final int DEVICE_CONTROL = 0x8;
  private static final int DEVICE_CONTROL_FLR = 1 << 15;

  private final QtestSocket socket;
  private final PciNode node;
  private final GuestMemory memory;
  private final QemuProcess qemu;
  private final Runnable onClose;
  private final ConfigSpace config = new Config();
  private volatile boolean gone;
  private boolean closed;

  /**
   * @param onClose told once that the function is free for another owner
   */
  QtestFunction(
      QtestSocket socket, PciNode node, GuestMemory memory, QemuProcess qemu, Runnable onClose) {
    this.socket = socket;
    this.node = node;
    this.memory = memory;
    this.qemu = qemu;
    this.onClose = onClose;
  }

  @Override
  public String address() {
    return "qtest:" + node.address();
  }

  @Override
  public ConfigSpace config() {
    return config;
  }

  @Override
  public Bar bar(int index) {
    return node.bar(index)
        .map(Window::new)
        .orElseThrow(() -> new IllegalArgumentException(address() + " has no memory BAR " + index));
  }

  @Override
  public DmaSpace dma() {
    return memory;
  }

  /**
   * A function level reset. Its command register is as {@link QemuMachine#open} gave it: memory
   * accesses are answered, bus mastering is off.
   */
  @Override
  public void reset() {
    OptionalInt express = config.capability(ConfigSpace.CAPABILITY_PCI_EXPRESS);
    if (express.isEmpty()
        || (config.read32(express.getAsInt() + DEVICE_CAPABILITIES) & DEVICE_CAPABILITIES_FLR)
            == 0) {
      throw new ResetFailedException(address() + " has no function level reset");
    }
    config.write16(ConfigSpace.COMMAND, 0);
    int control = express.getAsInt() + DEVICE_CONTROL;
    // QEMU resets while it handles this write; hardware would want 100 ms now.
    config.write16(control, config.read16(control) | DEVICE_CONTROL_FLR);
    node.bars().forEach(bar -> bar.assign(config));
    config.write16(ConfigSpace.COMMAND, ConfigSpace.COMMAND_MEMORY);
  }

  @Override
  public int poll() {
    return 0;
  }

  @Override
  public boolean isPresent() {
    return !gone && qemu.isAlive() && config.isPresent();
  }

  /** From now on the function is not there any more, whatever is plugged in its place. */
  void setGone() {
    gone = true;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (isPresent()) {
        config.write16(ConfigSpace.COMMAND, ConfigSpace.COMMAND_MEMORY);
        // Also what ends commands that QEMU is still working on, into memory that is given back.
        reset();
      }
    } finally {
      memory.freeAll();
      onClose.run();
    }
  }

  private final class Config implements ConfigSpace {
    @Override
    public int read32(int offset) {
      return gone ? -1 : node.config().read32(offset);
    }

    @Override
    public void write32(int offset, int value) {
      if (!gone) {
        node.config().write32(offset, value);
      }
    }

    @Override
    public void write16(int offset, int value) {
      if (!gone) {
        node.config().write16(offset, value);
      }
    }
  }

  private final class Window implements Bar {
    private final long start;
    private final long size;

    Window(MemoryBar bar) {
      this.start = bar.address();
      this.size = bar.size();
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public int read32(long offset) {
      long address = address(offset);
      return gone ? -1 : socket.readl(address);
    }

    @Override
    public void write32(long offset, int value) {
      long address = address(offset);
      if (!gone) {
        socket.writel(address, value);
      }
    }

    private long address(long offset) {
      if ((offset & 3) != 0) {
        throw new IllegalArgumentException("not aligned to 4 bytes: offset " + offset);
      }
      return start + Objects.checkFromIndexSize(offset, Integer.BYTES, size);
    }

    /** Always empty: a register of QEMU's is behind a socket. */
    @Override
    public Optional<MemorySegment> mapping(long offset, long length) {
      return Optional.empty();
    }
  }
}
