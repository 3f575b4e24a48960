package sluice.nvme.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.nvme.spec.SglDescriptor;
import sluice.nvme.tcp.CommandTable.Way;
import sluice.nvme.tcp.pdu.CapsulePdu;
import sluice.nvme.tcp.pdu.Crc;
import sluice.nvme.tcp.pdu.DataPdu;
import sluice.nvme.tcp.pdu.Pdu;
import sluice.queues.SubmissionEntry;
import sluice.support.linux.Iovec;
import sluice.support.linux.TcpSocket;
import sluice.support.memory.OffHeap;

/**
 * What is to be sent, in order: a place for each PDU's header, and which data goes behind it. It
 * goes out of the requests' own memory, as many PDUs in one call as there are.
 *
 * <pre>
 *   place   | header | its digest | pad |            data digest |
 *               ▲                                          ▲
 *   sendmsg  ───┴──────────────▶ data in memory ───────────┘
 * </pre>
 *
 * <p>There is always a place for each command that can be out, and for some PDUs with data that the
 * other end has asked for; what is more of these waits in a ring of its own. Used by the
 * connection's owner; allocates nothing.
 */
final class SendRing {
  /** Places for data that was asked for. */
  private static final int DATA_PLACES = 64;

  /** Pieces of memory in a call; a PDU has three at the most. */
  private static final int IOVECS = 192;

  private static final int PIECES = 3;
  private static final int DIGEST_PLACE = 8;

  private final TcpSocket socket;
  private final CommandTable table;
  private final Negotiated negotiated;
  private final ReadyRing ready;
  private final Crc crc = new Crc();

  private final int capsules;
  private final int places;
  private final int placeBytes;
  private final MemorySegment memory;
  private final long base;
  private final MemorySegment iovecMemory;
  private final long iovecs;

  private final int[] slots;
  private final int[] headerBytes;
  private final long[] dataOffsets;
  private final int[] dataBytes;
  private final boolean[] endsReady;

  private int head;
  private int used;
  private int dataPlacesUsed;

  /** Bytes of the first PDU that have been sent. */
  private long sentOfHead;

  private int gathered;
  private long gatheredBytes;

  SendRing(TcpSocket socket, CommandTable table, Negotiated negotiated, ReadyRing ready) {
    this.socket = socket;
    this.table = table;
    this.negotiated = negotiated;
    this.ready = ready;
    this.capsules = table.slots();
    this.places = capsules + DATA_PLACES;
    int digest = negotiated.dataDigest() ? DIGEST_PLACE : 0;
    int header = negotiated.dataOffset(CapsulePdu.COMMAND_BYTES);
    // Without digests and pads capsules follow each other, and many go out as one piece.
    this.placeBytes = Math.ceilDiv(header, Long.BYTES) * Long.BYTES + digest;
    this.memory = Arena.ofAuto().allocate((long) places * placeBytes, Long.BYTES);
    this.base = memory.address();
    this.iovecMemory = Arena.ofAuto().allocate((long) IOVECS * Iovec.BYTES, Long.BYTES);
    this.iovecs = iovecMemory.address();
    this.slots = new int[places];
    this.headerBytes = new int[places];
    this.dataOffsets = new long[places];
    this.dataBytes = new int[places];
    this.endsReady = new boolean[places];
  }

  private long place(int index) {
    return base + (long) index * placeBytes;
  }

  private int next() {
    int tail = head + used;
    return tail < places ? tail : tail - places;
  }

  /** Where the next command's entry is written; 0 if there is no room. */
  long claim() {
    return used - dataPlacesUsed == capsules ? 0 : place(next()) + CapsulePdu.ENTRY;
  }

  /** Takes the claimed entry, of a command that is open. */
  void post(int slot) {
    int index = next();
    long pdu = place(index);
    long entry = pdu + CapsulePdu.ENTRY;
    boolean isInCapsule = table.way(slot) == Way.IN_CAPSULE;
    int type = isInCapsule ? SglDescriptor.IN_CAPSULE : SglDescriptor.BY_TRANSPORT;
    SglDescriptor.put(entry, type, table.bytes(slot));
    int bytes = isInCapsule ? table.bytes(slot) : 0;
    append(index, Pdu.CAPSULE_CMD, 0, slot, CapsulePdu.COMMAND_BYTES, table.offset(slot), bytes);
  }

  /** Adds a PDU whose words behind the common header have been written. */
  private void append(
      int index, int type, int flags, int slot, int header, long dataOffset, int bytes) {
    long pdu = place(index);
    boolean hasData = bytes > 0;
    int behind = hasData ? negotiated.dataOffset(header) : header + negotiated.headerDigestBytes();
    int digest = hasData ? negotiated.dataDigestBytes() : 0;
    Pdu.begin(
        pdu,
        type,
        flags | negotiated.flags(hasData),
        header,
        hasData ? behind : 0,
        behind + bytes + digest);
    if (negotiated.headerDigest()) {
      crc.reset();
      crc.update(pdu, header);
      OffHeap.putInt(pdu + header, crc.value());
    }
    if (digest > 0) {
      crc.reset();
      crc.update(table.memory(slot).address() + dataOffset, bytes);
      OffHeap.putInt(pdu + placeBytes - DIGEST_PLACE, crc.value());
    }
    slots[index] = slot;
    headerBytes[index] = behind;
    dataOffsets[index] = dataOffset;
    dataBytes[index] = bytes;
    endsReady[index] = false;
    used++;
    table.beginSending(slot);
  }

  /** Makes PDUs of what has been asked for, as long as there is a place. */
  private void answerReady() {
    while (!ready.isEmpty() && dataPlacesUsed < DATA_PLACES) {
      int slot = ready.slot();
      int bytes = Math.min(ready.left(), negotiated.maxData());
      boolean isLast = bytes == ready.left();
      int index = next();
      DataPdu.put(place(index), table.identifier(slot), ready.tag(), ready.offset(), bytes);
      long offset = table.offset(slot) + ready.offset();
      int flags = isLast ? Pdu.LAST : 0;
      append(index, Pdu.H2C_DATA, flags, slot, DataPdu.HEADER_BYTES, offset, bytes);
      endsReady[index] = isLast;
      dataPlacesUsed++;
      ready.advance(bytes);
    }
  }

  /** Whether there is something to send. */
  boolean isEmpty() {
    return used == 0 && ready.isEmpty();
  }

  /**
   * Sends what the kernel takes.
   *
   * @throws sluice.support.linux.LinuxException if the connection has ended
   */
  void send() {
    while (!isEmpty()) {
      answerReady();
      gather();
      long sent = socket.send(iovecs, gathered);
      advance(sent);
      if (sent < gatheredBytes) {
        return;
      }
    }
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
        long data = table.memory(slots[index]).address() + dataOffsets[index];
        skip = add(data, dataBytes[index], skip);
        skip = add(pdu + placeBytes - DIGEST_PLACE, negotiated.dataDigestBytes(), skip);
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

  private void advance(long sent) {
    sentOfHead += sent;
    while (used > 0) {
      int bytes = dataBytes[head];
      long all = headerBytes[head] + (bytes > 0 ? (long) bytes + negotiated.dataDigestBytes() : 0);
      if (sentOfHead < all) {
        return;
      }
      sentOfHead -= all;
      int slot = slots[head];
      table.endSending(slot);
      if (Pdu.type(place(head)) == Pdu.H2C_DATA) {
        dataPlacesUsed--;
        table.move(slot, bytes);
        if (endsReady[head]) {
          table.endReady(slot);
        }
      }
      head = head + 1 == places ? 0 : head + 1;
      used--;
    }
  }

  /** For what the queue's user describes: the opcode's two low bits say which way data goes. */
  static Way way(long entry, boolean fitsCapsule) {
    return switch (SubmissionEntry.opcode(entry) & 3) {
      case 1 -> fitsCapsule ? Way.IN_CAPSULE : Way.ASKED_FOR;
      case 2 -> Way.IN;
      default ->
          throw new IllegalArgumentException(
              "opcode %#x says that it has no data".formatted(SubmissionEntry.opcode(entry)));
    };
  }
}
