package sluice.nvme.tcp.pdu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.support.linux.Iovec;
import sluice.support.linux.TcpSocket;
import sluice.support.memory.OffHeap;

/**
 * What is to be sent, in order: a place for each PDU's header, and which data goes behind it. Data
 * goes out of the memory that it is in, and as many PDUs in one call as there are.
 *
 * <pre>
 *   place   | header | its digest | pad |            data digest |
 *               ▲                                          ▲
 *   sendmsg  ───┴──────────────▶ data in memory ───────────┘
 * </pre>
 *
 * Used by the connection's owner; allocates nothing.
 */
public final class PduWriter {
  /** Is told what has been sent, or is not going to be. */
  @FunctionalInterface
  public interface Sent {
    /**
     * @param token as it was given
     * @param data address of the PDU's data, which is not needed any more
     * @param bytes of data; 0 for none
     */
    void sent(int token, long data, int bytes);
  }

  /** Pieces of memory in a call; a PDU has three at the most. */
  private static final int IOVECS = 192;

  private static final int PIECES = 3;
  private static final int DIGEST_PLACE = 8;

  private final TcpSocket socket;
  private final boolean hasHeaderDigests;
  private final boolean hasDataDigests;
  private final int alignment;
  private final Sent sent;
  private final Crc crc = new Crc();

  private final int places;
  private final int placeBytes;
  private final MemorySegment memory;
  private final long base;
  private final MemorySegment iovecMemory =
      Arena.ofAuto().allocate((long) IOVECS * Iovec.BYTES, Long.BYTES);
  private final long iovecs = iovecMemory.address();
  private final int[] headerBytes;
  private final long[] data;
  private final int[] dataBytes;
  private final int[] tokens;

  private int head;
  private int used;

  /** Bytes of the first PDU that have been sent. */
  private long sentOfHead;

  private int gathered;
  private long gatheredBytes;

  /**
   * @param places how many PDUs can wait
   * @param mostHeaderBytes of a PDU
   * @param alignment to how many bytes the other end wants data aligned in a PDU
   */
  public PduWriter(
      TcpSocket socket,
      int places,
      int mostHeaderBytes,
      boolean hasHeaderDigests,
      boolean hasDataDigests,
      int alignment,
      Sent sent) {
    this.socket = socket;
    this.places = places;
    this.hasHeaderDigests = hasHeaderDigests;
    this.hasDataDigests = hasDataDigests;
    this.alignment = alignment;
    this.sent = sent;
    int header = dataOffset(mostHeaderBytes);
    // Without digests and pads responses follow each other, and many go out as one piece.
    this.placeBytes =
        Math.ceilDiv(header, Long.BYTES) * Long.BYTES + (hasDataDigests ? DIGEST_PLACE : 0);
    this.memory = Arena.ofAuto().allocate((long) places * placeBytes, Long.BYTES);
    this.base = memory.address();
    this.headerBytes = new int[places];
    this.data = new long[places];
    this.dataBytes = new int[places];
    this.tokens = new int[places];
  }

  private int headerDigestBytes() {
    return hasHeaderDigests ? Pdu.DIGEST_BYTES : 0;
  }

  private int dataDigestBytes() {
    return hasDataDigests ? Pdu.DIGEST_BYTES : 0;
  }

  private int dataOffset(int header) {
    return Math.ceilDiv(header + headerDigestBytes(), alignment) * alignment;
  }

  private long place(int index) {
    return base + (long) index * placeBytes;
  }

  private int next() {
    int tail = head + used;
    return tail < places ? tail : tail - places;
  }

  /** How many PDUs there is room for. */
  public int room() {
    return places - used;
  }

  /** Where the next PDU's header is written behind the common one; there is {@link #room}. */
  public long claim() {
    return place(next());
  }

  /** Adds the claimed PDU, without data. */
  public void post(int type, int flags, int header) {
    post(type, flags, header, 0, 0, 0);
  }

  /**
   * Adds the claimed PDU.
   *
   * @param header bytes of its header
   * @param address of its data, which stays until it is {@link Sent}
   * @param bytes of data; 0 for none
   * @param token for {@link Sent}
   */
  public void post(int type, int flags, int header, long address, int bytes, int token) {
    int index = next();
    long pdu = place(index);
    boolean hasData = bytes > 0;
    int behind = hasData ? dataOffset(header) : header + headerDigestBytes();
    int digest = hasData ? dataDigestBytes() : 0;
    int digestFlags =
        (hasHeaderDigests ? Pdu.HEADER_DIGEST : 0)
            | (hasDataDigests && hasData ? Pdu.DATA_DIGEST : 0);
    Pdu.begin(
        pdu, type, flags | digestFlags, header, hasData ? behind : 0, behind + bytes + digest);
    if (hasHeaderDigests) {
      crc.reset();
      crc.update(pdu, header);
      OffHeap.putInt(pdu + header, crc.value());
    }
    if (digest > 0) {
      crc.reset();
      crc.update(address, bytes);
      OffHeap.putInt(pdu + placeBytes - DIGEST_PLACE, crc.value());
    }
    headerBytes[index] = behind;
    tokens[index] = token;
    data[index] = address;
    dataBytes[index] = bytes;
    used++;
  }

  /** Whether there is nothing to send. */
  public boolean isEmpty() {
    return used == 0;
  }

  /**
   * Sends what the kernel takes.
   *
   * @return bytes
   * @throws sluice.support.linux.LinuxException if the connection has broken
   */
  public long send() {
    long all = 0;
    while (used > 0) {
      gather();
      long bytes = socket.send(iovecs, gathered);
      advance(bytes);
      all += bytes;
      if (bytes < gatheredBytes) {
        break;
      }
    }
    return all;
  }

  private void gather() {
    gathered = 0;
    gatheredBytes = 0;
    long skip = sentOfHead;
    int index = head;
    for (int i = 0; i < used && gathered <= IOVECS - PIECES; i++) {
      long pdu = place(index);
      skip = add(pdu, headerBytes[index], skip);
      if (dataBytes[index] > 0) {
        skip = add(data[index], dataBytes[index], skip);
        skip = add(pdu + placeBytes - DIGEST_PLACE, dataDigestBytes(), skip);
      }
      index = index + 1 == places ? 0 : index + 1;
    }
  }

  /** Adds a piece but for what is to be skipped; returns what is left to skip. */
  private long add(long address, long length, long skip) {
    if (skip >= length) {
      return skip - length;
    }
    long from = address + skip;
    long bytes = length - skip;
    long last = iovecs + (gathered - 1L) * Iovec.BYTES;
    if (gathered > 0 && Iovec.address(last) + Iovec.length(last) == from) {
      Iovec.put(last, Iovec.address(last), Iovec.length(last) + bytes);
    } else {
      Iovec.put(last + Iovec.BYTES, from, bytes);
      gathered++;
    }
    gatheredBytes += bytes;
    return 0;
  }

  private void advance(long bytes) {
    sentOfHead += bytes;
    while (used > 0) {
      int ofData = dataBytes[head];
      long all = headerBytes[head] + (ofData > 0 ? (long) ofData + dataDigestBytes() : 0);
      if (sentOfHead < all) {
        return;
      }
      sentOfHead -= all;
      takeOut();
    }
  }

  private void takeOut() {
    int index = head;
    head = head + 1 == places ? 0 : head + 1;
    used--;
    sent.sent(tokens[index], data[index], dataBytes[index]);
  }

  /** Forgets all that waits: the connection has ended. */
  public void clear() {
    while (used > 0) {
      takeOut();
    }
    sentOfHead = 0;
  }
}
