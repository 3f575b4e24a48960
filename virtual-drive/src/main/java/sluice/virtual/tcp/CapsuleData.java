package sluice.virtual.tcp;

import sluice.nvme.spec.SglDescriptor;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.virtual.command.HostData;

/**
 * The data of a queue's commands: what came in their capsules is here at once, what a read gives is
 * put where the connection sends it from, and all else the host is asked for (R2T).
 *
 * <p>Used in the target's turns; allocates nothing but buffers.
 */
final class CapsuleData extends HostData {
  private final QueueConnection connection;
  private final CapsuleTable table;
  private final Finished finished;

  /** The most that a command gives its host, whatever that says there is room for. */
  private final long mostBytes;

  private long extent;
  private long extentBytes;

  CapsuleData(QueueConnection connection, CapsuleTable table, Finished finished, long mostBytes) {
    this.connection = connection;
    this.table = table;
    this.finished = finished;
    this.mostBytes = mostBytes;
  }

  @Override
  public int describe(long entry, long length, boolean toDrive) {
    int index = table.find(SubmissionEntry.commandId(entry));
    int type = SglDescriptor.type(entry);
    long bytes = SglDescriptor.length(entry);
    if (type == SglDescriptor.IN_CAPSULE && toDrive) {
      return describeCapsule(entry, index, bytes, length);
    }
    if (type != SglDescriptor.BY_TRANSPORT) {
      return StatusCode.INVALID_SGL_TYPE.statusDnr();
    }
    if (toDrive) {
      // Of more than is needed the host is asked for what is.
      return bytes >= length ? LATER : StatusCode.INVALID_DATA_SGL_LENGTH.statusDnr();
    }
    if (bytes < length || bytes > Math.max(length, mostBytes)) {
      return StatusCode.INVALID_DATA_SGL_LENGTH.statusDnr();
    }
    return describeAnswer(index, (int) bytes, length);
  }

  /**
   * More than is needed may have come: Linux, and the driver here, send a page for any number of
   * ranges of Dataset Management.
   */
  private int describeCapsule(long entry, int index, long bytes, long length) {
    if (SglDescriptor.address(entry) != 0) {
      return StatusCode.INVALID_SGL_OFFSET.statusDnr();
    }
    if (bytes < length || bytes != table.dataBytes(index)) {
      return StatusCode.INVALID_DATA_SGL_LENGTH.statusDnr();
    }
    extent = table.data(index);
    extentBytes = length;
    return DONE;
  }

  /** Where the host has room for more than there is, zeros follow. */
  private int describeAnswer(int index, int bytes, long length) {
    try {
      extent = table.takeAnswer(index, bytes);
    } catch (OutOfMemoryError e) {
      return StatusCode.INTERNAL_ERROR.status();
    }
    extentBytes = length;
    if (bytes > length) {
      OffHeap.zero(extent + length, bytes - length);
    }
    return DONE;
  }

  @Override
  public int count() {
    return 1;
  }

  @Override
  public long address(int at) {
    return extent;
  }

  @Override
  public long length(int at) {
    return extentBytes;
  }

  @Override
  public boolean isAligned(long size) {
    return extentBytes % size == 0;
  }

  @Override
  public int fetch(int slot, long entry, long to, long length) {
    int index = table.find(SubmissionEntry.commandId(entry));
    if (SglDescriptor.type(entry) == SglDescriptor.IN_CAPSULE) {
      assert length <= table.dataBytes(index);
      OffHeap.copy(table.data(index), to, length);
      return DONE;
    }
    table.ask(index, slot, to, (int) length);
    connection.ask(index, (int) length);
    return LATER;
  }

  @Override
  public int deliver(int slot, long entry, long from, long length) {
    int index = table.find(SubmissionEntry.commandId(entry));
    assert length <= table.answerBytes(index);
    OffHeap.copy(from, table.answer(index), length);
    return DONE;
  }

  /** All that a command asked for has come. */
  void came(int index) {
    int status =
        table.isSpoiled[index] ? StatusCode.TRANSIENT_TRANSPORT_ERROR.status() : HostData.DONE;
    table.wanted[index] = 0;
    if (table.place(index) != 0) {
      finished.add(table.slots[index], status);
    }
  }

  @Override
  public int poll(Moved moved) {
    return finished.tell(moved);
  }

  @Override
  public void forget(int slot) {
    finished.remove(slot);
    int index = table.findSlot(slot);
    if (index != CapsuleTable.NONE) {
      table.loseInterest(index);
      connection.loseInterest(index);
    }
  }
}
