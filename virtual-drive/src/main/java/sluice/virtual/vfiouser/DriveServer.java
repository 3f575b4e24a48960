package sluice.virtual.vfiouser;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import sluice.nvme.DriveAddress;
import sluice.support.agent.Agent;
import sluice.support.agent.IdleStrategy;
import sluice.support.events.GuestLog;
import sluice.support.events.Incidents;
import sluice.support.linux.Entrance;
import sluice.support.linux.EventRaiser;
import sluice.support.linux.LinuxException;
import sluice.support.linux.LocalSocket;
import sluice.vfio.vfiouser.MessageSocket;
import sluice.vfio.vfiouser.VfioUserException;
import sluice.virtual.VirtualDriveProvider;
import sluice.virtual.media.DriveIdentity;
import sluice.virtual.pci.VirtualDrive;
import sluice.virtual.pci.VirtualFunction;

/**
 * Serves a virtual drive at a socket. An agent: {@link #doWork} takes a turn of the drive and, now
 * and then, looks at the socket; {@link #idle} sleeps where nothing happens. Run by one thread:
 *
 * <pre>{@code
 * AgentRunner.start(server, server.idle())
 * }</pre>
 *
 * <p>While there is something to do it turns without a pause. Without work it goes on turning for
 * about half a millisecond, for a driver that waits for each command sends the next one soon; then
 * it sleeps, because nobody tells it of a doorbell that was stored, for as short as 20 µs at first
 * and up to 1 ms. A drive that is disabled sleeps until a message comes.
 */
public final class DriveServer implements Agent {
  /** How many turns of doing nothing are worth a look at the socket. */
  private static final int TURNS_PER_LOOK = 1024;

  /** How many turns of doing nothing a command stands for, which takes longer. */
  private static final int TURNS_PER_COMMAND = 4;

  private static final int TURNS_BEFORE_SLEEP = 30_000;
  private static final long SHORTEST_SLEEP_NANOS = 20_000;
  private static final long LONGEST_SLEEP_NANOS = 1_000_000;

  /** Of a disabled drive; an end to it lets the server be stopped. */
  private static final long DISABLED_SLEEP_NANOS = 100_000_000;

  private final SocketFile file;
  private final VirtualDrive drive;
  private final VirtualFunction function;
  private final LongSupplier clock;
  private final GuestLog log;
  private final Entrance<LocalSocket> entrance;
  private final EventRaiser raiser;
  private final SocketWatch sockets = new SocketWatch();

  // For one connection after the other.
  private final MemorySegment messages = MessageSocket.memory(Connection.MAX_BODY);
  private final MemorySegment twinMessages = MessageSocket.memory(Connection.MAX_BODY);

  /** Null while nobody is there. */
  private Connection connection;

  /** Came while a client was there that has not said anything; null if none has. */
  private LocalSocket newcomer;

  /** Whether a former client still has a hand on the doorbells. */
  private boolean isStale;

  private int turnsToLook;
  private int quietTurns;
  private long sleepNanos = SHORTEST_SLEEP_NANOS;
  private boolean isClosed;

  private DriveServer(
      SocketFile file,
      VirtualDrive drive,
      EventRaiser raiser,
      LongSupplier clock,
      Consumer<String> log) {
    this.raiser = raiser;
    this.clock = clock;
    this.log = new GuestLog(log, clock, "clients");
    this.entrance = new Entrance<>(file.socket()::accept, clock, this.log);
    this.file = file;
    this.drive = drive;
    this.function = new VirtualFunction(drive.name(), drive, null);
  }

  /**
   * Opens a drive and listens for clients.
   *
   * @param socket where to listen; what a server left there that is no more is replaced
   * @param drive a virtual drive's address; on what thread it works is the server's to say
   * @param clock nanoseconds, as {@link System#nanoTime}
   * @param log gets a line when a client comes, goes, or is refused, a few at once and a count of
   *     the others; on the server's thread, and whatever it throws is as if it had none
   * @throws IllegalArgumentException if the path or the address cannot be used; one clear line
   */
  public static DriveServer open(
      Path socket, DriveAddress drive, LongSupplier clock, Consumer<String> log) {
    return open(socket, () -> VirtualDriveProvider.drive(drive, clock), clock, log);
  }

  /** The same with a drive that is made in whatever way. */
  static DriveServer open(
      Path socket, Supplier<VirtualDrive> drive, LongSupplier clock, Consumer<String> log) {
    // The socket first: nothing is made of a drive that another server has.
    SocketFile file = SocketFile.listen(socket);
    EventRaiser raiser = null;
    try {
      raiser = raiser();
      return new DriveServer(file, drive.get(), raiser, clock, log);
    } catch (RuntimeException | Error e) {
      file.close();
      if (raiser != null) {
        raiser.close();
      }
      throw e;
    }
  }

  private static EventRaiser raiser() {
    try {
      return new EventRaiser();
    } catch (LinuxException e) {
      throw new IllegalArgumentException(
          "serving takes asynchronous reads of the kernel, to raise interrupts: "
              + e.getMessage()
              + "; raise fs.aio-max-nr, or allow io_setup and io_submit",
          e);
    }
  }

  @Override
  public String name() {
    return "serve-" + drive.name();
  }

  /** Who the drive is that is served. */
  public DriveIdentity identity() {
    return drive.identity();
  }

  @Override
  public int doWork() {
    int work;
    try {
      work = function.poll();
    } catch (InternalError e) {
      if (!outlives(e)) {
        throw e;
      }
      return 1;
    }
    turnsToLook -= 1 + work * TURNS_PER_COMMAND;
    if (turnsToLook <= 0 || (connection != null && connection.isAwaited())) {
      work += look();
    }
    return work;
  }

  /** {@inheritDoc} A page of a client's file is not there (SIGBUS): the client goes. */
  @Override
  public boolean outlives(InternalError memoryFault) {
    boolean hadClient = connection != null;
    end("the client took memory away that it had shared");
    return hadClient;
  }

  /** Handles what has come on the sockets. */
  private int look() {
    turnsToLook = TURNS_PER_LOOK;
    log.turn();
    if (connection != null && connection.failure() != null) {
      end(connection.failure().getMessage());
      return 1;
    }
    boolean isAwaited = connection != null && connection.isAwaited();
    if (!poll(0) && !isAwaited) {
      return 0;
    }
    int work = 0;
    if (isAwaited || sockets.isReady(SocketWatch.CONNECTED) || sockets.isReady(SocketWatch.TWIN)) {
      work += serve();
    }
    if (newcomer != null && sockets.isReady(SocketWatch.NEWCOMER)) {
      work += meetNewcomer();
    }
    if (sockets.isReady(SocketWatch.LISTENING)) {
      work += welcome();
    }
    if (work > 0) {
      // What was asked for may be the drive's to do, and more may be on its way.
      turnsToLook = 0;
    }
    return work;
  }

  /** Asks which sockets have something to say, and waits for that; whether any has. */
  private boolean poll(long nanos) {
    sockets.watch(SocketWatch.LISTENING, entrance.isOpen() ? file.socket().fd() : SocketWatch.NONE);
    sockets.watch(SocketWatch.NEWCOMER, newcomer == null ? SocketWatch.NONE : newcomer.fd());
    if (connection == null) {
      sockets.watch(SocketWatch.CONNECTED, SocketWatch.NONE);
      sockets.watch(SocketWatch.TWIN, SocketWatch.NONE);
    } else {
      sockets.watch(SocketWatch.CONNECTED, connection.fd());
      sockets.watch(SocketWatch.TWIN, connection.twinFd());
      if (connection.isSending()) {
        sockets.watchForRoom(SocketWatch.CONNECTED);
      }
      if (connection.isTwinSending()) {
        sockets.watchForRoomToo(SocketWatch.TWIN);
      }
    }
    return sockets.poll(nanos);
  }

  private int serve() {
    try {
      int work = connection.work();
      if (connection.hasEnded()) {
        end(connection.isAgreed() ? "closed by the client" : null);
        work++;
      }
      return work;
    } catch (VfioUserException | LinuxException e) {
      end(e.getMessage());
      return 1;
    }
  }

  private int welcome() {
    LocalSocket socket = entrance.take();
    return socket == null ? 0 : admit(socket);
  }

  /**
   * Takes a client, or refuses it while there is another. One that has not said what it speaks
   * stays until another says something: who only looks whether a server is there says nothing.
   */
  int admit(LocalSocket socket) {
    if (connection != null) {
      // The one before may have gone just now.
      int _ = serve();
    }
    if (connection != null && !connection.isAgreed()) {
      leaveNewcomer();
      newcomer = socket;
      return 1;
    }
    if (connection != null) {
      log.accept("a second client was refused: there is one already");
      socket.close();
      return 1;
    }
    if (!renew()) {
      socket.close();
      return 1;
    }
    connection = new Connection(socket, function, messages, twinMessages, raiser, clock);
    tell("a client has connected");
    return 1;
  }

  /** The newcomer has said something, or gone. */
  private int meetNewcomer() {
    boolean isGone = sockets.isGone(SocketWatch.NEWCOMER);
    if (connection != null && !connection.isAgreed() && !isGone) {
      end("another came before it had said what it speaks");
    }
    LocalSocket socket = newcomer;
    newcomer = null;
    if (isGone) {
      socket.close();
      return 1;
    }
    return admit(socket);
  }

  private void leaveNewcomer() {
    if (newcomer != null) {
      newcomer.close();
      newcomer = null;
    }
  }

  /** Sees to doorbells that no former client has a hand on; false if there are none now. */
  private boolean renew() {
    if (isStale) {
      try {
        function.renew();
        isStale = false;
      } catch (LinuxException e) {
        log.accept("a client was refused: " + e.getMessage());
      }
    }
    return !isStale;
  }

  /**
   * @param reason for people; null for a client that came and went without a word
   */
  private void end(String reason) {
    if (connection == null) {
      return;
    }
    Connection ended = connection;
    connection = null;
    try {
      ended.close();
    } catch (LinuxException e) {
      isStale = true;
    }
    entrance.open();
    tell("the client is gone" + (reason == null ? "" : ": " + reason));
  }

  private void tell(String what) {
    Incidents.session(drive.name(), what);
    log.accept(what);
  }

  /** What the server's thread does between two turns. */
  public IdleStrategy idle() {
    return this::idle;
  }

  private void idle(int work) {
    if (work > 0) {
      quietTurns = 0;
      sleepNanos = SHORTEST_SLEEP_NANOS;
      return;
    }
    if (drive.isDisabled()) {
      sleep(DISABLED_SLEEP_NANOS);
      // It may be disabled because the connection has failed in its turn.
      turnsToLook = 0;
    } else if (++quietTurns > TURNS_BEFORE_SLEEP) {
      long event = Math.max(drive.nanosToNextEvent(), SHORTEST_SLEEP_NANOS);
      sleep(Math.min(event, sleepNanos));
      sleepNanos = Math.min(2 * sleepNanos, LONGEST_SLEEP_NANOS);
    }
  }

  private void sleep(long nanos) {
    if (poll(nanos)) {
      turnsToLook = 0;
    }
  }

  /** Ends the connection, removes the socket, and makes durable what was written. */
  @Override
  public void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    try {
      leaveNewcomer();
      end("the server stops");
      log.end();
    } finally {
      try {
        file.close();
      } finally {
        try {
          function.close();
        } finally {
          raiser.close();
        }
      }
    }
  }
}
