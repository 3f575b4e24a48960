package sluice.vfio.kernel;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import sluice.support.linux.LinuxException;
import sluice.vfio.Bar;
import sluice.vfio.ConfigSpace;
import sluice.vfio.DmaSpace;
import sluice.vfio.Interrupt;
import sluice.vfio.PciAddress;
import sluice.vfio.PciFunction;
import sluice.vfio.ResetFailedException;
import sluice.vfio.VectorEvents;
import sluice.vfio.abi.Interrupts;
import sluice.vfio.abi.RegionInfo;
import sluice.vfio.discovery.Host;
import sluice.vfio.discovery.PciDevice;

/**
 * A function that Linux has handed to this process through VFIO.
 *
 * <p>When the kernel wants it back (it was unplugged, or somebody unbinds it), a thread that waits
 * for that lets go at once: bus mastering off, registers replaced by memory full of ones, all
 * descriptors closed. The driver above then finds that its device is gone, and its memory, which is
 * still its own, is freed with {@link #close}. Thread-safe.
 */
public final class KernelFunction implements PciFunction {
  private static final int CONFIG_REGION = 7;
  private static final int BARS = 6;

  private final PciAddress address;
  private final Access access;
  private final DeviceFile file;
  private final Config config;
  private final Map<Integer, KernelBar> bars = new HashMap<>();
  private final RemovalWatch watch;

  /** Stops a device that no IOMMU holds in, should the process end without closing it; or null. */
  private final Thread atExit;

  private VectorEvents vectors;
  private boolean closed;

  /** Why the device is gone; null while it is there. */
  private volatile String absence;

  /** Whether {@link #poll} has said that the device went. */
  private volatile boolean told;

  private KernelFunction(PciAddress address, Access access) {
    this.address = address;
    this.access = access;
    this.file = new DeviceFile(access.device());
    if ((Vfio.deviceFlags(access.device()) & Vfio.DEVICE_PCI) == 0) {
      throw new VfioException(address() + " is no PCI device");
    }
    this.config = new Config(Vfio.regionInfo(access.device(), CONFIG_REGION).offset());
    this.watch = RemovalWatch.start(access.device(), "vfio-" + address, this::look, this::giveBack);
    this.atExit = access.way() == IommuChoice.UNSAFE ? stopAtExit() : null;
  }

  /**
   * Opens a function that is bound to vfio-pci, for this process alone.
   *
   * @throws VfioException if it cannot be had; the message says why, and what to do
   */
  public static KernelFunction open(PciAddress address, IommuChoice choice) {
    PciDevice device =
        PciDevice.find(Host.local(), address)
            .orElseThrow(
                () -> new VfioException("there is no PCI function " + address + " (any more)"));
    Access access = null;
    try {
      access = AccessChoice.open(device, choice);
      return new KernelFunction(address, access);
    } catch (RuntimeException e) {
      if (access != null) {
        access.close();
      }
      throw new VfioException("cannot open pci:" + address + ": " + e.getMessage(), e);
    }
  }

  /** What an error has left of it. Not while it is being reset by us. */
  private synchronized ErrorReport look() {
    return ErrorReport.of(config, config.command);
  }

  private Thread stopAtExit() {
    Thread thread = new Thread(config::disableBusMaster, "vfio-stop-" + address);
    Runtime.getRuntime().addShutdownHook(thread);
    return thread;
  }

  private void forgetExit() {
    try {
      if (atExit != null) {
        boolean _ = Runtime.getRuntime().removeShutdownHook(atExit);
      }
    } catch (IllegalStateException e) {
      // The process is about to end: it stops what is closed already, which does nothing.
    }
  }

  @Override
  public String address() {
    return "pci:" + address;
  }

  /** By which of the ways it was opened. */
  public IommuChoice way() {
    return access.way();
  }

  @Override
  public ConfigSpace config() {
    return config;
  }

  @Override
  public synchronized Bar bar(int index) {
    Objects.checkIndex(index, BARS);
    requireUsable();
    return bars.computeIfAbsent(index, this::mapBar);
  }

  /** There are drives that do not come back from the sleep (D3) that vfio-pci puts them to. */
  static void requireAnswer(ConfigSpace config, String address) {
    if (!config.isPresent()) {
      throw new VfioException(
          address
              + " does not answer; if it was put to sleep while idle and does not wake, load the"
              + " driver with 'modprobe vfio-pci disable_idle_d3=1'");
    }
  }

  private KernelBar mapBar(int index) {
    requireAnswer(config, address());
    boolean isPort = (config.read32(ConfigSpace.BAR0 + index * Integer.BYTES) & 1) != 0;
    RegionInfo region = Vfio.regionInfo(access.device(), index);
    if (isPort || region.size() == 0) {
      throw new IllegalArgumentException(address() + " has no memory BAR " + index);
    }
    return new KernelBar(access.device(), file, region);
  }

  @Override
  public DmaSpace dma() {
    return access.dma();
  }

  /** {@inheritDoc} By VFIO: a function level reset, or what the kernel knows to do instead. */
  @Override
  public synchronized void reset() {
    requireUsable();
    try {
      if ((Vfio.deviceFlags(access.device()) & Vfio.DEVICE_RESET) != 0) {
        Vfio.reset(access.device());
      } else {
        HotReset concerned = Vfio.hotReset(access.device());
        Vfio.hotReset(access.device(), access.groupsForReset(concerned));
      }
    } catch (LinuxException e) {
      throw new ResetFailedException(address() + " cannot be reset: " + e.getMessage(), e);
    }
  }

  private void requireUsable() {
    if (closed) {
      throw new IllegalStateException(address() + " is closed");
    }
    if (absence != null) {
      throw new VfioException(address() + " " + absence);
    }
  }

  /** Does nothing but to report, once, that the device went. */
  @Override
  public int poll() {
    if (absence == null || told) {
      return 0;
    }
    told = true;
    return 1;
  }

  @Override
  public boolean isPresent() {
    return absence == null;
  }

  @Override
  public String absence() {
    String reason = absence;
    return reason == null ? PciFunction.super.absence() : reason;
  }

  @Override
  public synchronized int interruptVectors() {
    return closed || absence != null ? 0 : Vfio.interruptCount(access.device(), Interrupts.MSIX);
  }

  @Override
  public synchronized int enableInterrupts(int count) {
    requireUsable();
    if (vectors != null) {
      throw new IllegalStateException("the interrupts of " + address() + " are enabled already");
    }
    if (count < 1 || count > interruptVectors()) {
      throw new IllegalArgumentException(
          address() + " has " + interruptVectors() + " interrupt vectors, not " + count);
    }
    vectors = enableVectors(access.device(), count);
    return vectors.count();
  }

  /** Enables as many as the system can give, 1 at least. */
  private static VectorEvents enableVectors(int device, int wanted) {
    while (true) {
      VectorEvents events = new VectorEvents(wanted);
      int possible;
      try {
        possible = Vfio.setEvents(device, Interrupts.MSIX, events.descriptors());
      } catch (RuntimeException e) {
        events.close();
        throw e;
      }
      if (possible == 0) {
        return events;
      }
      events.close();
      if (possible < 0 || possible >= wanted) {
        throw new VfioException("the system has no interrupt left for the device");
      }
      wanted = possible;
    }
  }

  @Override
  public synchronized Interrupt interrupt(int vector) {
    requireUsable();
    if (vectors == null) {
      throw new IllegalStateException("the interrupts of " + address() + " are not enabled");
    }
    return vectors.newWait(Objects.checkIndex(vector, vectors.count()));
  }

  @Override
  public void giveUp(String reason) {
    giveBack(reason);
  }

  /** Lets go of the device, but not of memory that somebody may still look at. */
  private synchronized void giveBack(String reason) {
    if (closed || absence != null) {
      return;
    }
    // Before anybody may think that it is gone, and free memory that it still reaches. If it does
    // not let itself be stopped, closing it does that.
    boolean _ = config.disableBusMaster();
    absence = reason;
    file.close();
    bars.values().forEach(KernelFunction::sever);
    if (vectors != null) {
      vectors.raiseAll();
    }
    access.release();
  }

  private static void sever(KernelBar bar) {
    try {
      bar.sever();
    } catch (LinuxException e) {
      // There is no memory, not even for some pages of ones. The registers stay mapped, and the
      // kernel waits, until close() unmaps them.
    }
  }

  /**
   * {@inheritDoc} Queues must not be in use any more.
   *
   * @throws VfioException if the kernel does not come back from taking the device away: nothing is
   *     freed then
   */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    // Not under the lock: the watch may be waiting for it in order to give the device back.
    if (!watch.stop()) {
      throw new VfioException(address() + " " + absence() + ", which the kernel does not finish");
    }
    synchronized (this) {
      boolean stopped = absence != null || config.disableBusMaster();
      file.close();
      forgetExit();
      // The kernel keeps the device for as long as its registers are mapped.
      bars.values().forEach(KernelBar::unmap);
      try {
        if (stopped) {
          access.close();
        } else {
          access.abandon();
        }
      } finally {
        if (vectors != null) {
          vectors.close();
        }
      }
    }
  }

  /** The configuration space, which the kernel shows with what it does not leave to us. */
  private final class Config implements ConfigSpace {
    private final long start;

    /** What was last written to the command register. */
    private volatile int command;

    Config(long start) {
      this.start = start;
    }

    @Override
    public int read32(int offset) {
      return file.read32(start + check(offset, Integer.BYTES));
    }

    @Override
    public void write32(int offset, int value) {
      file.write32(start + check(offset, Integer.BYTES), value);
    }

    @Override
    public void write16(int offset, int value) {
      if (offset == COMMAND) {
        command = value;
      }
      file.write16(start + check(offset, Short.BYTES), value);
    }

    private int check(int offset, int bytes) {
      if (offset < 0 || offset % bytes != 0) {
        throw new IllegalArgumentException("not aligned to " + bytes + " bytes: " + offset);
      }
      return offset;
    }
  }
}
