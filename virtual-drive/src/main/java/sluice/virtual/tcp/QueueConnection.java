package sluice.virtual.tcp;

import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.util.function.LongSupplier;
import sluice.nvme.spec.FabricsCommand;
import sluice.nvme.spec.StatusCode;
import sluice.nvme.tcp.pdu.CapsulePdu;
import sluice.nvme.tcp.pdu.DataPdu;
import sluice.nvme.tcp.pdu.InitializePdu;
import sluice.nvme.tcp.pdu.Pdu;
import sluice.nvme.tcp.pdu.PduException;
import sluice.nvme.tcp.pdu.PduReader;
import sluice.nvme.tcp.pdu.PduWriter;
import sluice.nvme.tcp.pdu.ReadyPdu;
import sluice.nvme.tcp.pdu.TerminationPdu;
import sluice.queues.SubmissionEntry;
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

  private static final int BUFFER_BYTES = 16 << 10;

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
  private final Incoming incoming;
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
    this.incoming = new Incoming();
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
  private void respond(int identifier, int status, long result) {
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

  // ---- Connect

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
    table.clearBut(incoming.current);
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

  private boolean isLeaving() {
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

  /** What the host's PDUs mean. */
  private final class Incoming extends PduReader {
    /**
     * The command that comes, or whose data does; {@link CapsuleTable#NONE} for one that is
     * refused.
     */
    private int current = CapsuleTable.NONE;

    /** Whether the command whose data comes was over before it was here. */
    private boolean isForgotten;

    private int refusedIdentifier;
    private StatusCode refusal;

    Incoming() {
      super(socket, BUFFER_BYTES);
    }

    @Override
    protected int headerBytes(int type) {
      return switch (type) {
        case Pdu.IC_REQ -> state == State.NEW ? InitializePdu.BYTES : 0;
        case Pdu.H2C_TERM_REQ -> TerminationPdu.HEADER_BYTES;
        case Pdu.CAPSULE_CMD -> state == State.NEW ? 0 : CapsulePdu.COMMAND_BYTES;
        case Pdu.H2C_DATA -> state == State.QUEUE ? DataPdu.HEADER_BYTES : 0;
        default -> 0;
      };
    }

    @Override
    protected int hasData(int type) {
      return switch (type) {
        case Pdu.CAPSULE_CMD -> -1;
        case Pdu.H2C_DATA -> 1;
        default -> 0;
      };
    }

    @Override
    protected boolean expectsData() {
      return asked > 0;
    }

    @Override
    protected void take(long pdu) {
      if (isLeaving()) {
        return;
      }
      switch (Pdu.type(pdu)) {
        case Pdu.IC_REQ -> agree(pdu);
        case Pdu.CAPSULE_CMD -> {
          current = open(pdu);
          came();
        }
        default ->
            fail("it has ended the connection: " + TerminationPdu.name(TerminationPdu.error(pdu)));
      }
    }

    @Override
    protected long begin(long pdu, int bytes) {
      if (Pdu.type(pdu) == Pdu.H2C_DATA) {
        return beginAsked(pdu, bytes);
      }
      if (bytes > IN_CAPSULE_BYTES) {
        throw new PduException(
            "sent %d bytes in a capsule, where %d is the most".formatted(bytes, IN_CAPSULE_BYTES),
            TerminationPdu.LIMIT_EXCEEDED,
            4);
      }
      current = open(pdu);
      if (current == CapsuleTable.NONE) {
        return target.sink();
      }
      try {
        if (association == null || association.hasRoom()) {
          return table.takeData(current, bytes);
        }
      } catch (OutOfMemoryError e) {
        // The same as no room.
      }
      refuseCurrent(pdu, StatusCode.COMMAND_INTERRUPTED);
      return target.sink();
    }

    @Override
    protected void end(long pdu, boolean isSpoiled) {
      if (isLeaving()) {
        return;
      }
      if (Pdu.type(pdu) == Pdu.H2C_DATA) {
        endAsked(isSpoiled);
        return;
      }
      if (isSpoiled && current != CapsuleTable.NONE) {
        refuseCurrent(pdu, StatusCode.TRANSIENT_TRANSPORT_ERROR);
      }
      came();
    }

    /** Refuses the command that comes, which the host may try again. */
    private void refuseCurrent(long pdu, StatusCode code) {
      refuseLater(pdu + CapsulePdu.ENTRY, code);
      table.close(current);
      current = CapsuleTable.NONE;
    }

    private void agree(long pdu) {
      int format = InitializePdu.format(pdu);
      if (format != 0) {
        throw new PduException(
            "talks NVMe over TCP of format " + format + ", which is not known here",
            TerminationPdu.UNSUPPORTED_PARAMETER,
            8);
      }
      if (InitializePdu.alignment(pdu) > InitializePdu.MAX_ALIGNMENT) {
        throw new PduException(
            "wants data aligned to %d dwords".formatted(InitializePdu.alignment(pdu) + 1),
            TerminationPdu.UNSUPPORTED_PARAMETER,
            10);
      }
      int digests = InitializePdu.digests(pdu) & target.digests();
      hasHeaderDigests = (digests & InitializePdu.HEADER_DIGESTS) != 0;
      hasDataDigests = (digests & InitializePdu.DATA_DIGESTS) != 0;
      alignment = (InitializePdu.alignment(pdu) + 1) * Integer.BYTES;
      try (Arena arena = Arena.ofConfined()) {
        long response = arena.allocate(InitializePdu.BYTES, Long.BYTES).address();
        InitializePdu.response(response, 0, digests, MAX_DATA_BYTES);
        if (!sendNow(arena, response, InitializePdu.BYTES)) {
          fail("it does not take the answer to ICReq");
          return;
        }
      }
      digests(hasHeaderDigests, hasDataDigests);
      table = new CapsuleTable(FIRST_COMMANDS, target.buffers());
      writer = writer(PDUS * FIRST_COMMANDS);
      state = State.AGREED;
    }

    /** Takes a command in, unless that cannot be. */
    private int open(long pdu) {
      if (isLeaving()) {
        return CapsuleTable.NONE;
      }
      long entry = pdu + CapsulePdu.ENTRY;
      // Of each command that is out, and of this one, all PDUs find room.
      if (table.isFull() || writer.room() < PDUS * (table.used() + 1)) {
        throw new PduException(
            "sent more commands than its queue has room for", TerminationPdu.SEQUENCE_ERROR, 0);
      }
      if (table.find(SubmissionEntry.commandId(entry)) != CapsuleTable.NONE) {
        refuseLater(entry, StatusCode.COMMAND_ID_CONFLICT);
        return CapsuleTable.NONE;
      }
      return table.open(entry);
    }

    private void refuseLater(long entry, StatusCode code) {
      refusedIdentifier = SubmissionEntry.commandId(entry);
      refusal = code;
    }

    /** A command is here, with all that its capsule has. */
    private void came() {
      int index = current;
      if (association != null) {
        association.hear();
      }
      if (index == CapsuleTable.NONE) {
        if (queue != null) {
          queue.advance();
        }
        boolean isForGood = refusal == StatusCode.COMMAND_ID_CONFLICT;
        respond(refusedIdentifier, isForGood ? refusal.statusDnr() : refusal.status(), 0);
      } else if (SubmissionEntry.opcode(table.entry(index)) == FabricsCommand.OPCODE) {
        target.fabrics().execute(QueueConnection.this, index, table);
      } else if (queue == null) {
        answer(index, StatusCode.COMMAND_SEQUENCE_ERROR.statusDnr(), 0);
      } else if (association.isReady()) {
        queue.add(index);
      } else {
        queue.refuse(index, StatusCode.COMMAND_SEQUENCE_ERROR);
      }
      current = CapsuleTable.NONE;
    }

    private long beginAsked(long pdu, int bytes) {
      int index = DataPdu.tag(pdu);
      if (!table.isUsed(index)
          || table.wanted[index] == 0
          || table.identifier(index) != DataPdu.commandId(pdu)) {
        throw new PduException(
            "sent data of no command that was asked for it", TerminationPdu.SEQUENCE_ERROR, 0);
      }
      int got = table.got[index];
      int left = table.wanted[index] - got;
      if (DataPdu.offset(pdu) != got || bytes > left) {
        throw new PduException(
            "sent %d bytes at %d of a command's data where %d bytes at %d were due"
                .formatted(bytes, DataPdu.offset(pdu), left, got),
            TerminationPdu.DATA_OUT_OF_RANGE,
            12);
      }
      if (DataPdu.length(pdu) != bytes) {
        throw new PduException(
            "sent H2CData of %d bytes that says it has %d".formatted(bytes, DataPdu.length(pdu)),
            TerminationPdu.INVALID_HEADER_FIELD,
            16);
      }
      if (bytes > MAX_DATA_BYTES) {
        throw new PduException(
            "sent %d bytes at once, where %d is the most".formatted(bytes, MAX_DATA_BYTES),
            TerminationPdu.LIMIT_EXCEEDED,
            16);
      }
      if (((Pdu.flags(pdu) & Pdu.LAST) != 0) != (bytes == left)) {
        throw new PduException(
            "said of data that it is the last, or not, and it is otherwise",
            TerminationPdu.INVALID_HEADER_FIELD,
            1);
      }
      current = index;
      long place = table.place(index);
      return place == 0 ? target.sink() : place;
    }

    private void endAsked(boolean isSpoiled) {
      int index = current;
      current = CapsuleTable.NONE;
      association.hear();
      gaveAt = target.now();
      if (isForgotten) {
        isForgotten = false;
        asked--;
        table.close(index);
        return;
      }
      table.got[index] += (int) DataPdu.length(header());
      table.isSpoiled[index] |= isSpoiled;
      if (table.got[index] == table.wanted[index]) {
        asked--;
        queue.capsuleData().came(index);
      }
    }

    /**
     * All commands are over; returns how many still wait for data: the one that has some coming.
     */
    int forget() {
      isForgotten = current != CapsuleTable.NONE && table.wanted[current] > 0;
      return isForgotten ? 1 : 0;
    }

    void loseInterest(int index) {
      if (index == current) {
        divert(target.sink());
      }
    }
  }
}
