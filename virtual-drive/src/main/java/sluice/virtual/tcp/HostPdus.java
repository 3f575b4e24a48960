package sluice.virtual.tcp;

import sluice.nvme.spec.FabricsCommand;
import sluice.nvme.spec.StatusCode;
import sluice.nvme.tcp.pdu.CapsulePdu;
import sluice.nvme.tcp.pdu.DataPdu;
import sluice.nvme.tcp.pdu.InitializePdu;
import sluice.nvme.tcp.pdu.Pdu;
import sluice.nvme.tcp.pdu.PduException;
import sluice.nvme.tcp.pdu.PduReader;
import sluice.nvme.tcp.pdu.TerminationPdu;
import sluice.queues.SubmissionEntry;
import sluice.support.linux.TcpSocket;
import sluice.virtual.tcp.QueueConnection.State;

/**
 * What a host's PDUs mean: checked against what is known of its commands, never the other way
 * round. Used by the target's thread.
 */
final class HostPdus extends PduReader {
  private static final int BUFFER_BYTES = 16 << 10;

  private final QueueConnection connection;
  private final Target target;

  /**
   * The command that comes, or whose data does; {@link CapsuleTable#NONE} for one that is refused.
   */
  private int current = CapsuleTable.NONE;

  /** Whether the command whose data comes was over before it was here. */
  private boolean isForgotten;

  private int refusedIdentifier;
  private StatusCode refusal;

  HostPdus(TcpSocket socket, QueueConnection connection, Target target) {
    super(socket, BUFFER_BYTES);
    this.connection = connection;
    this.target = target;
  }

  @Override
  protected int headerBytes(int type) {
    return switch (type) {
      case Pdu.IC_REQ -> connection.state() == State.NEW ? InitializePdu.BYTES : 0;
      case Pdu.H2C_TERM_REQ -> TerminationPdu.HEADER_BYTES;
      case Pdu.CAPSULE_CMD -> connection.state() == State.NEW ? 0 : CapsulePdu.COMMAND_BYTES;
      case Pdu.H2C_DATA -> connection.state() == State.QUEUE ? DataPdu.HEADER_BYTES : 0;
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
    return !connection.owed().isEmpty();
  }

  @Override
  protected void take(long pdu) {
    if (connection.isLeaving()) {
      return;
    }
    switch (Pdu.type(pdu)) {
      case Pdu.IC_REQ -> agree(pdu);
      case Pdu.CAPSULE_CMD -> {
        current = open(pdu);
        came();
      }
      default ->
          connection.fail(
              "it has ended the connection: " + TerminationPdu.name(TerminationPdu.error(pdu)));
    }
  }

  @Override
  protected long begin(long pdu, int bytes) {
    if (Pdu.type(pdu) == Pdu.H2C_DATA) {
      return beginAsked(pdu, bytes);
    }
    if (bytes > QueueConnection.IN_CAPSULE_BYTES) {
      throw new PduException(
          "sent %d bytes in a capsule, where %d is the most"
              .formatted(bytes, QueueConnection.IN_CAPSULE_BYTES),
          TerminationPdu.LIMIT_EXCEEDED,
          4);
    }
    current = open(pdu);
    if (current == CapsuleTable.NONE) {
      return target.sink();
    }
    try {
      Association association = connection.association();
      if (association == null || association.hasRoom()) {
        return connection.table().takeData(current, bytes);
      }
    } catch (OutOfMemoryError e) {
      // The same as no room.
    }
    refuseCurrent(pdu, StatusCode.COMMAND_INTERRUPTED);
    return target.sink();
  }

  @Override
  protected void end(long pdu, boolean isSpoiled) {
    if (connection.isLeaving()) {
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
    connection.table().close(current);
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
    boolean hasHeaderDigests = (digests & InitializePdu.HEADER_DIGESTS) != 0;
    boolean hasDataDigests = (digests & InitializePdu.DATA_DIGESTS) != 0;
    int alignment = (InitializePdu.alignment(pdu) + 1) * Integer.BYTES;
    if (connection.agree(hasHeaderDigests, hasDataDigests, alignment)) {
      digests(hasHeaderDigests, hasDataDigests);
    }
  }

  /** Takes a command in, unless that cannot be. */
  private int open(long pdu) {
    if (connection.isLeaving()) {
      return CapsuleTable.NONE;
    }
    long entry = pdu + CapsulePdu.ENTRY;
    // Of each command that is out, and of this one, all PDUs find room.
    if (!connection.hasRoom()) {
      throw new PduException(
          "sent more commands than its queue has room for", TerminationPdu.SEQUENCE_ERROR, 0);
    }
    if (connection.table().find(SubmissionEntry.commandId(entry)) != CapsuleTable.NONE) {
      refuseLater(entry, StatusCode.COMMAND_ID_CONFLICT);
      return CapsuleTable.NONE;
    }
    return connection.table().open(entry);
  }

  private void refuseLater(long entry, StatusCode code) {
    refusedIdentifier = SubmissionEntry.commandId(entry);
    refusal = code;
  }

  /** A command is here, with all that its capsule has. */
  private void came() {
    int index = current;
    CapsuleQueue queue = connection.queue();
    Association association = connection.association();
    if (association != null) {
      association.hear();
    }
    if (index == CapsuleTable.NONE) {
      if (queue != null) {
        queue.advance();
      }
      boolean isForGood = refusal == StatusCode.COMMAND_ID_CONFLICT;
      connection.respond(refusedIdentifier, isForGood ? refusal.statusDnr() : refusal.status(), 0);
    } else if (SubmissionEntry.opcode(connection.table().entry(index)) == FabricsCommand.OPCODE) {
      target.fabrics().execute(connection, index, connection.table());
    } else if (queue == null) {
      connection.answer(index, StatusCode.COMMAND_SEQUENCE_ERROR.statusDnr(), 0);
    } else if (association.isReady()) {
      queue.add(index);
    } else {
      queue.refuse(index, StatusCode.COMMAND_SEQUENCE_ERROR);
    }
    current = CapsuleTable.NONE;
  }

  private long beginAsked(long pdu, int bytes) {
    int index = DataPdu.tag(pdu);
    CapsuleTable table = connection.table();
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
    if (bytes > QueueConnection.MAX_DATA_BYTES) {
      throw new PduException(
          "sent %d bytes at once, where %d is the most"
              .formatted(bytes, QueueConnection.MAX_DATA_BYTES),
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
    connection.association().hear();
    connection.owed().given(target.now());
    CapsuleTable table = connection.table();
    if (isForgotten) {
      isForgotten = false;
      connection.owed().satisfied();
      table.close(index);
      return;
    }
    table.got[index] += (int) DataPdu.length(header());
    table.isSpoiled[index] |= isSpoiled;
    if (table.got[index] == table.wanted[index]) {
      connection.owed().satisfied();
      connection.queue().capsuleData().came(index);
    }
  }

  /** All commands are over; returns how many still wait for data: the one that has some coming. */
  int forget() {
    isForgotten = current != CapsuleTable.NONE && connection.table().wanted[current] > 0;
    return isForgotten ? 1 : 0;
  }

  void loseInterest(int index) {
    if (index == current) {
      divert(target.sink());
    }
  }

  /** The command that comes just now, or is being done; {@link CapsuleTable#NONE} for none. */
  int current() {
    return current;
  }
}
