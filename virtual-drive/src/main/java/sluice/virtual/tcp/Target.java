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
import sluice.support.events.Incidents;
import sluice.support.linux.Entrance;
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
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** How long a connection may take to say whose it is. */
  private static final long HANDSHAKE_NANOS = 10 * NANOS_PER_SECOND;

  /** How long a host that was told of its error may take to close its connection. */
  private static final long FAREWELL_NANOS = 2 * NANOS_PER_SECOND;

  /** How long a host may take nothing of what waits for it, or give nothing that it owes. */
  private static final long STUCK_NANOS = 30 * NANOS_PER_SECOND;

  private static final long TIDY_NANOS = NANOS_PER_SECOND / 10;

  /** Turns without anything after which a connection is only looked at now and then. */
  private static final int TURNS_TO_COOL = 3_000;

  private static final int TURNS_PER_LOOK = 64;
  private static final int TURNS_BEFORE_YIELD = 50;
  private static final int TURNS_BEFORE_SLEEP = 10_000;
  private static final long SHORTEST_SLEEP_NANOS = 20_000;

  private final TargetOptions options;
  private final LongSupplier clock;
  private final Consumer<String> log;
  private final TcpSocket listener;
  private final Entrance<TcpSocket> entrance;
  private final List<ExportedDrive> drives = new ArrayList<>();
  private final List<QueueConnection> connections = new ArrayList<>();
  private final List<DiscoveryAssociation> discoveries = new ArrayList<>();
  private final BufferPool buffers = new BufferPool();
  private final MemorySegment sink = Arena.ofAuto().allocate(QueueConnection.MAX_DATA_BYTES);
  private final Fabrics fabrics = new Fabrics(this);
  private final SocketPoll poll = new SocketPoll();

  private long now;
  private long tidiedAt;
  private int turnsToLook;
  private int quietTurns;
  private int lastDiscoveryId;
  private boolean isClosed;

  private Target(
      TargetOptions options, TcpSocket listener, LongSupplier clock, Consumer<String> log) {
    this.options = options;
    this.listener = listener;
    this.clock = clock;
    this.log = log;
    this.entrance = new Entrance<>(listener::accept, clock, log);
    this.now = clock.getAsLong();
    this.tidiedAt = now;
  }

  /**
   * Listens, and opens the drives.
   *
   * @param drives addresses of virtual drives, each a subsystem
   * @param clock nanoseconds, as {@link System#nanoTime}
   * @param log gets a line when a host comes, goes, or is refused; on the target's thread
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
        target.add(drive.get());
      }
      return target;
    } catch (RuntimeException | Error e) {
      Closing.after(e, target);
      throw e;
    }
  }

  private void add(Subsystem subsystem) {
    ExportedDrive drive = new ExportedDrive(subsystem);
    boolean isDouble = drive(drive.nqn()) != null;
    drives.add(drive);
    if (isDouble) {
      throw new IllegalArgumentException(
          "two drives have the name " + drive.nqn() + "; give one another by nqn=");
    }
  }

  @Override
  public String name() {
    return "target-" + options.address().getPort();
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return listener.localAddress();
  }

  /** Who the drives are that it shares. */
  public List<DriveIdentity> identities() {
    return drives.stream().map(drive -> drive.subsystem().identity()).toList();
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

  /** The time of the turn. */
  long now() {
    return now;
  }

  /** Which digests a host may have. */
  int digests() {
    return InitializePdu.HEADER_DIGESTS | InitializePdu.DATA_DIGESTS;
  }

  Fabrics fabrics() {
    return fabrics;
  }

  boolean allows(String hostNqn) {
    return options.allowedHosts().isEmpty() || options.allowedHosts().contains(hostNqn);
  }

  List<ExportedDrive> drives() {
    return drives;
  }

  /** The drive of a name; null if there is none. */
  ExportedDrive drive(String nqn) {
    for (int i = 0; i < drives.size(); i++) {
      if (drives.get(i).nqn().equals(nqn)) {
        return drives.get(i);
      }
    }
    return null;
  }

  /** Whether one more host can have a controller. */
  boolean hasRoom() {
    int count = discoveries.size();
    for (int i = 0; i < drives.size(); i++) {
      count += drives.get(i).associations().size();
    }
    return count < options.mostControllers();
  }

  int nextDiscoveryId() {
    lastDiscoveryId = lastDiscoveryId % 0xffef + 1;
    return lastDiscoveryId;
  }

  /** A host has found its controller. */
  void begun(Association association, CapsuleQueue admin) {
    if (association instanceof DriveAssociation drive) {
      drive.queues().add(admin);
      drive.drive().add(drive);
      tell(
          "host %s at %s has connected to %s, controller %d"
              .formatted(
                  association.hostNqn(),
                  association.admin(),
                  association.subsystem(),
                  association.id()));
    } else {
      discoveries.add((DiscoveryAssociation) association);
    }
  }

  /** A host and its controller have parted. */
  void ended(Association association, String why) {
    if (association instanceof DiscoveryAssociation discovery) {
      discoveries.remove(discovery);
    } else {
      tell(
          "host %s at %s has left %s, controller %d%s"
              .formatted(
                  association.hostNqn(),
                  association.admin(),
                  association.subsystem(),
                  association.id(),
                  ": " + why));
    }
  }

  private void tell(String what) {
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
    for (int i = 0; i < discoveries.size(); i++) {
      work += discoveries.get(i).turn();
    }
    for (int i = 0; i < drives.size(); i++) {
      work += drives.get(i).turn();
    }
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
      if (connection.isSending() && connection.send() > 0) {
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
    entrance.open();
  }

  /** Something is wrong with a connection, which ends. */
  void faulted(QueueConnection connection, String what) {
    // With its admin queue a host leaves, which is told with the same words.
    if (connection.queue() == null || connection.queue().id() > 0) {
      tell("a connection from %s was ended: %s".formatted(connection, what));
    }
  }

  /** Asks which sockets have something to say, and waits for that; then hears them. */
  private int look(long nanos) {
    poll.begin(connections.size() + 1);
    int listening = poll.add(listener.fd(), entrance.isOpen(), false);
    for (int i = 0; i < connections.size(); i++) {
      QueueConnection connection = connections.get(i);
      int _ = poll.add(connection.fd(), true, connection.isSending());
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

  private int welcome() {
    TcpSocket socket = entrance.take();
    if (socket == null) {
      return 0;
    }
    if (connections.size() >= options.mostConnections()) {
      tell("a connection was refused: there are %d".formatted(connections.size()));
      socket.close();
      return 1;
    }
    try {
      connections.add(new QueueConnection(socket, this, clock));
    } catch (LinuxException e) {
      // It has gone already.
      socket.close();
    } catch (OutOfMemoryError e) {
      tell("a connection was refused: there is no memory for it");
      socket.close();
    }
    return 1;
  }

  /** Parts with who has been silent for too long. */
  private void tidy() {
    for (int i = connections.size() - 1; i >= 0; i--) {
      tidy(connections.get(i));
    }
    for (int i = discoveries.size() - 1; i >= 0; i--) {
      endIfSilent(discoveries.get(i));
    }
    for (ExportedDrive drive : drives) {
      for (int i = drive.associations().size() - 1; i >= 0; i--) {
        endIfSilent(drive.associations().get(i));
      }
    }
  }

  private void tidy(QueueConnection connection) {
    long age = now - connection.begun();
    switch (connection.state()) {
      case NEW, AGREED -> {
        if (age > HANDSHAKE_NANOS) {
          connection.fail("it has not said in time what it wants");
        }
      }
      case QUEUE -> {
        if (connection.stuckNanos(now) > STUCK_NANOS) {
          connection.fail("it has taken nothing of what was sent for half a minute");
        } else if (connection.owingNanos(now) > STUCK_NANOS) {
          connection.fail("it has given nothing of what it was asked for for half a minute");
        }
      }
      case ENDING -> {
        if (now - connection.leftAt() > FAREWELL_NANOS) {
          connection.close();
        }
      }
      case CLOSED -> {}
    }
  }

  private void endIfSilent(Association association) {
    if (association.isSilent(now)) {
      association.end(
          "nothing was heard of it for %d ms, its keep-alive time"
              .formatted(association.keepAliveMillis()));
    }
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
    long event = TIDY_NANOS;
    for (int i = 0; i < drives.size(); i++) {
      event = Math.min(event, drives.get(i).nanosToNextEvent());
    }
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
    listener.close();
    for (int i = connections.size() - 1; i >= 0; i--) {
      connections.get(i).end("the target stops");
    }
    Closing.all(drives, ExportedDrive::close);
  }
}
