package sluice.virtual.tcp;

import java.lang.foreign.Arena;
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
 * What waits to be sent to a host: answers, their data, and what it is asked for. What it does not
 * take stays. Used by the target's thread; allocates nothing once it is known how the host talks.
 */
final class Outgoing {
  /** PDUs that are still to come of a command: its data or what it asks for, and its response. */
  private static final int PDUS = 2;

  /** The same, and one that was posted and has not been sent, of a command that is not over. */
  private static final int PLACES = PDUS + 1;

  /** Of a place besides its header: a digest, and what is to be known of it. */
  private static final int PLACE_BYTES = 28;

  private final TcpSocket socket;
  private final Target target;
  private boolean hasHeaderDigests;
  private boolean hasDataDigests;
  private int alignment;

  /** Null before it is known how the host talks. */
  private PduWriter writer;

  /** Bytes of memory of answers that have not been taken by the kernel. */
  private long unsent;

  /** Since when the kernel has taken nothing, while there is something. */
  private long stuckSince;

  private boolean isStuck;

  /** Why nothing can be sent any more; null while it can. */
  private String failure;

  Outgoing(TcpSocket socket, Target target) {
    this.socket = socket;
    this.target = target;
  }

  /** Answers ICReq, at once; returns false if the host does not take the answer. */
  boolean agree(boolean headerDigests, boolean dataDigests, int dataAlignment) {
    hasHeaderDigests = headerDigests;
    hasDataDigests = dataDigests;
    alignment = dataAlignment;
    int digests =
        (headerDigests ? InitializePdu.HEADER_DIGESTS : 0)
            | (dataDigests ? InitializePdu.DATA_DIGESTS : 0);
    try (Arena arena = Arena.ofConfined()) {
      long response = arena.allocate(InitializePdu.BYTES, Long.BYTES).address();
      InitializePdu.response(response, 0, digests, QueueConnection.MAX_DATA_BYTES);
      return sendNow(arena, response, InitializePdu.BYTES);
    }
  }

  private boolean sendNow(Arena arena, long pdu, int bytes) {
    long iovec = arena.allocate(Iovec.BYTES, Long.BYTES).address();
    Iovec.put(iovec, pdu, bytes);
    return socket.send(iovec, 1) == bytes;
  }

  /** Room for all PDUs of so many commands. */
  PduWriter writer(int commands) {
    return new PduWriter(
        socket,
        PLACES * (commands + 1),
        DataPdu.HEADER_BYTES,
        hasHeaderDigests,
        hasDataDigests,
        alignment,
        this::sent);
  }

  /** About how much memory such a writer takes, on the heap and off it. */
  long bytes(int commands) {
    long header =
        Math.ceilDiv(DataPdu.HEADER_BYTES + Pdu.DIGEST_BYTES, alignment) * (long) alignment;
    return PLACES * (commands + 1L) * (header + PLACE_BYTES);
  }

  /** From here on all goes out by this writer; what is in another one, as little as it is, now. */
  void use(PduWriter next) {
    long _ = send();
    if (isSending() && failure == null) {
      failure = "it does not take the answers to what it sent before Connect";
    }
    writer = next;
  }

  /** Whether there is room for all that comes of so many commands. */
  boolean hasRoom(int commands) {
    return writer.room() >= PDUS * commands;
  }

  // ---- sending

  /** Whether something waits to be sent. */
  boolean isSending() {
    return writer != null && !writer.isEmpty();
  }

  /** Bytes of memory of answers that wait. */
  long unsent() {
    return unsent;
  }

  /** Why nothing can be sent any more; null while it can. */
  String failure() {
    return failure;
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
        stuckSince = target.clock();
      }
      return bytes;
    } catch (LinuxException e) {
      // In the middle of the engine's turn nothing is taken away from it.
      failure = e.getMessage();
      return 0;
    }
  }

  /** How long the host has not taken a byte of what waits for it, in nanoseconds. */
  long stuckNanos(long now) {
    return isStuck ? now - stuckSince : 0;
  }

  private void sent(int token, long data, int bytes) {
    if (bytes > 0) {
      unsent -= BufferPool.held(bytes);
      target.buffers().give(data, bytes);
    }
  }

  // ---- what there is to send

  /**
   * Data of a command, which is the pool's again when it has been sent.
   *
   * @param isSuccess whether it says as well that the command has succeeded
   */
  void data(int identifier, long address, int bytes, boolean isSuccess) {
    DataPdu.put(writer.claim(), identifier, 0, 0, bytes);
    int flags = Pdu.LAST | (isSuccess ? Pdu.SUCCESS : 0);
    unsent += BufferPool.held(bytes);
    writer.post(Pdu.C2H_DATA, flags, DataPdu.HEADER_BYTES, address, bytes, 0);
  }

  void response(int identifier, int head, int status, long result) {
    CapsulePdu.response(writer.claim(), result, head, identifier, status);
    writer.post(Pdu.CAPSULE_RESP, 0, CapsulePdu.RESPONSE_BYTES);
  }

  /** Asks for all of a command's data. */
  void ask(int identifier, int tag, int bytes) {
    ReadyPdu.put(writer.claim(), identifier, tag, 0, bytes);
    writer.post(Pdu.R2T, 0, ReadyPdu.BYTES);
  }

  // ---- the end

  /**
   * Tells the host what it must not have done, if that can be: behind half an answer it cannot.
   *
   * @param incoming has the header of what it did
   */
  void terminate(PduException fault, PduReader incoming) {
    if (isSending()) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      int has = Math.min(incoming.headerHas(), TerminationPdu.MAX_DATA_BYTES);
      int most = TerminationPdu.HEADER_BYTES + TerminationPdu.MAX_DATA_BYTES;
      long pdu = arena.allocate(most, Long.BYTES).address();
      int bytes =
          TerminationPdu.put(
              pdu, Pdu.C2H_TERM_REQ, fault.error(), fault.information(), incoming.header(), has);
      boolean _ = sendNow(arena, pdu, bytes);
    }
  }

  /** Nothing is sent any more. */
  void clear() {
    if (writer != null) {
      writer.clear();
    }
  }
}
