package sluice.virtual.vfiouser;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Aqa;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.QueueCommand;
import sluice.nvme.spec.Registers;
import sluice.queues.CompletionEntry;
import sluice.queues.SubmissionEntry;
import sluice.support.linux.Descriptors;
import sluice.support.linux.Events;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.linux.LocalSocket;
import sluice.support.memory.OffHeap;
import sluice.vfio.abi.Interrupts;
import sluice.vfio.vfiouser.Command;
import sluice.vfio.vfiouser.DeviceInfo;
import sluice.vfio.vfiouser.DmaAccess;
import sluice.vfio.vfiouser.DmaRange;
import sluice.vfio.vfiouser.MessageSocket;
import sluice.vfio.vfiouser.RegionAccess;
import sluice.vfio.vfiouser.VfioUserException;

/**
 * A client of a served drive that behaves, until it is told to misbehave: then it stays so, and
 * waits for what the server makes of it. Used by one thread.
 */
final class HostileClient implements AutoCloseable {
  static final int BLOCK = 512;

  /** What it does. */
  enum Mischief {
    /** Owes the answer to a DMA_READ of a command's data. */
    NEVER_ANSWERS,
    /** The same for the entries of its queue. */
    NEVER_SHOWS_ITS_QUEUE,
    /** Answers a DMA_READ, a byte now and then. */
    ANSWERS_BYTE_BY_BYTE,
    /** Has events that a write to would wait for, and commands that raise them. */
    FILLS_ITS_EVENTS,
    /** Gives the server descriptors, until it can have no more. */
    LEAKS_DESCRIPTORS,
    /** Asks, and takes no answers. */
    TAKES_NO_ANSWERS,
    /** Has begun a message. */
    STOPS_IN_A_MESSAGE;

    /** Whether the server ends it for what it did. */
    boolean isDropped() {
      return this != FILLS_ITS_EVENTS && this != STOPS_IN_A_MESSAGE;
    }
  }

  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final long SIZE = 1 << 20;
  private static final long SHARED = 0x10_0000;
  private static final long BY_MESSAGES = 0x30_0000;
  private static final int MAX_BODY = (1 << 20) + 4096;
  private static final int ADMIN_CQ = 0x1000;
  private static final int SQ = 0x2000;
  private static final int CQ = 0x3000;
  private static final int DATA = 0x4000;
  private static final int ENTRIES = 16;
  private static final int EVENTS_OF_MESSAGE = 16;
  private static final long BYTE_MILLIS = 20;

  private final LocalSocket connection;
  private final MessageSocket socket;
  private final int file = Linux.memfd("hostile", SIZE, 0);
  private final long memory = Linux.mmap(file, 0, SIZE, true);
  private final List<Integer> events = new ArrayList<>();
  private int nextId;
  private int adminCommands;
  private int commands;
  private boolean isAnswering = true;
  private boolean isFull;
  private Thread dripping;

  /** Connects and agrees; null if the server takes nobody now. */
  static HostileClient tryConnect(Path path) {
    LocalSocket connection;
    try {
      connection = LocalSocket.connect(path);
    } catch (LinuxException e) {
      return null;
    }
    HostileClient client = new HostileClient(connection);
    try {
      client.agree();
      return client;
    } catch (VfioUserException e) {
      client.close();
      return null;
    }
  }

  private HostileClient(LocalSocket connection) {
    this.connection = connection;
    this.socket = new MessageSocket(connection, MAX_BODY, 1);
  }

  private void agree() {
    OffHeap.putInt(socket.body(), 0x1_0000);
    ask(Command.VERSION, 4);
  }

  /** Sends a command, and waits for its reply. */
  private void ask(int command, int bytes, int... fds) {
    int id = nextId++ & 0xffff;
    socket.send(id, command, MessageSocket.FLAG_COMMAND, 0, bytes, TIMEOUT, fds);
    long begin = System.nanoTime();
    while (!takeReply(id)) {
      if (System.nanoTime() - begin > TIMEOUT.toNanos()) {
        throw new IllegalStateException("no answer to " + Command.name(command));
      }
    }
    if (socket.isError()) {
      throw new IllegalStateException(Command.name(command) + ": errno " + socket.error());
    }
  }

  private boolean takeReply(int id) {
    if (!socket.receive()) {
      if (socket.hasEnded()) {
        throw new VfioUserException("the server has ended the connection");
      }
      boolean _ = socket.await(10_000_000);
      return false;
    }
    if (socket.isReply()) {
      return socket.id() == id;
    }
    answer();
    return false;
  }

  private void answer() {
    if (!isAnswering) {
      return;
    }
    int command = socket.command();
    long count = DmaAccess.count(socket.received());
    long at = memory + DmaAccess.iova(socket.received()) - BY_MESSAGES;
    boolean isRead = command == Command.DMA_READ;
    if (isRead) {
      OffHeap.copy(at, DmaAccess.data(socket.body()), count);
    } else {
      OffHeap.copy(DmaAccess.data(socket.received()), at, count);
    }
    DmaAccess.write(socket.body(), DmaAccess.iova(socket.received()), count);
    int bytes = DmaAccess.BYTES + (isRead ? (int) count : 0);
    socket.send(socket.id(), command, MessageSocket.FLAG_REPLY, 0, bytes, TIMEOUT);
  }

  private void write(int region, long offset, int count, long value) {
    RegionAccess.write(socket.body(), offset, region, count);
    OffHeap.putLong(RegionAccess.data(socket.body()), value);
    ask(Command.REGION_WRITE, RegionAccess.BYTES + count);
  }

  private int csts() {
    RegionAccess.write(socket.body(), Registers.CSTS, 0, 4);
    ask(Command.REGION_READ, RegionAccess.BYTES);
    return OffHeap.getInt(RegionAccess.data(socket.received()));
  }

  private void map(long iova, int... fd) {
    int flags = DmaRange.FLAG_READABLE | DmaRange.FLAG_WRITABLE;
    DmaRange.writeMap(socket.body(), flags, 0, iova, SIZE);
    ask(Command.DMA_MAP, DmaRange.MAP_BYTES, fd);
  }

  /** Brings the drive up, with a queue; then {@link #write} and {@link #read} can be used. */
  void enable() {
    map(SHARED, file);
    map(BY_MESSAGES);
    write(DeviceInfo.CONFIG_REGION, 4, 2, 0x406);
    write(0, Registers.AQA, 4, Aqa.of(ENTRIES, ENTRIES));
    write(0, Registers.ASQ, 8, SHARED);
    write(0, Registers.ACQ, 8, SHARED + ADMIN_CQ);
    write(0, Registers.CC, 4, Cc.iocqes(Cc.iosqes(Cc.en(0, true), 6), 4));
    long begin = System.nanoTime();
    while (csts() != Csts.rdy(0, true)) {
      checkTime(begin);
    }
    createQueue(1, SHARED + SQ, SHARED + CQ);
  }

  private void createQueue(int id, long sq, long cq) {
    int cdw10 = QueueCommand.cdw10(id, ENTRIES);
    int vector = QueueCommand.completionCdw11(true, 1);
    admin(AdminOpcode.CREATE_IO_COMPLETION_QUEUE, cq, cdw10, vector);
    int cdw11 = QueueCommand.submissionCdw11(id);
    admin(AdminOpcode.CREATE_IO_SUBMISSION_QUEUE, sq, cdw10, cdw11);
  }

  private void admin(int opcode, long prp1, int cdw10, int cdw11) {
    long entry = memory + adminCommands * (long) SubmissionEntry.BYTES;
    SubmissionEntry.begin(entry, opcode, adminCommands, 0);
    SubmissionEntry.prps(entry, prp1, 0);
    SubmissionEntry.cdw(entry, 10, cdw10);
    SubmissionEntry.cdw(entry, 11, cdw11);
    adminCommands++;
    write(0, Registers.DOORBELLS, 4, adminCommands);
    await(memory + ADMIN_CQ + (adminCommands - 1) * (long) CompletionEntry.BYTES);
  }

  private void await(long completion) {
    long begin = System.nanoTime();
    while (!CompletionEntry.hasPhaseAcquire(completion, 1)) {
      checkTime(begin);
      Thread.onSpinWait();
    }
    if (CompletionEntry.status(completion) != 0) {
      throw new IllegalStateException("status " + CompletionEntry.status(completion));
    }
  }

  private static void checkTime(long begin) {
    if (System.nanoTime() - begin > TIMEOUT.toNanos()) {
      throw new IllegalStateException("no answer from the drive");
    }
  }

  /** One of the first commands of the queue, as many as it has entries less one. */
  private void post(int opcode, long lba, long prp1) {
    long entry = memory + SQ + commands * (long) SubmissionEntry.BYTES;
    SubmissionEntry.begin(entry, opcode, commands, 1);
    SubmissionEntry.prps(entry, prp1, 0);
    SubmissionEntry.cdw10And11(entry, lba);
    SubmissionEntry.cdw(entry, 12, opcode == IoOpcode.FLUSH ? 0 : IoCommand.cdw12(1, 0));
    commands++;
    write(0, Registers.DOORBELLS + 8, 4, commands);
  }

  private void run(int opcode, long lba) {
    post(opcode, lba, SHARED + DATA);
    await(memory + CQ + (commands - 1) * (long) CompletionEntry.BYTES);
  }

  /** Writes a block full of a value. */
  void write(long lba, long value) {
    for (int i = 0; i < BLOCK; i += Long.BYTES) {
      OffHeap.putLong(memory + DATA + i, value);
    }
    run(IoOpcode.WRITE, lba);
  }

  /** The first bytes of a block. */
  long read(long lba) {
    run(IoOpcode.READ, lba);
    return OffHeap.getLong(memory + DATA);
  }

  // ---- mischief

  /** Begins to misbehave. On return the server has got it. */
  void begin(Mischief mischief) {
    switch (mischief) {
      case NEVER_ANSWERS -> {
        isAnswering = false;
        post(IoOpcode.WRITE, 100, BY_MESSAGES + DATA);
        awaitQuestion();
      }
      case NEVER_SHOWS_ITS_QUEUE -> {
        createQueue(2, BY_MESSAGES + SQ, BY_MESSAGES + CQ);
        isAnswering = false;
        write(0, Registers.DOORBELLS + 16, 4, 5);
        awaitQuestion();
      }
      case ANSWERS_BYTE_BY_BYTE -> {
        isAnswering = false;
        post(IoOpcode.WRITE, 100, BY_MESSAGES + DATA);
        awaitQuestion();
        drip();
      }
      case FILLS_ITS_EVENTS -> {
        for (int i = 0; i < 2; i++) {
          events.add(fullEvent());
        }
        giveEvents(0, events.get(0), events.get(1));
        for (int i = 0; i < 4; i++) {
          run(IoOpcode.FLUSH, 0);
        }
      }
      case LEAKS_DESCRIPTORS -> leak();
      case TAKES_NO_ANSWERS -> {
        try {
          while (true) {
            RegionAccess.write(socket.body(), 0, DeviceInfo.CONFIG_REGION, 4096);
            int bytes = RegionAccess.BYTES;
            socket.send(1, Command.REGION_READ, 0, 0, bytes, Duration.ofMillis(300));
          }
        } catch (VfioUserException e) {
          // Now neither side takes anything.
          isFull = true;
        }
      }
      case STOPS_IN_A_MESSAGE -> {
        OffHeap.putInt(memory, 3 | Command.REGION_WRITE << 16);
        OffHeap.putInt(memory + 4, 1 << 20);
        OffHeap.putLong(memory + 8, 0);
        sendAll(memory, 100);
      }
    }
  }

  private void awaitQuestion() {
    long begin = System.nanoTime();
    while (!socket.receive() || socket.isReply()) {
      checkTime(begin);
      boolean _ = socket.await(10_000_000);
    }
  }

  /** Answers what was asked, so slowly that it takes longer than anybody waits. */
  private void drip() {
    int bytes = MessageSocket.HEADER_BYTES + DmaAccess.BYTES + BLOCK;
    long at = memory + DATA;
    OffHeap.putInt(at, socket.id() | Command.DMA_READ << 16);
    OffHeap.putInt(at + 4, bytes);
    OffHeap.putLong(at + 8, MessageSocket.FLAG_REPLY);
    DmaAccess.write(at + 16, DmaAccess.iova(socket.received()), BLOCK);
    dripping = Thread.ofPlatform().daemon().start(() -> drip(at, bytes - 1));
  }

  /** Not by {@link LocalSocket#send}: its scratch memory is the other thread's, which receives. */
  private void drip(long at, int bytes) {
    try {
      for (int i = 0; i < bytes; i++) {
        long _ = Linux.write(connection.fd(), at + i, 1);
        Thread.sleep(BYTE_MILLIS);
      }
    } catch (LinuxException | InterruptedException e) {
      // The server is gone, or this client.
    }
  }

  private void endDripping() {
    if (dripping == null) {
      return;
    }
    dripping.interrupt();
    try {
      dripping.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted, with the memory in use", e);
    }
  }

  private void sendAll(long address, long bytes) {
    for (long sent = 0; sent < bytes; ) {
      sent += connection.send(address + sent, bytes - sent);
    }
  }

  private int fullEvent() {
    int event = Events.eventfd();
    OffHeap.putLong(memory + DATA, -2);
    long _ = Linux.write(event, memory + DATA, Long.BYTES);
    Descriptors.block(event);
    return event;
  }

  private void giveEvents(int first, int... fds) {
    long body = socket.body();
    OffHeap.putInt(body, Interrupts.SET_DATA);
    OffHeap.putInt(body + Interrupts.FLAGS, Interrupts.DATA_EVENTFD | Interrupts.ACTION_TRIGGER);
    OffHeap.putInt(body + Interrupts.SET_INDEX, Interrupts.MSIX);
    OffHeap.putInt(body + Interrupts.SET_START, first);
    OffHeap.putInt(body + Interrupts.SET_COUNT, fds.length);
    ask(Command.DEVICE_SET_IRQS, Interrupts.SET_DATA, fds);
  }

  /** Events for all vectors, and then more and more with one message that does not end. */
  private void leak() {
    int event = Events.eventfd();
    events.add(event);
    int[] all = new int[EVENTS_OF_MESSAGE];
    Arrays.fill(all, event);
    try {
      for (int vector = 0; ; vector += EVENTS_OF_MESSAGE) {
        giveEvents(vector, all);
      }
    } catch (VfioUserException | IllegalStateException e) {
      // There are no more vectors, or descriptors.
    }
    try {
      OffHeap.putInt(memory + DATA, 1 | Command.REGION_READ << 16);
      OffHeap.putInt(memory + DATA + 4, 1 << 20);
      OffHeap.putLong(memory + DATA + 8, 0);
      for (int i = 0; i < MessageSocket.HEADER_BYTES + 4; i++) {
        long _ = connection.send(memory + DATA + i, 1, all);
      }
    } catch (LinuxException e) {
      // The server has ended it already.
    }
  }

  /** Waits until the server has ended the connection; one that takes no answers asks on for it. */
  void awaitEnd() {
    long begin = System.nanoTime();
    try {
      while (!socket.hasEnded()) {
        checkTime(begin);
        if (isFull) {
          long _ = connection.send(memory, 1);
          LockSupport.parkNanos(1_000_000);
        } else if (!socket.receive()) {
          boolean _ = socket.await(1_000_000);
        }
      }
    } catch (VfioUserException | LinuxException e) {
      // That is an end too.
    }
  }

  @Override
  public void close() {
    // Before the memory and the socket that it uses.
    endDripping();
    socket.close();
    events.forEach(Linux::close);
    Linux.munmap(memory, SIZE);
    Linux.close(file);
  }

  // ---- by hand

  /**
   * Starts a server for each kind of mischief, and tells how long the next client waits when a
   * hostile one is gone, and how long the server takes to stop while there is another.
   *
   * <pre>
   *   java … sluice.virtual.vfiouser.HostileClient FOLDER 'ulimit -n 100; exec ./sluice serve …'
   * </pre>
   */
  public static void main(String[] arguments) throws Exception {
    for (Mischief mischief : Mischief.values()) {
      if (arguments.length > 2 && !mischief.name().matches(arguments[2])) {
        continue;
      }
      Path folder = Path.of(arguments[0]);
      Files.deleteIfExists(folder.resolve("image"));
      try {
        HostileTrial.run(mischief, folder, arguments[1]);
      } catch (IllegalStateException | VfioUserException e) {
        System.out.println(mischief + ": " + e);
        e.printStackTrace(System.out);
      }
    }
  }

  /** Not used but by {@link HostileTrial}: tries until the server takes it. */
  static HostileClient connect(Path path, LongConsumer tries) {
    long begin = System.nanoTime();
    long count = 0;
    HostileClient client;
    while ((client = tryConnect(path)) == null) {
      tries.accept(++count);
      checkTime(begin);
      LockSupport.parkNanos(2_000_000);
    }
    return client;
  }
}
