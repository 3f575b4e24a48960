package sluice.nvme.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.nvme.tcp.pdu.CapsulePdu;
import sluice.nvme.tcp.pdu.Crc;
import sluice.nvme.tcp.pdu.DataPdu;
import sluice.nvme.tcp.pdu.Pdu;
import sluice.nvme.tcp.pdu.ReadyPdu;
import sluice.nvme.tcp.pdu.TerminationPdu;
import sluice.support.linux.Iovec;
import sluice.support.linux.TcpSocket;
import sluice.support.memory.OffHeap;

/**
 * Takes PDUs out of a connection, in whatever pieces they come, and never waits for one.
 *
 * <pre>
 *   HEADER ──▶ PAD ──▶ DATA ──▶ DIGEST ──▶ HEADER          of C2HData
 *   HEADER ──▶ HEADER                                       of all else
 * </pre>
 *
 * <p>Headers come by way of a small buffer; data goes straight into the request's memory, in the
 * same call in which what follows it goes into the buffer. A header is copied out of the buffer
 * once, and every field of it is checked before anything is done: what is out, and how much of its
 * memory is still to be filled, is known by {@link CommandTable} alone.
 *
 * <p>Used by the connection's owner; allocates nothing.
 */
final class Receiver {
  /** Bytes that are received at once where no data is expected that has a better place. */
  private static final int BUFFER_BYTES = 8192;

  /** The same where data is expected: the headers between two pieces of it, and little else. */
  private static final int BUFFER_BYTES_BEFORE_DATA = 96;

  /** So that a flood does not keep a thread here. */
  private static final int CALLS_IN_A_TURN = 64;

  private enum State {
    HEADER,
    PAD,
    DATA,
    DIGEST
  }

  private final TcpSocket socket;
  private final CommandTable table;
  private final Negotiated negotiated;
  private final Incoming incoming;
  private final Crc headerCrc = new Crc();
  private final Crc dataCrc = new Crc();

  private final MemorySegment memory =
      Arena.ofAuto().allocate(BUFFER_BYTES + HEADER_PLACE + 2L * Iovec.BYTES, Long.BYTES);
  private final long buffer = memory.address();

  /** A header of the largest kind, with its digest. */
  private static final int HEADER_PLACE = 160;

  private final long header = buffer + BUFFER_BYTES;
  private final long iovecs = header + HEADER_PLACE;

  /** What of the buffer has been received and not been looked at. */
  private int from;

  private int to;

  private State state = State.HEADER;
  private int headerHas;
  private int headerWants = Pdu.COMMON_BYTES;

  /** Of the PDU that is being received: the slot, what is left of its part, and where it goes. */
  private int slot;

  private int left;
  private int dataLeft;
  private long dataOffset;

  Receiver(TcpSocket socket, CommandTable table, Negotiated negotiated, Incoming incoming) {
    this.socket = socket;
    this.table = table;
    this.negotiated = negotiated;
    this.incoming = incoming;
  }

  /**
   * Receives what is there.
   *
   * @return bytes
   * @throws ProtocolException if the other end has ended the connection, or does what it must not
   * @throws sluice.support.linux.LinuxException if the connection has ended otherwise
   */
  int receive() {
    int received = 0;
    for (int call = 0; call < CALLS_IN_A_TURN; call++) {
      consume();
      if (from < to) {
        return received;
      }
      int count = 0;
      long room = table.readsOut() > 0 ? BUFFER_BYTES_BEFORE_DATA : BUFFER_BYTES;
      long direct = state == State.DATA ? left : 0;
      if (direct > 0) {
        Iovec.put(iovecs, table.memory(slot).address() + dataOffset, direct);
        count++;
      }
      Iovec.put(iovecs + (long) count * Iovec.BYTES, buffer, room);
      long bytes = socket.receive(iovecs, count + 1);
      if (bytes == TcpSocket.NOTHING) {
        return received;
      }
      if (bytes == 0) {
        throw new ProtocolException("has closed its connection", ProtocolException.NO_ERROR, 0);
      }
      received += (int) bytes;
      int intoMemory = (int) Math.min(bytes, direct);
      from = 0;
      to = (int) bytes - intoMemory;
      if (intoMemory > 0) {
        tookData(intoMemory);
      }
      if (bytes < direct + room) {
        // There was no more: to be told so would be another call.
        consume();
        return received;
      }
    }
    return received;
  }

  /** Looks at what is in the buffer, as long as there is room for a completion. */
  private void consume() {
    while (from < to) {
      int there = to - from;
      switch (state) {
        case HEADER -> {
          if (headerHas == 0 && incoming.isFull()) {
            return;
          }
          int bytes = Math.min(there, headerWants - headerHas);
          OffHeap.copy(buffer + from, header + headerHas, bytes);
          headerHas += bytes;
          from += bytes;
          if (headerHas == headerWants) {
            tookHeader();
          }
        }
        case PAD -> {
          int bytes = Math.min(there, left);
          from += bytes;
          left -= bytes;
          if (left == 0) {
            beginData();
          }
        }
        case DATA -> {
          int bytes = Math.min(there, left);
          OffHeap.copy(buffer + from, table.memory(slot).address() + dataOffset, bytes);
          from += bytes;
          tookData(bytes);
        }
        case DIGEST -> {
          int bytes = Math.min(there, left);
          OffHeap.copy(
              buffer + from,
              header + HEADER_PLACE - Pdu.COMMON_BYTES + Pdu.DIGEST_BYTES - left,
              bytes);
          from += bytes;
          left -= bytes;
          if (left == 0) {
            tookDigest();
          }
        }
      }
    }
  }

  /** As much of the header is there as was wanted: its first part, or all of it. */
  private void tookHeader() {
    if (headerWants == Pdu.COMMON_BYTES) {
      headerWants = checkedHeaderBytes();
      return;
    }
    int type = Pdu.type(header);
    if (negotiated.headerDigest() && type != Pdu.C2H_TERM_REQ) {
      checkHeaderDigest();
    }
    headerHas = 0;
    headerWants = Pdu.COMMON_BYTES;
    switch (type) {
      case Pdu.C2H_DATA -> beginDataPdu();
      case Pdu.CAPSULE_RESP -> incoming.response(header + CapsulePdu.ENTRY);
      case Pdu.R2T -> incoming.ready(header);
      default ->
          throw new ProtocolException(
              "has ended the connection: " + TerminationPdu.name(TerminationPdu.error(header)),
              ProtocolException.NO_ERROR,
              0);
    }
  }

  /** Checks the common header; returns the bytes of all of the header and its digest. */
  private int checkedHeaderBytes() {
    int type = Pdu.type(header);
    int bytes =
        switch (type) {
          case Pdu.CAPSULE_RESP -> CapsulePdu.RESPONSE_BYTES;
          case Pdu.C2H_DATA -> DataPdu.HEADER_BYTES;
          case Pdu.R2T -> ReadyPdu.BYTES;
          case Pdu.C2H_TERM_REQ -> TerminationPdu.HEADER_BYTES;
          default -> throw wrong("sent a " + Pdu.name(type), 0);
        };
    if (Pdu.headerBytes(header) != bytes) {
      throw wrong(
          "sent a %s with a header of %d bytes".formatted(Pdu.name(type), Pdu.headerBytes(header)),
          2);
    }
    if (type == Pdu.C2H_TERM_REQ) {
      return bytes;
    }
    boolean isData = type == Pdu.C2H_DATA;
    int digests = Pdu.flags(header) & (Pdu.HEADER_DIGEST | Pdu.DATA_DIGEST);
    if (digests != negotiated.flags(isData)) {
      throw wrong("sent a " + Pdu.name(type) + " with digests as they were not agreed on", 1);
    }
    int all = bytes + negotiated.headerDigestBytes();
    if (isData ? Pdu.bytes(header) <= all : Pdu.bytes(header) != all) {
      throw wrong("sent a %s of %d bytes".formatted(Pdu.name(type), Pdu.bytes(header)), 4);
    }
    return all;
  }

  private void checkHeaderDigest() {
    int bytes = headerWants - Pdu.DIGEST_BYTES;
    headerCrc.reset();
    headerCrc.update(header, bytes);
    if (headerCrc.value() != OffHeap.getInt(header + bytes)) {
      throw new ProtocolException(
          "sent a %s whose header digest is wrong".formatted(Pdu.name(Pdu.type(header))),
          TerminationPdu.HEADER_DIGEST_ERROR,
          0);
    }
  }

  private void beginDataPdu() {
    int headerBytes = DataPdu.HEADER_BYTES + negotiated.headerDigestBytes();
    int behind = Pdu.dataOffset(header);
    long length = DataPdu.length(header);
    if (behind < headerBytes || (behind & 3) != 0) {
      throw wrong("sent a C2HData whose data begins at " + behind, 3);
    }
    if (Pdu.bytes(header) != behind + length + negotiated.dataDigestBytes()) {
      throw wrong(
          "sent a C2HData of %d bytes with %d bytes of data".formatted(Pdu.bytes(header), length),
          4);
    }
    slot = incoming.data(header);
    dataLeft = (int) length;
    dataOffset = table.offset(slot) + DataPdu.offset(header);
    dataCrc.reset();
    left = behind - headerBytes;
    state = State.PAD;
    if (left == 0) {
      beginData();
    }
  }

  private void beginData() {
    state = State.DATA;
    left = dataLeft;
  }

  private void tookData(int bytes) {
    if (negotiated.dataDigest()) {
      dataCrc.update(table.memory(slot).address() + dataOffset, bytes);
    }
    table.move(slot, bytes);
    dataOffset += bytes;
    left -= bytes;
    if (left > 0) {
      return;
    }
    if (negotiated.dataDigest()) {
      state = State.DIGEST;
      left = Pdu.DIGEST_BYTES;
    } else {
      endData();
    }
  }

  private void tookDigest() {
    if (OffHeap.getInt(header + HEADER_PLACE - Pdu.COMMON_BYTES) != dataCrc.value()) {
      table.spoil(slot);
    }
    endData();
  }

  private void endData() {
    state = State.HEADER;
    incoming.dataEnded(slot, Pdu.flags(header));
  }

  private static ProtocolException wrong(String message, int at) {
    return new ProtocolException(message, TerminationPdu.INVALID_HEADER_FIELD, at);
  }

  /** The header of the PDU that was looked at last. */
  long header() {
    return header;
  }
}
