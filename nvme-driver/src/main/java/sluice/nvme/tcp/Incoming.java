package sluice.nvme.tcp;

import sluice.nvme.spec.StatusCode;
import sluice.nvme.tcp.CommandTable.Way;
import sluice.nvme.tcp.pdu.DataPdu;
import sluice.nvme.tcp.pdu.Pdu;
import sluice.nvme.tcp.pdu.PduException;
import sluice.nvme.tcp.pdu.ReadyPdu;
import sluice.nvme.tcp.pdu.TerminationPdu;
import sluice.queues.CompletionEntry;

/**
 * What the PDUs of a controller mean for the commands that are out: checked against what is known
 * of these, never the other way round. Used by the connection's owner; allocates nothing.
 */
final class Incoming {
  private final CommandTable table;
  private final CompletionRing completions;
  private final ReadyRing ready;
  private final OwnAnswers answers;

  Incoming(CommandTable table, CompletionRing completions, ReadyRing ready, OwnAnswers answers) {
    this.table = table;
    this.completions = completions;
    this.ready = ready;
    this.answers = answers;
  }

  /** Whether no other completion can be taken in. */
  boolean isFull() {
    return completions.isFull();
  }

  /**
   * A response.
   *
   * @param entry 16 bytes
   */
  void response(long entry) {
    int identifier = CompletionEntry.commandId(entry);
    int status = CompletionEntry.status(entry);
    int result = CompletionEntry.result(entry);
    int slot = table.slotOf(identifier);
    if (slot < 0) {
      // Whether that is passed over or ends in a reset is decided above.
      completions.add(identifier, status, result);
      return;
    }
    if (table.isOwn(slot)) {
      requireAllMoved(slot, status);
      table.close(slot);
      answers.take(slot == table.callSlot(), entry);
      return;
    }
    complete(slot, status, result);
  }

  private void complete(int slot, int status, int result) {
    requireAllMoved(slot, status);
    int identifier = table.identifier(slot);
    boolean isSpoiled = table.isSpoiled(slot) && status == 0;
    table.close(slot);
    completions.add(
        identifier, isSpoiled ? StatusCode.TRANSIENT_TRANSPORT_ERROR.status() : status, result);
  }

  /** A command ends when its data has moved, and never while some of it is on its way. */
  private void requireAllMoved(int slot, int status) {
    if (table.unsent(slot) > 0 || table.ready(slot) > 0) {
      throw sequence("ended a command before it had all of it");
    }
    Way way = table.way(slot);
    boolean moves = way == Way.IN || way == Way.ASKED_FOR;
    if (status == 0 && moves && table.moved(slot) != table.bytes(slot)) {
      throw sequence(
          "ended a command after %d of its %d bytes"
              .formatted(table.moved(slot), table.bytes(slot)));
    }
  }

  /**
   * Data begins.
   *
   * @param there bytes of it in the PDU
   * @return of which slot
   */
  int data(long pdu, int there) {
    int slot = table.slotOf(DataPdu.commandId(pdu));
    if (slot < 0 || table.way(slot) != Way.IN || table.unsent(slot) > 0) {
      throw sequence("sent data of no command that reads: " + DataPdu.commandId(pdu));
    }
    long length = DataPdu.length(pdu);
    if (length != there) {
      throw new PduException(
          "sent a C2HData of %d bytes with %d bytes of data".formatted(Pdu.bytes(pdu), length),
          TerminationPdu.INVALID_HEADER_FIELD,
          4);
    }
    if (DataPdu.offset(pdu) != table.moved(slot)
        || length == 0
        || length > table.bytes(slot) - table.moved(slot)) {
      throw outOfRange(
          "sent %d bytes at %d of a command's data where %d bytes at %d were due"
              .formatted(
                  length,
                  DataPdu.offset(pdu),
                  table.bytes(slot) - table.moved(slot),
                  table.moved(slot)),
          12);
    }
    boolean isSuccess = (Pdu.flags(pdu) & Pdu.SUCCESS) != 0;
    if (isSuccess && (Pdu.flags(pdu) & Pdu.LAST) == 0) {
      throw new PduException(
          "said in the middle of a command's data that it has succeeded",
          TerminationPdu.INVALID_HEADER_FIELD,
          1);
    }
    return slot;
  }

  /**
   * The data of a PDU is all there.
   *
   * @param isSpoiled whether its digest is wrong
   */
  void dataEnded(int slot, int bytes, int flags, boolean isSpoiled) {
    table.move(slot, bytes);
    if (isSpoiled) {
      table.spoil(slot);
    }
    if ((flags & Pdu.SUCCESS) == 0) {
      return;
    }
    if (table.isOwn(slot)) {
      requireAllMoved(slot, 0);
      table.close(slot);
      answers.succeed(slot == table.callSlot());
    } else {
      complete(slot, 0, 0);
    }
  }

  /** Data is asked for. */
  void ready(long pdu) {
    int slot = table.slotOf(ReadyPdu.commandId(pdu));
    if (slot < 0 || table.way(slot) != Way.ASKED_FOR) {
      throw sequence("asked for data of no command that writes: " + ReadyPdu.commandId(pdu));
    }
    if (table.asked(slot) == 0 && table.unsent(slot) > 0) {
      throw sequence("asked for data of a command that it cannot know yet");
    }
    long length = ReadyPdu.length(pdu);
    if (ReadyPdu.offset(pdu) != table.asked(slot)
        || length == 0
        || length > table.bytes(slot) - table.asked(slot)) {
      throw outOfRange(
          "asked for %d bytes at %d of a command's data where %d bytes at %d were due"
              .formatted(
                  length,
                  ReadyPdu.offset(pdu),
                  table.bytes(slot) - table.asked(slot),
                  table.asked(slot)),
          12);
    }
    if (table.ready(slot) == Negotiated.MAX_READY) {
      throw new PduException(
          "asked for more data of a command at once than this host lets it",
          TerminationPdu.LIMIT_EXCEEDED,
          0);
    }
    ready.add(slot, ReadyPdu.tag(pdu), table.asked(slot), (int) length);
    table.beginReady(slot, (int) length);
  }

  private static PduException sequence(String message) {
    return new PduException(message, TerminationPdu.SEQUENCE_ERROR, 0);
  }

  private static PduException outOfRange(String message, int at) {
    return new PduException(message, TerminationPdu.DATA_OUT_OF_RANGE, at);
  }
}
