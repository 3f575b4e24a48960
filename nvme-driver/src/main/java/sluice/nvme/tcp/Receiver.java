package sluice.nvme.tcp;

import sluice.nvme.tcp.pdu.CapsulePdu;
import sluice.nvme.tcp.pdu.DataPdu;
import sluice.nvme.tcp.pdu.Pdu;
import sluice.nvme.tcp.pdu.PduException;
import sluice.nvme.tcp.pdu.PduReader;
import sluice.nvme.tcp.pdu.ReadyPdu;
import sluice.nvme.tcp.pdu.TerminationPdu;
import sluice.support.linux.TcpSocket;

/**
 * Takes a controller's PDUs out of a connection. What is out, and how much of its memory is still
 * to be filled, is known by {@link CommandTable} alone. Used by the connection's owner; allocates
 * nothing.
 */
final class Receiver extends PduReader {
  private static final int BUFFER_BYTES = 8192;

  private final CommandTable table;
  private final Incoming incoming;

  /** Of the PDU whose data is being received. */
  private int slot;

  private int bytes;

  Receiver(TcpSocket socket, CommandTable table, Negotiated negotiated, Incoming incoming) {
    super(socket, BUFFER_BYTES);
    this.table = table;
    this.incoming = incoming;
    digests(negotiated.headerDigest(), negotiated.dataDigest());
  }

  @Override
  protected int headerBytes(int type) {
    return switch (type) {
      case Pdu.CAPSULE_RESP -> CapsulePdu.RESPONSE_BYTES;
      case Pdu.C2H_DATA -> DataPdu.HEADER_BYTES;
      case Pdu.R2T -> ReadyPdu.BYTES;
      case Pdu.C2H_TERM_REQ -> TerminationPdu.HEADER_BYTES;
      default -> 0;
    };
  }

  @Override
  protected int hasData(int type) {
    return type == Pdu.C2H_DATA ? 1 : 0;
  }

  @Override
  protected boolean expectsData() {
    return table.readsOut() > 0;
  }

  @Override
  protected boolean isFull() {
    return incoming.isFull();
  }

  @Override
  protected void take(long pdu) {
    switch (Pdu.type(pdu)) {
      case Pdu.CAPSULE_RESP -> incoming.response(pdu + CapsulePdu.ENTRY);
      case Pdu.R2T -> incoming.ready(pdu);
      default ->
          throw new PduException(
              "has ended the connection: " + TerminationPdu.name(TerminationPdu.error(pdu)),
              PduException.NO_ERROR,
              0);
    }
  }

  @Override
  protected long begin(long pdu, int there) {
    slot = incoming.data(pdu, there);
    bytes = there;
    return table.memory(slot).address() + table.offset(slot) + DataPdu.offset(pdu);
  }

  @Override
  protected void end(long pdu, boolean isSpoiled) {
    incoming.dataEnded(slot, bytes, Pdu.flags(pdu), isSpoiled);
  }
}
