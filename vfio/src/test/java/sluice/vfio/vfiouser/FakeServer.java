package sluice.vfio.vfiouser;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import sluice.support.linux.EventWatch;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.linux.LocalSocket;
import sluice.support.memory.OffHeap;
import sluice.vfio.abi.Interrupts;
import sluice.vfio.abi.RegionInfo;

/**
 * A server whose device is some bytes: 16 KiB of BAR 0 with a page of doorbells that is shared, and
 * configuration space with MSI-X. It answers as SPDK's does, except where a test says otherwise.
 */
final class FakeServer implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);
  static final int BAR_BYTES = 0x4000;
  static final int DOORBELLS = 0x1000;
  static final int PAGE = 0x1000;
  static final int MSIX = 0x60;
  static final int VECTORS = 32;
  private static final int SPOILED_BYTES = 1 << 14;

  /** A request's body, at an address, and how to answer it. */
  interface Answer {
    void to(MessageSocket socket);
  }

  final MessageSocket socket;
  final byte[] config = new byte[256];
  final byte[] bar = new byte[BAR_BYTES];
  final List<String> requests = new ArrayList<>();
  final int[] events = new int[VECTORS];
  final Map<Long, Integer> memory = new HashMap<>();
  private final Map<Integer, Answer> answers = new HashMap<>();
  private final int doorbells = Linux.memfd("doorbells", 2 * PAGE, 0);
  private final LocalSocket own;
  private EventWatch watch;
  private boolean closed;
  private Consumer<Long> change = _ -> {};
  private int cut = -1;
  private int[] otherDescriptors;
  private Mutations mutations;
  private BooleanSupplier spoils;
  private final MemorySegment spoiled = Arena.ofAuto().allocate(SPOILED_BYTES, Long.BYTES);

  FakeServer(LocalSocket connection) {
    this.own = connection;
    this.socket = new MessageSocket(connection, 1 << 13, 8);
    putInt(config, 0x00, 0x0001_5555);
    putInt(config, 0x04, 0x0010_0000);
    putInt(config, 0x08, 0x0108_0200);
    config[0x34] = MSIX;
    putInt(config, MSIX, (VECTORS - 1) << 16 | 0x11);
    answer(Command.VERSION, this::version);
    answer(Command.DEVICE_GET_INFO, this::deviceInfo);
    answer(Command.DEVICE_GET_REGION_INFO, this::regionInfo);
    answer(Command.DEVICE_GET_IRQ_INFO, this::irqInfo);
    answer(Command.DEVICE_SET_IRQS, this::setIrqs);
    answer(Command.DMA_MAP, this::map);
    answer(Command.DMA_UNMAP, this::unmap);
    answer(Command.REGION_READ, this::read);
    answer(Command.REGION_WRITE, this::write);
    answer(Command.DEVICE_RESET, _ -> reply(0));
  }

  /** Answers a command otherwise. */
  synchronized FakeServer answer(int command, Answer answer) {
    answers.put(command, answer);
    return this;
  }

  /** The usual answer, for one that answers so most of the time. */
  synchronized Answer usual(int command) {
    return answers.get(command);
  }

  /** Begins to answer, on a thread of its own. */
  FakeServer start() {
    watch = EventWatch.start("fake-server", _ -> turn(), own.fd());
    return this;
  }

  private synchronized boolean turn() {
    try {
      while (socket.receive()) {
        if (mutations == null) {
          requests.add(hex());
        }
        if (socket.isReply()) {
          notifyAll();
        } else {
          answers.get(socket.command()).to(socket);
        }
      }
    } catch (VfioUserException e) {
      return false;
    }
    return !socket.hasEnded();
  }

  private String hex() {
    long message = socket.received() - MessageSocket.HEADER_BYTES;
    int bytes = MessageSocket.HEADER_BYTES + socket.receivedBytes();
    return HexFormat.of().formatHex(OffHeap.segment(message, bytes).toArray(ValueLayout.JAVA_BYTE));
  }

  /** What was received since the last call. */
  synchronized List<String> taken() {
    List<String> taken = List.copyOf(requests);
    requests.clear();
    return taken;
  }

  /** Waits for something to have been received. */
  synchronized String awaitMessage() throws InterruptedException {
    while (requests.isEmpty()) {
      wait();
    }
    return requests.removeFirst();
  }

  void reply(int bytes, int... fds) {
    change.accept(socket.body());
    int sent = cut >= 0 ? cut : bytes;
    int[] along = otherDescriptors == null || fds.length == 0 ? fds : otherDescriptors;
    send(socket.id(), socket.command(), MessageSocket.FLAG_REPLY, sent, along);
  }

  /** Sends what its socket's body holds. */
  void send(int id, int command, int flags, int bytes, int... fds) {
    if (mutations == null) {
      socket.send(id, command, flags, 0, bytes, PATIENCE, fds);
    } else {
      sendSpoiled(id, command, flags, bytes, fds);
    }
  }

  /** Lets some answers be spoiled, and asks things in between. */
  void spoiling(Mutations how, BooleanSupplier when) {
    mutations = how;
    spoils = when;
  }

  private void sendSpoiled(int id, int command, int flags, int bytes, int... fds) {
    long message = socket.body() - MessageSocket.HEADER_BYTES;
    int size = MessageSocket.HEADER_BYTES + bytes;
    OffHeap.copy(message, spoiled.address(), size);
    OffHeap.putShort(spoiled.address(), (short) id);
    OffHeap.putShort(spoiled.address() + 2, (short) command);
    OffHeap.putInt(spoiled.address() + 4, size);
    OffHeap.putInt(spoiled.address() + 8, flags);
    OffHeap.putInt(spoiled.address() + 12, 0);
    try {
      for (long asked = spoiled.address() + SPOILED_BYTES / 2; spoils.getAsBoolean(); ) {
        mutations.ask(asked);
      }
      boolean isSpoiled = spoils.getAsBoolean();
      if (!isSpoiled) {
        long _ = own.send(spoiled.address(), size, fds);
      } else if (!mutations.send(spoiled.address(), size, fds)) {
        own.close();
      }
    } catch (LinuxException e) {
      // The client has had enough.
    }
  }

  /** Lets an answer be changed before it is sent, and be cut unless the bytes are negative. */
  void changing(Consumer<Long> how, int bytes, Runnable answer) {
    change = how;
    cut = bytes;
    answer.run();
    change = _ -> {};
    cut = -1;
  }

  /** Lets an answer be sent with another descriptor, if it has one. */
  void withDescriptor(int fd, Runnable answer) {
    otherDescriptors = new int[] {fd};
    answer.run();
    otherDescriptors = null;
  }

  /** Lets an answer be sent without the descriptors it has. */
  void withoutDescriptors(Runnable answer) {
    otherDescriptors = new int[0];
    answer.run();
    otherDescriptors = null;
  }

  void refuse(int errno) {
    int flags = MessageSocket.FLAG_REPLY | MessageSocket.FLAG_ERROR;
    socket.send(socket.id(), socket.command(), flags, errno, 0, PATIENCE);
  }

  /** Sends a command of its own. */
  synchronized void ask(int id, int command, Consumer<Long> body, int bytes) {
    body.accept(socket.body());
    socket.send(id, command, MessageSocket.FLAG_COMMAND, 0, bytes, PATIENCE);
  }

  private static void putInt(byte[] bytes, int offset, int value) {
    for (int i = 0; i < Integer.BYTES; i++) {
      bytes[offset + i] = (byte) (value >>> (i * Byte.SIZE));
    }
  }

  private void version(MessageSocket from) {
    reply(Version.plain().withDescriptors(8).write(from.body(), true));
  }

  private void deviceInfo(MessageSocket from) {
    DeviceInfo.write(from.body(), DeviceInfo.FLAG_PCI | DeviceInfo.FLAG_RESET, 9, 5);
    reply(DeviceInfo.BYTES);
  }

  private void regionInfo(MessageSocket from) {
    int index = OffHeap.getInt(from.received() + RegionInfo.INDEX);
    int room = OffHeap.getInt(from.received() + RegionInfo.ARGSZ);
    RegionInfo info =
        switch (index) {
          case 0 -> new RegionInfo(BAR_BYTES, 0, List.of(new RegionInfo.Area(DOORBELLS, PAGE)));
          case DeviceInfo.CONFIG_REGION -> new RegionInfo(config.length, 0, List.of());
          default -> new RegionInfo(0, 0, List.of());
        };
    int bytes = info.write(from.body(), index, 3, room);
    if (index == 0) {
      reply(bytes, doorbells);
    } else {
      reply(bytes);
    }
  }

  private void irqInfo(MessageSocket from) {
    OffHeap.putInt(from.body(), Interrupts.INFO_BYTES);
    OffHeap.putInt(from.body() + Interrupts.FLAGS, Interrupts.FLAG_EVENTFD);
    OffHeap.putInt(from.body() + Interrupts.INFO_INDEX, Interrupts.MSIX);
    OffHeap.putInt(from.body() + Interrupts.INFO_COUNT, VECTORS);
    reply(Interrupts.INFO_BYTES);
  }

  private void setIrqs(MessageSocket from) {
    int start = OffHeap.getInt(from.received() + Interrupts.SET_START);
    for (int i = 0; i < from.descriptors(); i++) {
      if (events[start + i] > 0) {
        Linux.close(events[start + i]);
      }
      events[start + i] = from.takeDescriptor(i);
    }
    reply(0);
  }

  private void map(MessageSocket from) {
    forget(memory.put(DmaRange.mapIova(from.received()), from.takeDescriptor(0)));
    reply(0);
  }

  private void unmap(MessageSocket from) {
    forget(memory.remove(DmaRange.unmapIova(from.received())));
    OffHeap.copy(from.received(), from.body(), DmaRange.UNMAP_BYTES);
    reply(DmaRange.UNMAP_BYTES);
  }

  private static void forget(Integer descriptor) {
    if (descriptor != null) {
      Linux.close(descriptor);
    }
  }

  private byte[] region(MessageSocket from) {
    return RegionAccess.region(from.received()) == 0 ? bar : config;
  }

  private void read(MessageSocket from) {
    int count = RegionAccess.count(from.received());
    OffHeap.copy(from.received(), from.body(), RegionAccess.BYTES);
    for (int i = 0; i < count; i++) {
      byte value = region(from)[(int) RegionAccess.offset(from.received()) + i];
      OffHeap.putByte(RegionAccess.data(from.body()) + i, value);
    }
    reply(RegionAccess.BYTES + count);
  }

  private void write(MessageSocket from) {
    int count = RegionAccess.count(from.received());
    for (int i = 0; i < count; i++) {
      byte value = OffHeap.getByte(RegionAccess.data(from.received()) + i);
      region(from)[(int) RegionAccess.offset(from.received()) + i] = value;
    }
    OffHeap.copy(from.received(), from.body(), RegionAccess.BYTES);
    reply(RegionAccess.BYTES);
  }

  /** What the client stored to a doorbell. */
  int doorbell(int offset) {
    long address = Linux.mmap(doorbells, DOORBELLS, PAGE, false);
    try {
      return OffHeap.getInt(address + offset);
    } finally {
      Linux.munmap(address, PAGE);
    }
  }

  /** Makes the file of the doorbells another size. */
  void resizeDoorbells(long bytes) {
    Linux.truncate(doorbells, bytes);
  }

  /** Hangs up, as a process that ends does. */
  void die() {
    boolean _ = watch == null || watch.stop();
    watch = null;
    socket.close();
  }

  @Override
  public void close() {
    die();
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      memory.values().forEach(Linux::close);
      for (int event : events) {
        if (event > 0) {
          Linux.close(event);
        }
      }
      Linux.close(doorbells);
    }
  }

  /**
   * How many descriptors this process has open that can be of a connection: sockets, events and
   * files of memory. The virtual machine opens and closes others whenever it likes.
   */
  static long openDescriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.filter(FakeServer::isOfConnection).count();
    }
  }

  private static boolean isOfConnection(Path descriptor) {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      return target.startsWith("socket:")
          || target.startsWith("anon_inode:")
          || target.startsWith("/memfd:");
    } catch (IOException e) {
      return false; // Closed meanwhile: the one of the listing itself.
    }
  }

  /** How many mappings of files of memory this process has. */
  static long mappedFiles() throws IOException {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.filter(line -> line.contains("/memfd:")).count();
    }
  }
}
