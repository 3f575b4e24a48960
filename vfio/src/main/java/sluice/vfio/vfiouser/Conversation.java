package sluice.vfio.vfiouser;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import sluice.support.linux.EventWatch;

/**
 * A client's side of a connection: one request at a time, each with its reply before a deadline,
 * and whatever the server asks for in between.
 *
 * <p>What cannot be (the server is gone, does not answer, or talks nonsense) ends the conversation
 * for good, with one line that says why. While nobody asks, a thread of its own sleeps on the
 * socket, so that the server is answered, and its end is noticed, all the same. A socket for the
 * server's own requests has a thread too: a server may want one of these answered before it answers
 * the caller, for whom the first thread waits.
 *
 * <p>A caller holds the {@link #lock} from when it writes a request until it has read the reply.
 * Thread-safe otherwise.
 */
final class Conversation implements AutoCloseable {
  /** Messages that are taken in before others get their turn. */
  private static final int MESSAGES_PER_TURN = 64;

  private static final int NOTHING_ASKED = 0;

  private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Fair, so that a server that never stops talking cannot keep callers out. */
  private final ReentrantLock lock = new ReentrantLock(true);

  private final String name;
  private final MessageSocket socket;
  private final ServerCommands commands;
  private final Duration timeout;
  private final LongSupplier clock;
  private final Consumer<String> onEnd;
  private MessageSocket twin;
  private EventWatch watch;
  private EventWatch twinWatch;
  private int lastId;
  private int errno;

  private long leavingStart;

  /** Since {@link #leavingStart}. */
  private volatile boolean isLeaving;

  /** Why the conversation has ended; null while it goes on. */
  private volatile String end;

  /**
   * @param name what errors begin with, for a person to read
   * @param socket closed with this
   * @param commands what the server may ask for
   * @param timeout for each reply
   * @param clock nanoseconds, as {@link System#nanoTime}
   * @param onEnd told once why the conversation has ended, on whatever thread finds it
   */
  Conversation(
      String name,
      MessageSocket socket,
      ServerCommands commands,
      Duration timeout,
      LongSupplier clock,
      Consumer<String> onEnd) {
    this.name = name;
    this.socket = socket;
    this.commands = commands;
    this.timeout = timeout;
    this.clock = clock;
    this.onEnd = onEnd;
  }

  /**
   * Begins to listen to the server while nobody asks it anything. Once.
   *
   * @param fd the socket's descriptor
   * @param twinSocket where the server asks; null for the one socket; closed with this
   * @param twinFd its descriptor; -1 for none
   */
  void listen(int fd, MessageSocket twinSocket, int twinFd) {
    twin = twinSocket;
    watch = EventWatch.start("vfio-user", _ -> takeTurn(), fd);
    if (twin != null) {
      twinWatch = EventWatch.start("vfio-user-twin", _ -> takeTwinTurn(), twinFd);
    }
  }

  String name() {
    return name;
  }

  /** Guards the socket; see the class. */
  ReentrantLock lock() {
    return lock;
  }

  boolean hasEnded() {
    return end != null;
  }

  /** The socket, for the body of the next request and the reply to the last. */
  MessageSocket socket() {
    assert lock.isHeldByCurrentThread();
    return socket;
  }

  /** The error number of the last request that was refused; 0 when the server gave none. */
  int errno() {
    return errno;
  }

  /**
   * Sends a request and waits for its reply, which is to be looked at in the {@link #socket}.
   *
   * @param bodyBytes what of the socket's body is sent
   * @param fds descriptors that are sent with it
   * @return bytes of the reply's body; -1 when the server refuses, with its {@link #errno}
   * @throws VfioUserException if the conversation has ended, or ends here
   */
  int ask(int command, int bodyBytes, int... fds) {
    assert lock.isHeldByCurrentThread();
    if (end != null) {
      throw new VfioUserException(name + ": " + end);
    }
    lastId = (lastId + 1) & 0xffff;
    long start = clock.getAsLong();
    try {
      if (left(start) <= 0) {
        throw unanswered(command);
      }
      send(command, bodyBytes, fds);
      while (!receiveReply(command, start)) {
        if (left(start) <= 0) {
          throw unanswered(command);
        }
      }
    } catch (VfioUserException e) {
      throw end(e.getMessage() + " (asked for " + Command.name(command) + ")");
    }
    if (socket.isError()) {
      errno = socket.error();
      return -1;
    }
    return socket.receivedBytes();
  }

  private void send(int command, int bodyBytes, int... fds) {
    try {
      socket.send(lastId, command, MessageSocket.FLAG_COMMAND, 0, bodyBytes, timeout, fds);
    } catch (VfioUserException e) {
      checkOpen(socket, command);
      throw e;
    }
  }

  private long left(long start) {
    long now = clock.getAsLong();
    long left = timeout.toNanos() - (now - start);
    return isLeaving ? Math.min(left, timeout.toNanos() - (now - leavingStart)) : left;
  }

  /**
   * The last requests begin: a server that answers each of them late has no more time for all
   * together than for one.
   */
  void leave() {
    leavingStart = clock.getAsLong();
    isLeaving = true;
  }

  private VfioUserException unanswered(int command) {
    return new VfioUserException(
        "the server has not answered for " + timeout.toMillis() + " ms" + advice(command));
  }

  private static String advice(int command) {
    return command == Command.VERSION ? "; perhaps it serves somebody else" : "";
  }

  /** Takes one message in, or waits for one; returns whether it is the reply. */
  private boolean receiveReply(int command, long start) {
    if (!socket.receive()) {
      checkOpen(socket, command);
      boolean _ = socket.await(Math.max(0, left(start)));
      return false;
    }
    if (!socket.isReply()) {
      commands.answer(socket);
      return false;
    }
    if (socket.id() != lastId || socket.command() != command) {
      throw new VfioUserException(
          String.format(
              "the server answers %s with the id %d, and was asked with the id %d",
              Command.name(socket.command()), socket.id(), lastId));
    }
    return true;
  }

  /**
   * @param command what was asked for, or {@link #NOTHING_ASKED}
   */
  private static void checkOpen(MessageSocket from, int command) {
    if (from.hasEnded()) {
      throw new VfioUserException("the server has closed the connection" + advice(command));
    }
  }

  /**
   * What the watch does when there is something to receive. A server that takes its time for each
   * answer keeps no caller waiting for more than one.
   */
  private boolean takeTurn() {
    lock.lock();
    try {
      takeCommands(socket, () -> !lock.hasQueuedThreads());
    } finally {
      lock.unlock();
    }
    return end == null;
  }

  /** The same for the twin, which nobody else uses. */
  private boolean takeTwinTurn() {
    takeCommands(twin, () -> true);
    return end == null;
  }

  private void takeCommands(MessageSocket from, BooleanSupplier goesOn) {
    try {
      for (int i = 0;
          i == 0 || (i < MESSAGES_PER_TURN && end == null && goesOn.getAsBoolean());
          i++) {
        if (!from.receive()) {
          checkOpen(from, NOTHING_ASKED);
          return;
        }
        if (from.isReply()) {
          throw new VfioUserException(
              "the server answers " + Command.name(from.command()) + ", and was not asked");
        }
        commands.answer(from);
      }
    } catch (VfioUserException e) {
      VfioUserException _ = end(e.getMessage());
    }
  }

  /**
   * Ends the conversation, unless it has ended.
   *
   * @param reason a sentence
   * @return for the caller to throw
   */
  VfioUserException end(String reason) {
    boolean isFirst;
    synchronized (this) {
      isFirst = end == null;
      if (isFirst) {
        end = reason;
      }
    }
    if (isFirst) {
      onEnd.accept(reason);
    }
    return new VfioUserException(name + ": " + end);
  }

  /** Ends the conversation and closes its sockets. Once; not by a caller who holds the lock. */
  @Override
  public void close() {
    VfioUserException _ = end("it is closed");
    // Should a thread not come back, it finds no socket when it does.
    boolean _ = watch == null || watch.stop();
    boolean _ = twinWatch == null || twinWatch.stop();
    boolean isFree = tryLock();
    socket.close();
    if (twin != null) {
      twin.close();
    }
    if (isFree) {
      lock.unlock();
    }
  }

  private boolean tryLock() {
    boolean interrupted = Thread.interrupted();
    try {
      return lock.tryLock(CLOSE_NANOS, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
      return false;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
