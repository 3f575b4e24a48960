package sluice.nvme.tcp.pdu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.support.linux.Iovec;
import sluice.support.linux.LinuxException;
import sluice.support.linux.TcpSocket;
import sluice.support.memory.OffHeap;

/**
 * Takes PDUs out of a connection, in whatever pieces they come, and never waits for one.
 *
 * <pre>
 *   HEADER ──▶ PAD ──▶ DATA ──▶ DIGEST ──▶ HEADER          with data
 *   HEADER ──▶ HEADER                                       without
 * </pre>
 *
 * <p>Headers come by way of a small buffer; data that is waited for goes straight to its place, in
 * the same call in which what follows it goes into the buffer. A header is copied out of the buffer
 * once, and what is wrong with it as such is found here; what it means is for who extends this
 * class to say.
 *
 * <p>Used by the connection's owner; allocates nothing.
 */
public abstract class PduReader {
  /** {@link #receive}: the other end sends no more. */
  public static final int ENDED = -1;

  /** What {@link #receive} asks for where data is expected: headers between, and little else. */
  private static final int BYTES_BEFORE_DATA = 96;

  /** So that a flood does not keep a thread here. */
  private static final int CALLS_IN_A_TURN = 16;

  /** A header of the largest kind, with its digest, and behind it a digest of data. */
  private static final int HEADER_PLACE = InitializePdu.BYTES + 2 * Long.BYTES;

  private enum State {
    HEADER,
    PAD,
    DATA,
    DIGEST
  }

  private final TcpSocket socket;
  private final int bufferBytes;
  private final MemorySegment memory;
  private final long buffer;
  private final long header;
  private final long digest;
  private final long iovecs;
  private final Crc headerCrc = new Crc();
  private final Crc dataCrc = new Crc();
  private boolean hasHeaderDigests;
  private boolean hasDataDigests;

  /** What of the buffer has been received and not been looked at. */
  private int from;

  private int to;

  private State state = State.HEADER;
  private int headerHas;
  private int headerWants = Pdu.COMMON_BYTES;

  /** What is left of the part that is being received. */
  private int left;

  private int dataBytes;

  /** Where the next byte of data goes. */
  private long place;

  /**
   * @param bufferBytes how much is received in a call where no data is waited for
   */
  protected PduReader(TcpSocket socket, int bufferBytes) {
    this.socket = socket;
    this.bufferBytes = bufferBytes;
    this.memory =
        Arena.ofAuto().allocate(bufferBytes + HEADER_PLACE + 2L * Iovec.BYTES, Long.BYTES);
    this.buffer = memory.address();
    this.header = buffer + bufferBytes;
    this.digest = header + InitializePdu.BYTES + Long.BYTES;
    this.iovecs = header + HEADER_PLACE;
  }

  /** Which digests all PDUs have from the next one on. */
  public final void digests(boolean header, boolean data) {
    hasHeaderDigests = header;
    hasDataDigests = data;
  }

  // ---- what PDUs mean

  /**
   * Which kinds may come now.
   *
   * @return bytes of the kind's header; 0 if it may not come
   */
  protected abstract int headerBytes(int type);

  /** Whether PDUs of a kind have data: 0 never, 1 always, -1 as they say themselves. */
  protected abstract int hasData(int type);

  /** Whether data is waited for, whose place is known. */
  protected abstract boolean expectsData();

  /** Whether nothing can be taken in before who looks at it has had what came. */
  protected boolean isFull() {
    return false;
  }

  /** A PDU without data is here. */
  protected abstract void take(long pdu);

  /**
   * A PDU's data begins.
   *
   * @param bytes more than 0
   * @return where it goes
   */
  protected abstract long begin(long pdu, int bytes);

  /**
   * A PDU's data is there.
   *
   * @param isSpoiled whether its digest is wrong
   */
  protected abstract void end(long pdu, boolean isSpoiled);

  /** The data that is coming goes elsewhere from its next byte on. */
  protected final void divert(long address) {
    place = address;
  }

  /** The header of the PDU that was looked at last. */
  public final long header() {
    return header;
  }

  /** How many bytes of it there are. */
  public final int headerHas() {
    return headerHas == 0 ? Pdu.headerBytes(header) : headerHas;
  }

  // ---- receiving

  /**
   * Receives what is there.
   *
   * @return bytes, or {@link #ENDED}
   * @throws PduException if the other end does what it must not
   * @throws LinuxException if the connection has broken
   */
  public final int receive() {
    int received = 0;
    consume();
    for (int call = 0; call < CALLS_IN_A_TURN && from == to; call++) {
      long room = expectsData() ? Math.min(BYTES_BEFORE_DATA, bufferBytes) : bufferBytes;
      long direct = state == State.DATA ? left : 0;
      int count = 0;
      if (direct > 0) {
        Iovec.put(iovecs, place, direct);
        count++;
      }
      Iovec.put(iovecs + (long) count * Iovec.BYTES, buffer, room);
      long bytes = socket.receive(iovecs, count + 1);
      if (bytes == TcpSocket.NOTHING) {
        return received;
      }
      if (bytes == 0) {
        return received > 0 ? received : ENDED;
      }
      received += (int) bytes;
      int intoPlace = (int) Math.min(bytes, direct);
      from = 0;
      to = (int) bytes - intoPlace;
      if (intoPlace > 0) {
        tookData(intoPlace);
      }
      consume();
      if (bytes < direct + room) {
        // There was no more: to be told so would be another call.
        return received;
      }
    }
    return received;
  }

  private void consume() {
    while (from < to) {
      int there = to - from;
      switch (state) {
        case HEADER -> {
          if (headerHas == 0 && isFull()) {
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
          OffHeap.copy(buffer + from, place, bytes);
          from += bytes;
          tookData(bytes);
        }
        case DIGEST -> {
          int bytes = Math.min(there, left);
          OffHeap.copy(buffer + from, digest + Pdu.DIGEST_BYTES - left, bytes);
          from += bytes;
          left -= bytes;
          if (left == 0) {
            end(OffHeap.getInt(digest) != dataCrc.value());
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
    if (digestBytes(type) > 0) {
      checkHeaderDigest();
    }
    headerHas = 0;
    headerWants = Pdu.COMMON_BYTES;
    if (isWithData(type)) {
      beginPduWithData(type);
    } else {
      take(header);
    }
  }

  private int digestBytes(int type) {
    return hasHeaderDigests && hasDigests(type) ? Pdu.DIGEST_BYTES : 0;
  }

  private boolean isWithData(int type) {
    int has = hasData(type);
    return has == 1 || (has == -1 && Pdu.dataOffset(header) != 0);
  }

  private static boolean hasDigests(int type) {
    return type > Pdu.C2H_TERM_REQ;
  }

  /** Checks the common header; returns the bytes of all of the header and its digest. */
  private int checkedHeaderBytes() {
    int type = Pdu.type(header);
    int bytes = headerBytes(type);
    if (bytes == 0) {
      throw wrong("sent a " + Pdu.name(type) + " where it cannot be", 0);
    }
    if (Pdu.headerBytes(header) != bytes) {
      throw wrong(
          "sent a %s with a header of %d bytes".formatted(Pdu.name(type), Pdu.headerBytes(header)),
          2);
    }
    if (type == Pdu.H2C_TERM_REQ || type == Pdu.C2H_TERM_REQ) {
      return bytes;
    }
    if (hasData(type) == 1 && Pdu.dataOffset(header) == 0) {
      throw wrong("sent a " + Pdu.name(type) + " without a place of its data", 3);
    }
    boolean isWithData = isWithData(type);
    int digests =
        (digestBytes(type) > 0 ? Pdu.HEADER_DIGEST : 0)
            | (isWithData && hasDataDigests ? Pdu.DATA_DIGEST : 0);
    if ((Pdu.flags(header) & (Pdu.HEADER_DIGEST | Pdu.DATA_DIGEST)) != digests) {
      throw wrong("sent a " + Pdu.name(type) + " with digests as they were not agreed on", 1);
    }
    int all = bytes + digestBytes(type);
    long least = all + (isWithData && hasDataDigests ? (long) Pdu.DIGEST_BYTES : 0);
    if (isWithData ? Pdu.bytes(header) <= least : Pdu.bytes(header) != all) {
      throw wrong("sent a %s of %d bytes".formatted(Pdu.name(type), Pdu.bytes(header)), 4);
    }
    return all;
  }

  private void checkHeaderDigest() {
    int bytes = headerWants - Pdu.DIGEST_BYTES;
    headerCrc.reset();
    headerCrc.update(header, bytes);
    if (headerCrc.value() != OffHeap.getInt(header + bytes)) {
      throw new PduException(
          "sent a %s whose header digest is wrong".formatted(Pdu.name(Pdu.type(header))),
          TerminationPdu.HEADER_DIGEST_ERROR,
          0);
    }
  }

  private void beginPduWithData(int type) {
    int headerBytes = Pdu.headerBytes(header) + digestBytes(type);
    int behind = Pdu.dataOffset(header);
    if (behind < headerBytes || (behind & 3) != 0) {
      throw wrong("sent a %s whose data begins at %d".formatted(Pdu.name(type), behind), 3);
    }
    long bytes = Pdu.bytes(header) - behind - (hasDataDigests ? Pdu.DIGEST_BYTES : 0);
    if (bytes <= 0 || bytes > Integer.MAX_VALUE) {
      throw wrong("sent a %s of %d bytes".formatted(Pdu.name(type), Pdu.bytes(header)), 4);
    }
    dataBytes = (int) bytes;
    place = begin(header, dataBytes);
    dataCrc.reset();
    left = behind - headerBytes;
    state = State.PAD;
    if (left == 0) {
      beginData();
    }
  }

  private void beginData() {
    state = State.DATA;
    left = dataBytes;
  }

  private void tookData(int bytes) {
    if (hasDataDigests) {
      dataCrc.update(place, bytes);
    }
    place += bytes;
    left -= bytes;
    if (left > 0) {
      return;
    }
    if (hasDataDigests) {
      state = State.DIGEST;
      left = Pdu.DIGEST_BYTES;
    } else {
      end(false);
    }
  }

  private void end(boolean isSpoiled) {
    state = State.HEADER;
    end(header, isSpoiled);
  }

  private static PduException wrong(String message, int at) {
    return new PduException(message, TerminationPdu.INVALID_HEADER_FIELD, at);
  }
}
