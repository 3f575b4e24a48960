package sluice.virtual.tcp;

import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.util.function.LongSupplier;
import sluice.nvme.tcp.pdu.CapsulePdu;
import sluice.nvme.tcp.pdu.DataPdu;
import sluice.nvme.tcp.pdu.InitializePdu;
import sluice.nvme.tcp.pdu.Pdu;
import sluice.nvme.tcp.pdu.PduException;
import sluice.nvme.tcp.pdu.PduReader;
import sluice.nvme.tcp.pdu.PduWriter;
import sluice.nvme.tcp.pdu.ReadyPdu;
import sluice.nvme.tcp.pdu.TerminationPdu;
import sluice.support.linux.Iovec;
import sluice.support.linux.LinuxException;
import sluice.support.linux.TcpSocket;
import sluice.virtual.command.BufferPool;

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

  /** PDUs that a command has at the most: what it asks for, its data, its response. */
  private static final int PDUS = 3;

  enum State {
    NEW,
    AGREED,
    QUEUE,
    ENDING,
    CLOSED
  }

  private final TcpSocket socket;
  private final Target target;
  private final LongSupplier clock;
  private final String peer;
  private final HostPdus incoming;
  private final long begun;

  private State state = State.NEW;
  private CapsuleTable table;
  private PduWriter writer;

  /** Null before Connect. */
  private CapsuleQueue queue;

  /** Null before Connect. */
  private Association association;

  private boolean hasHeaderDigests;
  private boolean hasDataDigests;
  private int alignment;

  /** How many commands were asked for data that is not here. */
  private int asked;

  /** When it gave some of that last, or was asked for the first of it. */
  private long gaveAt;

  /** Bytes of memory of answers that have not been taken by the kernel. */
  private long unsent;

  /** Since when the kernel has taken nothing, while there is something. */
  private long stuckSince;

  private boolean isStuck;
  private long leftAt;

  /** Turns without anything from the host. */
  private int quietTurns;

  /** Why nothing can be sent any more; null while it can. */
  private String failure;

  QueueConnection(TcpSocket socket, Target target, LongSupplier clock) {
    this.socket = socket;
    this.target = target;
    this.clock = clock;
    this.peer = TcpSocket.text(socket.peerAddress());
    this.begun = clock.getAsLong();
    this.incoming = new HostPdus(socket, this, target);
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
    return !table.isFull() && writer.room() >= PDUS * (table.used() + 1);
  }

  /** Whether data is waited for that the host was asked for. */
  boolean isAsking() {
    return asked > 0;
  }

  /** The host has given some of what it was asked for. */
  void given() {
    gaveAt = target.now();
  }

  /** It has given all that it was asked for of a command. */
  void satisfied() {
    asked--;
  }

  int quietTurns() {
    return quietTurns;
  }

  /** Whether something waits to be sent. */
  boolean isSending() {
    return writer != null && !writer.isEmpty();
  }

  long unsent() {
    return unsent;
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
    try (Arena arena = Arena.ofConfined()) {
      long iovec = arena.allocate(Iovec.BYTES, Long.BYTES).address();
      Iovec.put(iovec, target.sink(), MAX_DATA_BYTES);
      long bytes = socket.receive(iovec, 1);
      if (bytes == 0) {
        close();
      }
      return bytes > 0 ? (int) bytes : 0;
    } catch (LinuxException e) {
      close();
      return 1;
    }
  }

  /** Sends what waits, as far as the host takes it; returns bytes. */
  long send() {
    if (failure != null || !isSending()) {
      return 0;
    }
    try {
      long bytes = writer.send();
      if (writer.isEmpty() || bytes > 0) {
        isStuck = false;
      } else if (!isStuck) {
        isStuck = true;
        stuckSince = clock.getAsLong();
      }
      return bytes;
    } catch (LinuxException e) {
      // In the middle of the engine's turn nothing is taken away from it.
      failure = e.getMessage();
      return 0;
    }
  }

  /** Ends it, if sending has failed. */
  boolean endIfBroken() {
    if (failure == null || state == State.CLOSED) {
      return false;
    }
    fail(failure);
    return true;
  }

  /** How long the host has not taken a byte of what waits for it, in nanoseconds. */
  long stuckNanos(long now) {
    return isStuck ? now - stuckSince : 0;
  }

  /** How long the host has given nothing of what it was asked for, in nanoseconds. */
  long owingNanos(long now) {
    return asked > 0 ? now - gaveAt : 0;
  }

  /**
   * Bytes that are kept for the host: answers, and data of commands that have not been answered.
   */
  long kept() {
    return unsent + (table == null ? 0 : table.capsuleBytes());
  }

  // ---- answers

  private void sent(int token, long data, int bytes) {
    if (bytes > 0) {
      unsent -= BufferPool.held(bytes);
      target.buffers().give(data, bytes);
    }
  }

  /** Answers a command, with its data if it has succeeded and has any. */
  void answer(int index, int status, long result) {
    int identifier = table.identifier(index);
    int bytes = status == 0 ? table.answerBytes(index) : 0;
    boolean isTold = false;
    if (bytes > 0) {
      isTold = queue.canSucceedByData() && result == 0;
      long pdu = writer.claim();
      DataPdu.put(pdu, identifier, 0, 0, bytes);
      int flags = Pdu.LAST | (isTold ? Pdu.SUCCESS : 0);
      unsent += BufferPool.held(bytes);
      writer.post(Pdu.C2H_DATA, flags, DataPdu.HEADER_BYTES, table.answer(index), bytes, 0);
      table.leaveAnswer(index);
    }
    table.close(index);
    if (!isTold) {
      respond(identifier, status, result);
    }
  }

  /** Answers what has no index. */
  void respond(int identifier, int status, long result) {
    CapsulePdu.response(
        writer.claim(), result, queue == null ? 0 : queue.head(), identifier, status);
    writer.post(Pdu.CAPSULE_RESP, 0, CapsulePdu.RESPONSE_BYTES);
  }

  /** Asks the host for all of a command's data. */
  void ask(int index, int bytes) {
    if (asked++ == 0) {
      gaveAt = target.now();
    }
    ReadyPdu.put(writer.claim(), table.identifier(index), index, 0, bytes);
    writer.post(Pdu.R2T, 0, ReadyPdu.BYTES);
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
    hasHeaderDigests = headerDigests;
    hasDataDigests = dataDigests;
    alignment = dataAlignment;
    int digests =
        (headerDigests ? InitializePdu.HEADER_DIGESTS : 0)
            | (dataDigests ? InitializePdu.DATA_DIGESTS : 0);
    try (Arena arena = Arena.ofConfined()) {
      long response = arena.allocate(InitializePdu.BYTES, Long.BYTES).address();
      InitializePdu.response(response, 0, digests, MAX_DATA_BYTES);
      if (!sendNow(arena, response, InitializePdu.BYTES)) {
        fail("it does not take the answer to ICReq");
        return false;
      }
    }
    table = new CapsuleTable(FIRST_COMMANDS, target.buffers());
    writer = writer(PDUS * FIRST_COMMANDS);
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
    int commands = 2 * entries;
    CapsuleTable before = table;
    CapsuleTable made = new CapsuleTable(commands, target.buffers());
    PduWriter sender = writer(PDUS * commands);
    queue =
        new CapsuleQueue(
            this,
            made,
            owner.controller(),
            id,
            entries,
            hasFlowControl,
            finished,
            owner.mostAnswerBytes());
    sendBefore();
    association = owner;
    table = made;
    writer = sender;
    before.clear();
    queue.advance();
    state = State.QUEUE;
    return queue;
  }

  /** What was answered before goes out by the writer that it is in, as little as it is. */
  private void sendBefore() {
    long _ = send();
    if (isSending() && failure == null) {
      failure = "it does not take the answers to what it sent before Connect";
    }
  }

  /** Answers the Connect by which it has become a queue, or has not. */
  void answerConnect(int index, int identifier, int status, long result) {
    if (status == 0) {
      respond(identifier, 0, result);
    } else {
      table.close(index);
      respond(identifier, status, result);
    }
  }

  private PduWriter writer(int places) {
    return new PduWriter(
        socket,
        places + PDUS,
        DataPdu.HEADER_BYTES,
        hasHeaderDigests,
        hasDataDigests,
        alignment,
        this::sent);
  }

  /**
   * The controller was reset: its commands are over. One that is being received, or done just now,
   * comes after the reset; the memory that its data goes to stays.
   */
  void forgetCommands() {
    queue.forget();
    asked = incoming.forget();
    table.clearBut(incoming.current());
  }

  // ---- the end

  /** The host has done what it must not: it is told so, if that can be, and is heard no more. */
  private void refuse(PduException e) {
    if (isLeaving()) {
      return;
    }
    String why = "it " + e.getMessage();
    try (Arena arena = Arena.ofConfined()) {
      if (writer == null || writer.isEmpty()) {
        int has = Math.min(incoming.headerHas(), TerminationPdu.MAX_DATA_BYTES);
        int most = TerminationPdu.HEADER_BYTES + TerminationPdu.MAX_DATA_BYTES;
        long pdu = arena.allocate(most, Long.BYTES).address();
        int bytes =
            TerminationPdu.put(
                pdu, Pdu.C2H_TERM_REQ, e.error(), e.information(), incoming.header(), has);
        sendNow(arena, pdu, bytes);
      }
      leave(why, true);
      socket.endOutput();
    } catch (LinuxException gone) {
      leave(why, true);
      close();
    }
  }

  private boolean sendNow(Arena arena, long pdu, int bytes) {
    long iovec = arena.allocate(Iovec.BYTES, Long.BYTES).address();
    Iovec.put(iovec, pdu, bytes);
    return socket.send(iovec, 1) == bytes;
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
    leftAt = clock.getAsLong();
    state = State.ENDING;
    if (queue != null) {
      queue.close();
      association.lost(this, why);
    }
    if (writer != null) {
      writer.clear();
    }
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
