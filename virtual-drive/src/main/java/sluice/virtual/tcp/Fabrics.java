package sluice.virtual.tcp;

import sluice.nvme.spec.ConnectData;
import sluice.nvme.spec.ConnectStatus;
import sluice.nvme.spec.FabricsCommand;
import sluice.nvme.spec.SglDescriptor;
import sluice.nvme.spec.Status;
import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;

/**
 * Commands of NVMe over Fabrics 1.1 (section 3): Connect, properties, Disconnect. They are done as
 * they come, whether the controller is enabled or not. Used by the target's thread.
 */
final class Fabrics {
  private static final int OK = 0;

  // Where in a Connect command, for one that is refused.
  private static final int QID = 42;
  private static final int SQSIZE = 44;

  // The same in its data.
  private static final int CNTLID = 16;
  private static final int SUBNQN = 256;

  private static final int LEAST_ENTRIES = 2;

  private final Target target;

  /** Dwords 0 and 1 of the answer. */
  private long result;

  Fabrics(Target target) {
    this.target = target;
  }

  /** Does a command of a connection's, and answers it. */
  void execute(QueueConnection connection, int index, CapsuleTable table) {
    long entry = table.entry(index);
    int type = FabricsCommand.type(entry);
    result = 0;
    if (type == FabricsCommand.CONNECT) {
      int identifier = table.identifier(index);
      int status = connect(connection, entry, table.data(index), table.dataBytes(index));
      connection.answerConnect(index, identifier, status, result);
      return;
    }
    if (connection.queue() == null) {
      connection.answer(index, StatusCode.COMMAND_SEQUENCE_ERROR.statusDnr(), 0);
      return;
    }
    connection.queue().advance();
    boolean isAdmin = connection.queue().id() == 0;
    int status =
        switch (type) {
          case FabricsCommand.PROPERTY_GET ->
              isAdmin ? get(connection.association(), entry) : invalidOpcode();
          case FabricsCommand.PROPERTY_SET ->
              isAdmin ? set(connection.association(), entry) : invalidOpcode();
          case FabricsCommand.DISCONNECT -> isAdmin ? StatusCode.INVALID_FIELD.statusDnr() : OK;
          default -> invalidOpcode();
        };
    connection.answer(index, status, result);
    if (type == FabricsCommand.DISCONNECT && status == OK) {
      long _ = connection.outgoing().send();
      connection.end("it has disconnected the queue");
    }
  }

  private static int invalidOpcode() {
    return StatusCode.INVALID_OPCODE.statusDnr();
  }

  private int get(Association association, long entry) {
    long value = association.property(FabricsCommand.property(entry), FabricsCommand.isLong(entry));
    if (value == Association.NO_PROPERTY) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    result = value;
    return OK;
  }

  private static int set(Association association, long entry) {
    boolean isSet =
        association.property(
            FabricsCommand.property(entry),
            FabricsCommand.isLong(entry),
            FabricsCommand.value(entry));
    return isSet ? OK : StatusCode.INVALID_FIELD.statusDnr();
  }

  // ---- Connect

  private int connect(QueueConnection connection, long entry, long data, int dataBytes) {
    if (connection.queue() != null) {
      return StatusCode.COMMAND_SEQUENCE_ERROR.statusDnr();
    }
    if (FabricsCommand.recordFormat(entry) != 0) {
      return dnr(ConnectStatus.INCOMPATIBLE_FORMAT);
    }
    if (SglDescriptor.type(entry) != SglDescriptor.IN_CAPSULE) {
      return StatusCode.INVALID_SGL_TYPE.statusDnr();
    }
    if (dataBytes != ConnectData.BYTES || SglDescriptor.length(entry) != dataBytes) {
      return StatusCode.INVALID_DATA_SGL_LENGTH.statusDnr();
    }
    ConnectData wanted = new ConnectData(OffHeap.segment(data, ConnectData.BYTES));
    boolean isDiscovery = wanted.subsystem().equals(ConnectData.DISCOVERY);
    // Whom nothing is offered may ask what is.
    if (!isDiscovery && !target.admission().allows(wanted.host())) {
      return dnr(ConnectStatus.INVALID_HOST);
    }
    return FabricsCommand.qid(entry) == 0
        ? connectAdmin(connection, entry, wanted)
        : connectIo(connection, entry, wanted);
  }

  private int connectAdmin(QueueConnection connection, long entry, ConnectData wanted) {
    if (wanted.controllerId() != ConnectData.ANY_CONTROLLER) {
      return invalid(ConnectStatus.inData(CNTLID));
    }
    boolean isDiscovery = wanted.subsystem().equals(ConnectData.DISCOVERY);
    ExportedDrive drive = isDiscovery ? null : target.exports().drive(wanted.subsystem());
    if (!isDiscovery && drive == null) {
      return invalid(ConnectStatus.inData(SUBNQN));
    }
    int most = isDiscovery ? DiscoveryAssociation.ENTRIES : drive.settings().queueEntries();
    int entries = FabricsCommand.entries(entry);
    if (entries < LEAST_ENTRIES || entries > most) {
      return invalid(SQSIZE);
    }
    if (!target.admission().hasRoom(target.exports())) {
      return ConnectStatus.CONTROLLER_BUSY;
    }
    int keepAlive = (int) FabricsCommand.keepAliveMillis(entry);
    Association association;
    Finished finished;
    if (isDiscovery) {
      association =
          new DiscoveryAssociation(target, wanted.host(), wanted.hostId(), connection, keepAlive);
      finished = new Finished(0);
    } else {
      DriveAssociation made =
          new DriveAssociation(
              target, drive, wanted.host(), wanted.hostId(), connection, keepAlive);
      association = made;
      finished = made.queues().finished();
    }
    CapsuleQueue queue;
    try {
      queue =
          connection.become(
              association, 0, entries, !FabricsCommand.isFlowControlOff(entry), finished);
    } catch (OutOfMemoryError e) {
      association.close();
      return ConnectStatus.CONTROLLER_BUSY;
    }
    target.exports().begun(association, queue);
    result = association.id();
    return OK;
  }

  private int connectIo(QueueConnection connection, long entry, ConnectData wanted) {
    ExportedDrive drive = target.exports().drive(wanted.subsystem());
    if (drive == null) {
      return invalid(ConnectStatus.inData(SUBNQN));
    }
    DriveAssociation association = drive.association(wanted.controllerId());
    if (association == null) {
      return invalid(ConnectStatus.inData(CNTLID));
    }
    if (!association.isOf(wanted.host(), wanted.hostId())) {
      return dnr(ConnectStatus.INVALID_HOST);
    }
    if (!association.isReady()) {
      return StatusCode.COMMAND_SEQUENCE_ERROR.statusDnr();
    }
    int qid = FabricsCommand.qid(entry);
    if (qid > association.controller().grantedQueues()) {
      return invalid(QID);
    }
    if (association.connection(qid) != null) {
      return StatusCode.COMMAND_SEQUENCE_ERROR.statusDnr();
    }
    int entries = FabricsCommand.entries(entry);
    if (entries < LEAST_ENTRIES || entries > drive.settings().queueEntries()) {
      return invalid(SQSIZE);
    }
    CapsuleQueue queue;
    try {
      queue =
          connection.become(
              association,
              qid,
              entries,
              !FabricsCommand.isFlowControlOff(entry),
              association.queues().finished());
    } catch (OutOfMemoryError e) {
      return ConnectStatus.CONTROLLER_BUSY;
    }
    association.add(connection);
    association.queues().add(queue);
    result = association.id();
    return OK;
  }

  private int invalid(int parameter) {
    result = parameter;
    return dnr(ConnectStatus.INVALID_PARAMETERS);
  }

  private static int dnr(int status) {
    return status | Status.DNR;
  }
}
