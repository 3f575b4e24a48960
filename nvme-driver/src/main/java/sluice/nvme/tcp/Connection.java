package sluice.nvme.tcp;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.function.LongSupplier;
import sluice.nvme.tcp.CommandTable.Way;
import sluice.nvme.tcp.pdu.CapsulePdu;
import sluice.nvme.tcp.pdu.Pdu;
import sluice.nvme.tcp.pdu.PduException;
import sluice.nvme.tcp.pdu.PduReader;
import sluice.nvme.tcp.pdu.TerminationPdu;
import sluice.queues.SubmissionEntry;
import sluice.support.linux.Iovec;
import sluice.support.linux.LinuxException;
import sluice.support.linux.TcpSocket;
import sluice.vfio.DmaMemory;

/**
 * A queue's connection, after both ends have agreed on how to talk: commands go out of it, and
 * completions come in.
 *
 * <pre>
 *   claim ─▶ describe ─▶ post ─▶ SendRing ──▶ socket ──▶ Receiver ─▶ Incoming ─▶ CompletionRing ─▶ peek
 *                          └──────── CommandTable: what is out, whose memory ────────┘
 * </pre>
 *
 * <p>Once it has failed it does nothing any more, and says why. Used by its owner, but for {@link
 * #failure}. Its socket is closed by {@link Connections}, and by nobody else, so that who ends a
 * connection from outside never meets another file under the same number.
 */
final class Connection {
  /** {@link #poll}: nothing will complete any more. */
  static final int ENDED = -1;

  private static final long LONGEST_SLEEP_NANOS = Duration.ofMillis(20).toNanos();

  private final int id;
  private final TcpSocket socket;
  private final Negotiated negotiated;
  private final int capsuleDataBytes;
  private final CommandTable table;
  private final CompletionRing completions;
  private final OwnAnswers answers = new OwnAnswers();
  private final Loss loss;
  private final SendRing sends;
  private final Receiver receiver;
  private volatile String failure;

  /** Whether the owner is in a call on the socket, or just behind one. */
  private volatile boolean isCalling;

  /** Whether such a call took an error from the socket, which tells it once. */
  private volatile boolean isBroken;

  /** Whether it has been ended from outside: the owner calls its socket no more. */
  private volatile boolean isEnding;

  // What was described of the command that is claimed.
  private Way way = Way.NONE;
  private DmaMemory data;
  private long dataOffset;
  private int dataBytes;

  /**
   * @param depth commands that can be out
   * @param capsuleDataBytes of data that a command's capsule can carry
   * @param loss told when this ends
   */
  Connection(
      int id, int depth, TcpSocket socket, Negotiated negotiated, int capsuleDataBytes, Loss loss) {
    this.id = id;
    this.loss = loss;
    this.socket = socket;
    this.negotiated = negotiated;
    this.capsuleDataBytes = capsuleDataBytes;
    this.table = new CommandTable(depth);
    this.completions = new CompletionRing(id, table.slots());
    ReadyRing ready = new ReadyRing(table.slots() * Negotiated.MAX_READY);
    this.sends = new SendRing(socket, table, negotiated, ready);
    Incoming incoming = new Incoming(table, completions, ready, answers);
    this.receiver = new Receiver(socket, table, negotiated, incoming);
  }

  TcpSocket socket() {
    return socket;
  }

  /** Why it has ended, as the end of a sentence; null while it has not. From any thread. */
  String failure() {
    return failure;
  }

  /** Where the next command's entry is written; 0 if there is no room. */
  long claim() {
    return sends.claim();
  }

  /** Tells where the claimed command's data is. */
  void describe(long entry, DmaMemory memory, long offset, int bytes) {
    describe(SendRing.way(entry, bytes <= capsuleDataBytes), memory, offset, bytes);
  }

  private void describe(Way itsWay, DmaMemory memory, long offset, int bytes) {
    way = itsWay;
    data = memory;
    dataOffset = offset;
    dataBytes = bytes;
  }

  /** Takes the claimed entry. */
  void post(int slot, long entry) {
    table.open(slot, SubmissionEntry.commandId(entry), way, data, dataOffset, dataBytes);
    way = Way.NONE;
    data = null;
    dataBytes = 0;
    sends.post(slot);
  }

  /** Sends what was posted. */
  void ring() {
    if (failure != null || sends.isEmpty()) {
      return;
    }
    isCalling = true;
    try {
      if (!isEnding) {
        sends.send();
      }
    } catch (LinuxException e) {
      breakDown(e);
    } finally {
      isCalling = false;
    }
  }

  /**
   * Receives what is there, and sends what that asks for.
   *
   * @return how many bytes came; {@link #ENDED} if nothing will any more
   */
  int poll() {
    if (failure != null) {
      return ENDED;
    }
    if (table.out() == 0 && sends.isEmpty()) {
      return 0;
    }
    isCalling = true;
    try {
      if (isEnding) {
        return 0;
      }
      if (!sends.isEmpty()) {
        sends.send();
      }
      int received = receiver.receive();
      if (received == PduReader.ENDED) {
        fail("has closed its connection");
        return ENDED;
      }
      if (!sends.isEmpty()) {
        sends.send();
      }
      return received;
    } catch (PduException e) {
      terminate(e);
    } catch (LinuxException e) {
      breakDown(e);
    } finally {
      isCalling = false;
    }
    return ENDED;
  }

  private void breakDown(LinuxException e) {
    // That nothing can be sent any more is so after an end in order, too.
    if (e.errno() != LinuxException.EPIPE) {
      isBroken = true;
    }
    fail("has lost its connection: " + e.getMessage());
  }

  /**
   * Whether no error of the socket was kept from who looks at it; to be asked after a look. From
   * any thread.
   */
  boolean isUnbroken() {
    return !isCalling && !isBroken;
  }

  /**
   * Takes what still comes in the owner's place, who wants none of it any more: the target may not
   * be able to end before. Not where the owner is in a call; it makes no other. Used by who ends
   * the association.
   *
   * @return bytes
   */
  long discard() {
    isEnding = true;
    if (isCalling || isBroken) {
      return 0;
    }
    try {
      return socket.discard();
    } catch (LinuxException e) {
      isBroken = true;
      return 0;
    }
  }

  /** Whether requests are out. By the owner, or who closes it in the owner's place. */
  boolean hasRequests() {
    return table.hasRequests();
  }

  /** The first completion's address; 0 if there is none. */
  long peek() {
    return completions.peek();
  }

  void pop() {
    completions.pop();
  }

  /** Tells the other end what it did wrong, if the kernel takes that at once, and ends. */
  private void terminate(PduException e) {
    fail(e.getMessage());
    if (e.error() == PduException.NO_ERROR) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      int most = TerminationPdu.HEADER_BYTES + TerminationPdu.MAX_DATA_BYTES;
      long pdu = arena.allocate(most, Long.BYTES).address();
      long iovec = arena.allocate(Iovec.BYTES, Long.BYTES).address();
      int bytes =
          TerminationPdu.put(
              pdu,
              Pdu.H2C_TERM_REQ,
              e.error(),
              e.information(),
              receiver.header(),
              CapsulePdu.RESPONSE_BYTES);
      // Behind a PDU that has been sent in part it would be that one's data.
      if (sends.isEmpty()) {
        Iovec.put(iovec, pdu, bytes);
        long _ = socket.send(iovec, 1);
      }
    } catch (LinuxException ignored) {
      // It is lost already.
    }
  }

  /** It is lost: from now on it does nothing any more, and the association's others end too. */
  void fail(String why) {
    if (failure == null) {
      failure = why;
      loss.happened();
    }
  }

  /** It is no longer wanted: from now on it does nothing any more. */
  void retire() {
    if (failure == null) {
      failure = "has been disconnected";
    }
  }

  /**
   * Makes a call of the transport's own: what is posted is sent, and its answer awaited.
   *
   * @param entry claimed, and filled; its identifier is {@link #callIdentifier}
   * @param itsData null for none
   * @param isIn whether the data is to come, and not to go in the capsule
   * @param deadline by the clock
   * @return whether it has been answered; if not, the connection has failed
   */
  boolean call(
      long entry, DmaMemory itsData, int bytes, boolean isIn, LongSupplier clock, long deadline) {
    if (failure != null) {
      return false;
    }
    if (itsData != null) {
      describe(isIn ? Way.IN : Way.IN_CAPSULE, itsData, 0, bytes);
    }
    answers.begin();
    post(table.callSlot(), entry);
    while (true) {
      int _ = poll();
      if (answers.hasAnswer()) {
        return true;
      }
      if (isEnding) {
        fail("has been disconnected");
      }
      if (failure != null) {
        return false;
      }
      long left = deadline - clock.getAsLong();
      if (left <= 0) {
        fail("does not answer");
        return false;
      }
      boolean _ = await(Math.min(left, LONGEST_SLEEP_NANOS));
    }
  }

  int callIdentifier() {
    return table.callIdentifier();
  }

  /** The status of the call that was answered. */
  int status() {
    return answers.status();
  }

  /** Dwords 0 and 1 of its completion. */
  long result() {
    return answers.result();
  }

  /** Whether a Keep Alive has not been answered. */
  boolean isKeepAliveOut() {
    return table.isOut(table.keepAliveSlot());
  }

  int keepAliveIdentifier() {
    return table.keepAliveIdentifier();
  }

  /** Posts a Keep Alive; none may be out. */
  void postKeepAlive(long entry) {
    post(table.keepAliveSlot(), entry);
  }

  /** Waits until something can be received, or sent if there is something to send. */
  boolean await(long timeoutNanos) {
    if (failure != null) {
      return true;
    }
    return sends.isEmpty()
        ? socket.awaitInput(timeoutNanos)
        : socket.awaitInputOrRoom(timeoutNanos);
  }

  @Override
  public String toString() {
    return "connection %d: %d commands out%s%s"
        .formatted(
            id,
            table.out(),
            negotiated.headerDigest() || negotiated.dataDigest() ? ", with digests" : "",
            failure == null ? "" : "; " + failure);
  }
}
