package sluice.qemu;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluice.vfio.ConfigSpace;
import sluice.vfio.PciFunction;

/**
 * A running QEMU with one NVMe controller, whose registers and memory this process holds.
 *
 * <pre>{@code
 * try (QemuMachine machine = QemuMachine.start(new QemuDrive().size("64M").lba(4096));
 *     PciFunction drive = machine.open()) {
 *   long capabilities = drive.bar(0).read64(0);
 * }
 * }</pre>
 *
 * <p>QEMU ends with {@link #close}, and at the latest with this process; its files are deleted by
 * {@code close} or at the JVM's orderly end. Thread-safe.
 */
public final class QemuMachine implements AutoCloseable {
  private static final int CLASS_BRIDGE = 0x060400;
  private static final Duration QUIT_DEADLINE = Duration.ofSeconds(5);

  private final DriveArguments arguments;
  private final Owned owned;
  private final QemuFiles files;
  private final GuestMemory memory;
  private final QemuProcess process;
  private final QtestSocket qtest;
  private final Qmp qmp;
  private final PciBus bus;
  private final Thread hook;

  private List<PciNode> nodes;
  private QtestFunction open;
  private boolean closed;

  /**
   * Starts QEMU and sets up its PCI bus.
   *
   * @throws QemuException if QEMU is not installed, refuses what the drive shall be, or does not
   *     start in time; with QEMU's own words
   */
  public static QemuMachine start(QemuDrive drive) {
    Owned owned = new Owned();
    try {
      return new QemuMachine(drive, owned);
    } catch (IOException e) {
      owned.close();
      throw new QemuException("cannot prepare QEMU's files: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      owned.close();
      throw e;
    }
  }

  private QemuMachine(QemuDrive drive, Owned owned) throws IOException {
    arguments = new DriveArguments(drive, 0, "ns");
    this.owned = owned;
    memory = owned.add(new GuestMemory(drive.memory()));
    files = owned.add(new QemuFiles(drive));
    try (LineSocket.Listener registers = new LineSocket.Listener(files.file(QemuFiles.QTEST));
        LineSocket.Listener monitor = new LineSocket.Listener(files.file(QemuFiles.QMP))) {
      List<String> command = QemuCommand.of(drive, memory, files);
      process = owned.add(QemuProcess.start(drive.binary(), command, files.file(QemuFiles.LOG)));
      qtest = new QtestSocket(owned.add(registers.accept(process, drive.deadline())));
      qmp = new Qmp(owned.add(monitor.accept(process, drive.deadline())));
    }
    bus = new PciBus(new ConfigPorts(qtest));
    nodes = bus.enumerate();
    hook = Thread.ofPlatform().unstarted(this::releaseAtExit);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Opens the NVMe function. It answers memory accesses, bus mastering is off. Closing it resets
   * it, and leaves the machine ready for the next owner.
   *
   * @throws IllegalStateException if it is open already, or unplugged
   */
  public synchronized PciFunction open() {
    if (open != null) {
      throw new IllegalStateException("the drive is open: close " + open.address() + " first");
    }
    PciNode node =
        find(ConfigSpace.CLASS_NVME)
            .orElseThrow(() -> new IllegalStateException("the drive is unplugged: plug it first"));
    open = new QtestFunction(qtest, node, memory, process, this::released);
    return open;
  }

  private synchronized void released() {
    open = null;
  }

  /**
   * QEMU's monitor, for throttles, faults and events. The devices are {@code nvme0} and, in the
   * order of description, {@code ns1}, {@code ns2} and so on.
   */
  public Qmp qmp() {
    return qmp;
  }

  /**
   * The file that holds a namespace's bytes.
   *
   * @param nsid from 1, in the order in which the namespaces were described
   */
  public Path image(int nsid) {
    return files.images().get(nsid - 1);
  }

  /** QEMU's process id. */
  public long pid() {
    return process.pid();
  }

  /**
   * Pulls the drive: from now on an open function reads all ones and says that it is not present.
   * The namespaces keep their bytes.
   */
  public synchronized void unplug() {
    PciNode port = find(CLASS_BRIDGE).orElseThrow();
    PciNode pulled =
        find(ConfigSpace.CLASS_NVME)
            .orElseThrow(() -> new IllegalStateException("the drive is unplugged already"));
    Object _ = qmp.execute("device_del", Map.of("id", arguments.id()));
    if (open != null) {
      open.setGone();
    }
    new HotplugSlot(port).powerOff();
    // Not the event DEVICE_DELETED: QEMU never sends it for a device that had commands out.
    if (pulled.config().isPresent()) {
      throw new QemuException("QEMU keeps the drive, though its slot is off");
    }
    nodes = nodes.stream().filter(node -> node.classCode() != ConfigSpace.CLASS_NVME).toList();
  }

  /** Puts the drive back, as after power-on; to be opened anew. */
  public synchronized void plug() {
    Object _ = qmp.execute("device_add", arguments.controller());
    new HotplugSlot(find(CLASS_BRIDGE).orElseThrow()).powerOn();
    nodes = bus.enumerate();
  }

  private Optional<PciNode> find(int classCode) {
    return nodes.stream().filter(node -> node.classCode() == classCode).findFirst();
  }

  /** What was found on the bus. */
  List<PciNode> nodes() {
    return nodes;
  }

  QtestSocket qtest() {
    return qtest;
  }

  GuestMemory memory() {
    return memory;
  }

  /** Closes the function if it is open, ends QEMU, and deletes its files. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    try {
      quit();
    } finally {
      owned.close();
      keepNoHook();
    }
  }

  private void quit() {
    try {
      QtestFunction function = open;
      if (function != null) {
        function.close();
      }
      if (process.isAlive()) {
        Object _ = qmp.execute("quit");
        boolean _ = process.awaitEnd(QUIT_DEADLINE);
      }
    } catch (QemuException e) {
      // It ended by itself or hangs: it is killed either way, and whoever used it has been told.
    }
  }

  private void keepNoHook() {
    try {
      boolean _ = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook finds nothing left to do.
    }
  }

  private void releaseAtExit() {
    process.close();
    files.close();
  }
}
