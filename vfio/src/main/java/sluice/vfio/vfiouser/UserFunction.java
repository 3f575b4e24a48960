package sluice.vfio.vfiouser;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import sluice.support.linux.LocalSocket;
import sluice.vfio.Bar;
import sluice.vfio.ConfigSpace;
import sluice.vfio.DmaSpace;
import sluice.vfio.Interrupt;
import sluice.vfio.MappedDmaSpace;
import sluice.vfio.PciFunction;
import sluice.vfio.ResetFailedException;
import sluice.vfio.SlabDmaSpace;
import sluice.vfio.VectorEvents;
import sluice.vfio.abi.Interrupts;

/**
 * A function that another process gives by vfio-user, a protocol over a socket of this machine:
 * SPDK's NVMe target does, and {@code sluice serve}.
 *
 * <p>When the server goes, does not answer in time, or says what cannot be, the function is gone:
 * its registers read ones, and {@link #absence} says why. Thread-safe.
 */
public final class UserFunction implements PciFunction {
  /** How long a server may take for an answer, when nothing else is said. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  private static final String SCHEME = "vfio-user:";
  private static final String SOCKET_IN_DIRECTORY = "cntrl";
  private static final int BARS = 6;

  /**
   * What this client takes: a descriptor each for a region and a twin socket, and some to spare.
   */
  static final Version OWN =
      Version.plain().withDescriptors(8).withTwinSocket(true, 0).withWriteMultiple(true);

  private final String address;
  private final Conversation conversation;
  private final ClientRequests requests;

  /** One for each index, some of no bytes; looked at while they are still being added. */
  private final List<UserBar> bars = new CopyOnWriteArrayList<>();

  private MappedDmaSpace pieces;
  private DmaSpace dma;
  private UserConfig config;
  private boolean canReset;
  private int vectorCount;
  private boolean interruptsEnabled;
  private boolean closed;

  /** The events that the server raises; one when nobody wants any. */
  private volatile VectorEvents vectors;

  /** Why the device is gone; null while it is there. */
  private volatile String absence;

  /** Whether {@link #poll} has said that the device went. */
  private volatile boolean told;

  private UserFunction(
      String address,
      MessageSocket socket,
      SharedMemory memory,
      Duration timeout,
      LongSupplier clock) {
    this.address = address;
    this.conversation =
        new Conversation(
            address, socket, new ServerCommands(memory, timeout), timeout, clock, this::lose);
    this.requests = new ClientRequests(conversation);
  }

  /**
   * Connects to a server.
   *
   * @param path its socket, or a directory with the socket {@code cntrl}, as SPDK has it
   * @param timeout how long it may take for each answer
   * @throws VfioUserException if nobody is there, or it does not do as it should; one line that
   *     says what
   */
  public static UserFunction open(Path path, Duration timeout) {
    Path socket = Files.isDirectory(path) ? path.resolve(SOCKET_IN_DIRECTORY) : path;
    return open(
        SCHEME + socket, Connecting.connect(socket, timeout), timeout, System::nanoTime, OWN);
  }

  /**
   * Begins to talk to a server.
   *
   * @param connection closed with the function, also if this fails
   */
  static UserFunction open(
      String address, LocalSocket connection, Duration timeout, LongSupplier clock, Version own) {
    SharedMemory memory = new SharedMemory();
    MessageSocket socket = messages(connection, own);
    UserFunction function = new UserFunction(address, socket, memory, timeout, clock);
    try {
      function.begin(connection, memory, own);
      return function;
    } catch (RuntimeException | Error e) {
      function.close();
      throw e;
    }
  }

  private static MessageSocket messages(LocalSocket connection, Version own) {
    return new MessageSocket(connection, own.maxTransfer() + DmaAccess.BYTES, own.maxDescriptors());
  }

  private void begin(LocalSocket connection, SharedMemory memory, Version own) {
    ClientRequests.Greeting greeting = requests.version(own);
    MessageSocket twin = null;
    if (greeting.twinFd() >= 0) {
      twin = messages(new LocalSocket(greeting.twinFd()), own);
    }
    conversation.listen(connection.fd(), twin, greeting.twinFd());
    pieces = new MappedDmaSpace(new UserIommu(requests, memory, greeting.version().maxMappings()));
    dma = new SlabDmaSpace(pieces);
    ClientRequests.Device device = requests.device();
    canReset = device.canReset();
    if (device.regions() <= DeviceInfo.CONFIG_REGION) {
      throw conversation.end("the server's device has no configuration space");
    }
    for (int index = 0; index < BARS; index++) {
      bars.add(new UserBar(requests, index, requests.region(index)));
    }
    config = new UserConfig(requests, openConfig());
    vectorCount = device.interrupts() > Interrupts.MSIX ? requests.vectors() : 0;
    if (vectorCount > 0) {
      // A controller may always raise the first vector for its admin queue, whether anybody waits
      // for it or not, and SPDK's fails for good if there is no event for it.
      setVectors(1);
    }
  }

  private long openConfig() {
    Region region = requests.region(DeviceInfo.CONFIG_REGION);
    region.unmap();
    if (region.size() < UserConfig.LEAST_BYTES) {
      throw conversation.end(
          "the server's device has a configuration space of " + region.size() + " bytes");
    }
    return region.size();
  }

  private void setVectors(int count) {
    VectorEvents before = vectors;
    VectorEvents events = new VectorEvents(count);
    try {
      requests.setVectors(events.descriptors());
    } catch (RuntimeException | Error e) {
      events.close();
      throw e;
    }
    config.enableVectors();
    vectors = events;
    if (before != null) {
      before.close();
    }
    if (absence != null) {
      // Who went meanwhile raised those before.
      events.raiseAll();
    }
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public ConfigSpace config() {
    return config;
  }

  @Override
  public Bar bar(int index) {
    UserBar bar = bars.get(Objects.checkIndex(index, BARS));
    if (bar.size() == 0) {
      throw new IllegalArgumentException(address + " has no memory BAR " + index);
    }
    return bar;
  }

  @Override
  public DmaSpace dma() {
    return dma;
  }

  /**
   * {@inheritDoc} There are servers that say they did and change nothing: SPDK's does.
   *
   * @throws ResetFailedException also if the server is gone
   */
  @Override
  public synchronized void reset() {
    requireUsable();
    if (!canReset) {
      throw new ResetFailedException(address + " cannot be reset");
    }
    try {
      requests.reset();
      if (vectors != null) {
        requests.setVectors(vectors.descriptors());
        config.enableVectors();
      }
    } catch (VfioUserException e) {
      throw new ResetFailedException(e.getMessage(), e);
    }
  }

  private void requireUsable() {
    if (closed) {
      throw new IllegalStateException(address + " is closed");
    }
    if (absence != null) {
      throw new VfioUserException(address + " " + absence);
    }
  }

  /** Does nothing but to report, once, that the device went: a thread of its own sees to that. */
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
    return closed || absence != null ? 0 : vectorCount;
  }

  @Override
  public synchronized int enableInterrupts(int count) {
    requireUsable();
    if (interruptsEnabled) {
      throw new IllegalStateException("the interrupts of " + address + " are enabled already");
    }
    if (count < 1 || count > vectorCount) {
      throw new IllegalArgumentException(
          address + " has " + vectorCount + " interrupt vectors, not " + count);
    }
    setVectors(count);
    interruptsEnabled = true;
    return count;
  }

  @Override
  public synchronized Interrupt interrupt(int vector) {
    requireUsable();
    if (!interruptsEnabled) {
      throw new IllegalStateException("the interrupts of " + address + " are not enabled");
    }
    return vectors.newWait(Objects.checkIndex(vector, vectors.count()));
  }

  @Override
  public void giveUp(String reason) {
    VfioUserException _ = conversation.end("it " + reason);
  }

  /** The conversation has ended: lets go of the device, but not of memory that is looked at. */
  private void lose(String reason) {
    absence = "is gone: " + reason;
    bars.forEach(UserBar::sever);
    VectorEvents events = vectors;
    if (events != null) {
      events.raiseAll();
    }
  }

  /** {@inheritDoc} Queues must not be in use any more. Closing twice does nothing. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    // Who closes it knows, and has no need to be told.
    told = true;
    conversation.leave();
    try {
      if (config != null) {
        boolean _ = config.disableBusMaster();
      }
      if (pieces != null) {
        pieces.close();
      }
    } finally {
      conversation.close();
      bars.forEach(UserBar::unmap);
      if (vectors != null) {
        vectors.close();
      }
    }
  }
}
