package sluice.nvme.tcp;

import sluice.nvme.spec.SglDescriptor;
import sluice.nvme.tcp.CommandTable.Way;
import sluice.nvme.tcp.pdu.CapsulePdu;
import sluice.nvme.tcp.pdu.DataPdu;
import sluice.nvme.tcp.pdu.Pdu;
import sluice.nvme.tcp.pdu.PduWriter;
import sluice.queues.SubmissionEntry;
import sluice.support.linux.TcpSocket;

/**
 * What is to be sent: commands, and data that the controller has asked for, out of the requests'
 * own memory.
 *
 * <p>There is always a place for each command that can be out, and for some PDUs with data that the
 * other end has asked for; what is more of these waits in a ring of its own. Used by the
 * connection's owner; allocates nothing.
 */
final class SendRing {
  /** Places for data that was asked for. */
  private static final int DATA_PLACES = 64;

  // A PDU's token: its slot, above what it is.
  private static final int IS_DATA = 1;
  private static final int ENDS_READY = 2;
  private static final int SLOT_SHIFT = 2;

  private final CommandTable table;
  private final Negotiated negotiated;
  private final ReadyRing ready;
  private final PduWriter writer;
  private final int capsules;
  private int dataPlacesUsed;

  SendRing(TcpSocket socket, CommandTable table, Negotiated negotiated, ReadyRing ready) {
    this.table = table;
    this.negotiated = negotiated;
    this.ready = ready;
    this.capsules = table.slots();
    this.writer =
        new PduWriter(
            socket,
            capsules + DATA_PLACES,
            CapsulePdu.COMMAND_BYTES,
            negotiated.headerDigest(),
            negotiated.dataDigest(),
            negotiated.alignment(),
            this::sent);
  }

  /** Where the next command's entry is written; 0 if there is no room. */
  long claim() {
    boolean hasPlace = writer.room() > DATA_PLACES - dataPlacesUsed;
    return hasPlace ? writer.claim() + CapsulePdu.ENTRY : 0;
  }

  /** Takes the claimed entry, of a command that is open. */
  void post(int slot) {
    boolean isInCapsule = table.way(slot) == Way.IN_CAPSULE;
    int type = isInCapsule ? SglDescriptor.IN_CAPSULE : SglDescriptor.BY_TRANSPORT;
    SglDescriptor.put(writer.claim() + CapsulePdu.ENTRY, type, table.bytes(slot));
    table.beginSending(slot);
    int token = slot << SLOT_SHIFT;
    if (isInCapsule && table.bytes(slot) > 0) {
      long data = table.memory(slot).address() + table.offset(slot);
      writer.post(Pdu.CAPSULE_CMD, 0, CapsulePdu.COMMAND_BYTES, data, table.bytes(slot), token);
    } else {
      writer.post(Pdu.CAPSULE_CMD, 0, CapsulePdu.COMMAND_BYTES, 0, 0, token);
    }
  }

  /** Makes PDUs of what has been asked for, as long as there is a place. */
  private void answerReady() {
    while (!ready.isEmpty() && dataPlacesUsed < DATA_PLACES) {
      int slot = ready.slot();
      int bytes = Math.min(ready.left(), negotiated.maxData());
      boolean isLast = bytes == ready.left();
      DataPdu.put(writer.claim(), table.identifier(slot), ready.tag(), ready.offset(), bytes);
      long data = table.memory(slot).address() + table.offset(slot) + ready.offset();
      int token = slot << SLOT_SHIFT | IS_DATA | (isLast ? ENDS_READY : 0);
      table.beginSending(slot);
      writer.post(Pdu.H2C_DATA, isLast ? Pdu.LAST : 0, DataPdu.HEADER_BYTES, data, bytes, token);
      dataPlacesUsed++;
      ready.advance(bytes);
    }
  }

  /** Whether there is nothing to send. */
  boolean isEmpty() {
    return writer.isEmpty() && ready.isEmpty();
  }

  /**
   * Sends what the kernel takes.
   *
   * @throws sluice.support.linux.LinuxException if the connection has ended
   */
  void send() {
    do {
      answerReady();
      long _ = writer.send();
      // What was sent may have made room for what was asked for.
    } while (writer.isEmpty() && !ready.isEmpty());
  }

  private void sent(int token, long data, int bytes) {
    int slot = token >>> SLOT_SHIFT;
    table.endSending(slot);
    if ((token & IS_DATA) != 0) {
      dataPlacesUsed--;
      table.move(slot, bytes);
      if ((token & ENDS_READY) != 0) {
        table.endReady(slot);
      }
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
