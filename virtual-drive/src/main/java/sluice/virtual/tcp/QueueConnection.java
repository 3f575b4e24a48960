package sluice.virtual.tcp;

import java.net.InetSocketAddress;
import sluice.nvme.tcp.pdu.PduException;
import sluice.nvme.tcp.pdu.PduReader;
import sluice.support.linux.LinuxException;
import sluice.support.linux.TcpSocket;

/**
 * A connection of a host's, from when it comes until it is gone: first it says how it talks
 * (ICReq), then whose queue it is (Connect), and is that queue from then on. Used by the target's
 * thread.
 *
 * <pre>
 *   NEW ── ICReq ──▶ AGREED ── Connect ──▶ QUEUE
 *    └──────────────────┴─── ENDING ─────────┴──▶ CLOSED
 * </pre>
 */
final class QueueConnection implements AutoCloseable {
  /** Data in a capsule of an admin or a Connect command, whatever the queue. */
  static final int IN_CAPSULE_BYTES = 8192;

  /** MAXH2CDATA: data in a PDU that a host was asked for. */
  static final int MAX_DATA_BYTES = 1 << 20;

  /** Commands before Connect has said how many there can be. */
  private static final int FIRST_COMMANDS = 4;

  enum State {
    NEW,
    AGREED,
    QUEUE,
    ENDING,
    CLOSED
  }

  private final TcpSocket socket;
  private final Target target;
  private final String peer;
  private final HostPdus incoming;
  private final Outgoing outgoing;
  private final OwedData owed = new OwedData();
  private final long begun;

  private State state = State.NEW;
  private CapsuleTable table;

  // Null before Connect.
  private CapsuleQueue queue;
  private Association association;
  private QueueMemory.Room room;

  private long leftAt;

  /** Turns without anything from the host. */
  private int quietTurns;

  QueueConnection(TcpSocket socket, Target target) {
    this.socket = socket;
    this.target = target;
    this.peer = TcpSocket.text(socket.peerAddress());
    this.begun = target.clock();
    this.incoming = new HostPdus(socket, this, target);
    this.outgoing = new Outgoing(socket, target);
  }

  int fd() {
    return socket.fd();
  }

  State state() {
    return state;
  }

  long begun() {
    return begun;
  }

  Association association() {
    return association;
  }

  CapsuleQueue queue() {
    return queue;
  }

  CapsuleTable table() {
    return table;
  }

  /** Whether one more command can be taken in: of each that is out all PDUs find room. */
  boolean hasRoom() {
    return !table.isFull() && outgoing.hasRoom(table.used() + 1);
  }

  /** What waits to be sent. */
  Outgoing outgoing() {
    return outgoing;
  }

  /** What the host was asked for. */
  OwedData owed() {
    return owed;
  }

  int quietTurns() {
    return quietTurns;
  }

  /** Since when it only waits for the host to close it. */
  long leftAt() {
    return leftAt;
  }

  /** Where the host has found the target. */
  InetSocketAddress localAddress() {
    return socket.localAddress();
  }

  // ---- turns

  /** Takes in what has come; returns bytes. */
  int receive() {
    if (state == State.CLOSED) {
      return 0;
    }
    if (state == State.ENDING) {
      return drain();
    }
    try {
      int bytes = incoming.receive();
      if (bytes > 0) {
        quietTurns = 0;
        return bytes;
      }
      quietTurns++;
      if (bytes == PduReader.ENDED) {
        end("it has closed the connection");
        return 1;
      }
      return 0;
    } catch (PduException e) {
      refuse(e);
      return 1;
    } catch (LinuxException e) {
      fail(e.getMessage());
      return 1;
    } catch (OutOfMemoryError e) {
      fail("there is no memory for it: " + e.getMessage());
      return 1;
    }
  }

  /** What comes now is of no interest, until the host has closed the connection. */
  private int drain() {
    try {
      long bytes = socket.discard();
      if (bytes == 0) {
        close();
      }
      return bytes > 0 ? (int) bytes : 0;
    } catch (LinuxException e) {
      close();
      return 1;
    }
  }

  /** Ends it, if sending has failed. */
  boolean endIfBroken() {
    if (outgoing.failure() == null || state == State.CLOSED) {
      return false;
    }
    fail(outgoing.failure());
    return true;
  }

  /** Bytes that are kept for the host: answers, and data of commands that wait for theirs. */
  long kept() {
    return outgoing.unsent() + (table == null ? 0 : table.capsuleBytes());
  }

  private void giveRoom() {
    if (room != null) {
      target.queueMemory().give(room);
      room = null;
    }
  }

  /** How much memory the queue takes that it is. */
  long queueBytes() {
    return room == null ? 0 : room.bytes();
  }

  // ---- answers

  /** Answers a command, with its data if it has succeeded and has any. */
  void answer(int index, int status, long result) {
    int identifier = table.identifier(index);
    int bytes = status == 0 ? table.answerBytes(index) : 0;
    boolean isTold = false;
    if (bytes > 0) {
      isTold = queue.canSucceedByData() && result == 0;
      outgoing.data(identifier, table.answer(index), bytes, isTold);
      table.leaveAnswer(index);
    }
    table.close(index);
    if (!isTold) {
      respond(identifier, status, result);
    }
  }

  /** Answers what has no index. */
  void respond(int identifier, int status, long result) {
    outgoing.response(identifier, queue == null ? 0 : queue.head(), status, result);
  }

  /** Asks the host for all of a command's data. */
  void ask(int index, int bytes) {
    owed.ask(target.now());
    outgoing.ask(table.identifier(index), index, bytes);
  }

  /** Nobody wants the data of a command any more, which may be on its way. */
  void loseInterest(int index) {
    incoming.loseInterest(index);
  }

  // ---- ICReq and Connect

  /**
   * The host has said how it talks.
   *
   * @return false if the connection has ended over it
   */
  boolean agree(boolean headerDigests, boolean dataDigests, int dataAlignment) {
    if (!outgoing.agree(headerDigests, dataDigests, dataAlignment)) {
      fail("it does not take the answer to ICReq");
      return false;
    }
    table = new CapsuleTable(FIRST_COMMANDS, target.buffers());
    outgoing.use(outgoing.writer(FIRST_COMMANDS));
    state = State.AGREED;
    return true;
  }

  /**
   * Becomes a queue, of an association.
   *
   * @throws OutOfMemoryError if there is no memory for it; nothing has changed then
   */
  CapsuleQueue become(
      Association owner, int id, int entries, boolean hasFlowControl, Finished finished) {
    CapsuleTable before = table;
    giveRoom();
    room = target.room(this, CapsuleQueue.commands(entries), owner);
    queue = new CapsuleQueue(this, room.table(), owner, id, entries, hasFlowControl, finished);
    outgoing.use(room.writer());
    association = owner;
    table = room.table();
    before.clear();
    queue.advance();
    state = State.QUEUE;
    return queue;
  }

  /** Answers the Connect by which it has become a queue, or has not. */
  void answerConnect(int index, int identifier, int status, long result) {
    if (status != 0) {
      table.close(index);
    }
    respond(identifier, status, result);
  }

  /**
   * The controller was reset: its commands are over. One that is being received, or done just now,
   * comes after the reset; the memory that its data goes to stays.
   */
  void forgetCommands() {
    queue.forget();
    owed.keep(incoming.forget());
    table.clearBut(incoming.current());
  }

  // ---- the end

  /** The host has done what it must not: it is told so, if that can be, and is heard no more. */
  private void refuse(PduException e) {
    if (isLeaving()) {
      return;
    }
    String why = "it " + e.getMessage();
    try {
      outgoing.terminate(e, incoming);
      leave(why, true);
      socket.endOutput();
    } catch (LinuxException gone) {
      leave(why, true);
      close();
    }
  }

  boolean isLeaving() {
    return state == State.ENDING || state == State.CLOSED;
  }

  /** It is no queue any more, and only waits for the host to close it. */
  private void leave(String why, boolean isFault) {
    if (isLeaving()) {
      return;
    }
    if (isFault) {
      target.faulted(this, why);
    }
    leftAt = target.clock();
    state = State.ENDING;
    if (queue != null) {
      queue.close();
      association.lost(this, why);
    }
    giveRoom();
    outgoing.clear();
    if (table != null) {
      table.clear();
    }
  }

  /**
   * Ends it in good order.
   *
   * @param why for people
   */
  void end(String why) {
    leave(why, false);
    close();
  }

  /** Ends it because something is wrong with it, which is told. */
  void fail(String why) {
    leave(why, true);
    close();
  }

  @Override
  public void close() {
    state = State.CLOSED;
    socket.close();
  }

  /** Who the host is. */
  @Override
  public String toString() {
    return peer;
  }
}
