package sluice.virtual.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import sluice.nvme.DriveAddress;
import sluice.nvme.tcp.pdu.InitializePdu;
import sluice.support.Closing;
import sluice.support.agent.Agent;
import sluice.support.agent.IdleStrategy;
import sluice.support.events.GuestLog;
import sluice.support.events.Incidents;
import sluice.support.linux.LinuxException;
import sluice.support.linux.TcpSocket;
import sluice.support.text.PlainText;
import sluice.virtual.VirtualDriveProvider;
import sluice.virtual.command.BufferPool;
import sluice.virtual.command.Subsystem;
import sluice.virtual.media.DriveIdentity;

/**
 * Shares drives by NVMe over TCP: the controllers' side of as many hosts and connections as come.
 * An agent: {@link #doWork} receives, lets the drives work, and sends; {@link #idle} sleeps where
 * nothing happens. Run by one thread:
 *
 * <pre>{@code
 * AgentRunner.start(target, target.idle())
 * }</pre>
 *
 * <p>Nothing that a host does or leaves is waited for: what it does not send is not there, and what
 * it does not take stays until a limit, at which none of its commands are begun. One that is silent
 * for longer than it said when it connected, or takes nothing, or gives nothing of what it was
 * asked for, for half a minute, is gone.
 */
public final class Target implements Agent {
  private static final long TIDY_NANOS = 100_000_000;

  /** Turns without anything after which a connection is only looked at now and then. */
  private static final int TURNS_TO_COOL = 3_000;

  private static final int TURNS_PER_LOOK = 64;
  private static final int GUESTS_PER_LOOK = 32;
  private static final int TURNS_BEFORE_YIELD = 50;
  private static final int TURNS_BEFORE_SLEEP = 10_000;
  private static final long SHORTEST_SLEEP_NANOS = 20_000;

  private final TargetOptions options;
  private final LongSupplier clock;
  private final GuestLog hostLog;
  private final GuestLog connectionLog;
  private final Admission admission;
  private final Exports exports;
  private final List<QueueConnection> connections = new ArrayList<>();
  private final QueueMemory queueMemory;
  private final BufferPool buffers = new BufferPool();
  private final MemorySegment sink = Arena.ofAuto().allocate(QueueConnection.MAX_DATA_BYTES);
  private final Fabrics fabrics = new Fabrics(this);
  private final SocketPoll poll = new SocketPoll();

  private long now;
  private long tidiedAt;
  private int turnsToLook;
  private int quietTurns;
  private boolean isClosed;

  private Target(
      TargetOptions options, TcpSocket listener, LongSupplier clock, Consumer<String> log) {
    this.options = options;
    this.clock = clock;
    // A flood of connections does not hide what becomes of the hosts.
    Consumer<String> lines = line -> tell(log, line);
    this.hostLog = new GuestLog(lines, clock, "hosts");
    this.connectionLog = new GuestLog(lines, clock, "connections");
    this.exports = new Exports(hostLog);
    this.admission = new Admission(options, listener, clock, connectionLog);
    this.queueMemory = new QueueMemory(options.queueBytes());
    this.now = clock.getAsLong();
    this.tidiedAt = now;
  }

  /**
   * Listens, and opens the drives.
   *
   * @param drives addresses of virtual drives, each a subsystem
   * @param clock nanoseconds, as {@link System#nanoTime}
   * @param log gets a line when a host comes, goes, or is refused, a few at once and a count of the
   *     others; on the target's thread, and whatever it throws is as if it had none
   * @throws IllegalArgumentException if that cannot be; one clear line
   */
  public static Target open(
      TargetOptions options, List<DriveAddress> drives, LongSupplier clock, Consumer<String> log) {
    List<Supplier<Subsystem>> makers = new ArrayList<>();
    for (DriveAddress drive : drives) {
      makers.add(() -> VirtualDriveProvider.subsystem(drive, clock));
    }
    return make(options, makers, clock, log);
  }

  /** The same with drives that are made in whatever way. */
  static Target make(
      TargetOptions options,
      List<Supplier<Subsystem>> drives,
      LongSupplier clock,
      Consumer<String> log) {
    TcpSocket listener;
    try {
      // The socket first: nothing is made of a drive that another target has.
      listener = TcpSocket.listen(options.address());
    } catch (LinuxException e) {
      throw new IllegalArgumentException(
          "cannot listen at " + TcpSocket.text(options.address()) + ": " + e.getMessage(), e);
    }
    Target target = new Target(options, listener, clock, log);
    try {
      for (Supplier<Subsystem> drive : drives) {
        target.exports.add(drive.get());
      }
      return target;
    } catch (RuntimeException | Error e) {
      Closing.after(e, target);
      throw e;
    }
  }

  @Override
  public String name() {
    return "target-" + options.address().getPort();
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return admission.address();
  }

  /** Who the drives are that it shares. */
  public List<DriveIdentity> identities() {
    return exports.drives().stream().map(drive -> drive.subsystem().identity()).toList();
  }

  /** How many connections there are. */
  int connectionCount() {
    return connections.size();
  }

  // ---- for its rooms

  BufferPool buffers() {
    return buffers;
  }

  /** Memory for data that nobody wants, as much as a PDU can have. */
  long sink() {
    return sink.address();
  }

  QueueMemory queueMemory() {
    return queueMemory;
  }

  /**
   * Memory for a queue.
   *
   * @throws OutOfMemoryError if there is none for it, which is told
   */
  QueueMemory.Room room(QueueConnection connection, int commands, Association host) {
    try {
      return queueMemory.take(commands, connection.outgoing(), buffers, host.queueBytes());
    } catch (OutOfMemoryError e) {
      connectionLog.accept("a queue of %s was refused: %s".formatted(connection, e.getMessage()));
      throw e;
    }
  }

  /** The time of the turn. */
  long now() {
    return now;
  }

  /** The time, in nanoseconds. */
  long clock() {
    return clock.getAsLong();
  }

  /** Which digests a host may have. */
  int digests() {
    return InitializePdu.HEADER_DIGESTS | InitializePdu.DATA_DIGESTS;
  }

  Fabrics fabrics() {
    return fabrics;
  }

  Admission admission() {
    return admission;
  }

  Exports exports() {
    return exports;
  }

  private void tell(Consumer<String> log, String what) {
    Incidents.session(name(), what);
    // A host chooses its name.
    log.accept(PlainText.escape(what));
  }

  // ---- turns

  @Override
  public int doWork() {
    int work = 0;
    turnsToLook--;
    boolean isLook = turnsToLook <= 0;
    if (isLook) {
      turnsToLook = TURNS_PER_LOOK;
      now = clock.getAsLong();
      work += look(0);
    } else {
      for (int i = connections.size() - 1; i >= 0; i--) {
        QueueConnection connection = connections.get(i);
        if (connection.quietTurns() < TURNS_TO_COOL) {
          work += connection.receive();
        }
      }
    }
    work += exports.turn();
    work += send();
    if (isLook && now - tidiedAt >= TIDY_NANOS) {
      tidiedAt = now;
      tidy();
    }
    return work;
  }

  private int send() {
    int work = 0;
    for (int i = connections.size() - 1; i >= 0; i--) {
      QueueConnection connection = connections.get(i);
      if (connection.outgoing().send() > 0) {
        work++;
      }
      if (connection.endIfBroken()) {
        work++;
      }
      if (connection.state() == QueueConnection.State.CLOSED) {
        remove(connection);
      }
    }
    return work;
  }

  private void remove(QueueConnection connection) {
    connections.remove(connection);
    admission.left();
  }

  /** Something is wrong with a connection, which ends. */
  void faulted(QueueConnection connection, String what) {
    // With its admin queue a host leaves, which is told with the same words.
    if (connection.queue() == null || connection.queue().id() > 0) {
      connectionLog.accept("a connection from %s was ended: %s".formatted(connection, what));
    }
  }

  /** Asks which sockets have something to say, and waits for that; then hears them. */
  private int look(long nanos) {
    poll.begin(connections.size() + 1);
    int listening = poll.add(admission.fd(), admission.isOpen(), false);
    for (int i = 0; i < connections.size(); i++) {
      QueueConnection connection = connections.get(i);
      int _ = poll.add(connection.fd(), true, connection.outgoing().isSending());
    }
    if (!poll.await(nanos)) {
      return 0;
    }
    now = clock.getAsLong();
    int work = 0;
    // From the end: who has gone leaves the list, and who is behind has been heard.
    for (int i = connections.size() - 1; i >= 0; i--) {
      if (poll.isReady(1 + i)) {
        work += connections.get(i).receive();
        turnsToLook = 0;
      }
    }
    if (poll.isReady(listening)) {
      work += welcome();
    }
    return work;
  }

  /** Lets in who has come, a few at once: there may be others behind a flood. */
  private int welcome() {
    int work = 0;
    for (; work < GUESTS_PER_LOOK; work++) {
      TcpSocket socket = admission.welcome();
      if (socket == null) {
        break;
      }
      QueueConnection connection = admission.admit(socket, this);
      if (connection != null) {
        connections.add(connection);
      }
      turnsToLook = 0;
    }
    return work;
  }

  /** Parts with who has been silent for too long. */
  private void tidy() {
    for (int i = connections.size() - 1; i >= 0; i--) {
      ConnectionLimits.hold(connections.get(i), now);
    }
    exports.endSilent(now);
    hostLog.turn();
    connectionLog.turn();
  }

  // ---- between turns

  /** What the target's thread does between two turns. */
  public IdleStrategy idle() {
    return this::idle;
  }

  private void idle(int work) {
    if (work > 0) {
      quietTurns = 0;
      return;
    }
    if (++quietTurns <= TURNS_BEFORE_SLEEP) {
      if (quietTurns > TURNS_BEFORE_YIELD) {
        // Who is waited for may need this processor to get on.
        Thread.yield();
      }
      return;
    }
    long event = Math.min(TIDY_NANOS, exports.nanosToNextEvent());
    int heard = look(Math.max(event, SHORTEST_SLEEP_NANOS));
    turnsToLook = heard > 0 ? TURNS_PER_LOOK : 0;
    if (heard > 0) {
      quietTurns = 0;
    }
  }

  /** Ends all connections, and makes durable what was written. */
  @Override
  public void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    admission.close();
    for (int i = connections.size() - 1; i >= 0; i--) {
      connections.get(i).end("the target stops");
    }
    connectionLog.end();
    hostLog.end();
    exports.close();
  }
}
