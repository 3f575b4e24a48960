package sluice.virtual.command;

import sluice.nvme.spec.DatasetManagementRange;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.virtual.media.Media;
import sluice.virtual.personality.Faults;

/**
 * What I/O commands ask for (NVMe 1.4, section 6): checks them, and does at once what can be done
 * so, which is most of it where host and media are memory; the rest is a plan for the {@link
 * Execution}. Used in the drive's turns; allocates nothing.
 */
final class IoCommands {
  /** Instead of a status: what is to be done is the plan. */
  static final int PLANNED = -1;

  private static final int OK = 0;
  private static final int BROADCAST = 0xffffffff;

  private final Subsystem subsystem;
  private final MediaWork mediaWork;
  private final Media media;
  private final Faults faults;
  private final DriveStatistics statistics;
  private final long maxTransfer;
  private final int blockShift;

  // Of the command that is looked at. Not its queue: a reference that is kept costs a store more.
  private boolean isStuck;
  private long bytes;
  private long lba;
  private boolean isWrite;
  private long moved;
  private byte op;
  private long offset;
  private long length;
  private long flushOffset;
  private long flushLength;

  IoCommands(Subsystem subsystem, MediaWork mediaWork) {
    this.subsystem = subsystem;
    this.mediaWork = mediaWork;
    this.media = subsystem.media();
    this.faults = subsystem.faults();
    this.statistics = subsystem.statistics();
    this.maxTransfer = subsystem.settings().maxTransfer();
    this.blockShift = subsystem.blockShift();
  }

  // ---- of the command looked at last

  /** Whether it completes only after a flush. */
  boolean needsFlush() {
    return flushLength != 0;
  }

  long flushOffset() {
    return flushOffset;
  }

  /** 0 for no flush. */
  long flushLength() {
    return flushLength;
  }

  /** Whether it never completes. */
  boolean isStuck() {
    return isStuck;
  }

  /** How many bytes it moves. */
  long bytes() {
    return bytes;
  }

  boolean isWrite() {
    return isWrite;
  }

  /** How many bytes of the media it touches. */
  long moved() {
    return moved;
  }

  /** Its first logical block, for the error log. */
  long lba() {
    return lba;
  }

  /** What is planned, one of {@link Operations}'s. */
  byte op() {
    return op;
  }

  /** Where in the media it is planned. */
  long offset() {
    return offset;
  }

  /** On how many bytes of the media it is planned. */
  long length() {
    return length;
  }

  // ---- looking at commands

  /**
   * Does a command, or plans it.
   *
   * @param entry the drive's copy of it
   * @return the status, or {@link #PLANNED}
   */
  int execute(HostQueue queue, long entry) {
    return look(queue, entry, false);
  }

  /** Checks a command, and plans it, without doing anything. */
  int plan(HostQueue queue, long entry) {
    return look(queue, entry, true);
  }

  private int look(HostQueue queue, long entry, boolean planOnly) {
    faults.count();
    begin();
    isStuck = faults.isStuck();
    int opcode = SubmissionEntry.opcode(entry);
    if (SubmissionEntry.psdt(entry) != 0) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    int nsid = SubmissionEntry.nsid(entry);
    if (nsid == BROADCAST) {
      // Only Flush means all namespaces with it (section 4.2).
      return opcode == IoOpcode.FLUSH
          ? flush(0, media.size())
          : StatusCode.INVALID_FIELD.statusDnr();
    }
    VirtualNamespace namespace = subsystem.namespace(nsid);
    if (namespace == null) {
      return StatusCode.INVALID_NAMESPACE_OR_FORMAT.statusDnr();
    }
    return switch (opcode) {
      case IoOpcode.READ -> read(queue, entry, namespace, planOnly);
      case IoOpcode.WRITE -> write(queue, entry, namespace, planOnly);
      case IoOpcode.FLUSH -> flush(namespace.offset(), namespace.blocks() << blockShift);
      case IoOpcode.COMPARE -> compare(queue, entry, namespace);
      case IoOpcode.WRITE_ZEROES -> writeZeroes(queue, entry, namespace);
      case IoOpcode.DATASET_MANAGEMENT -> datasetManagement(queue, entry, namespace);
      case IoOpcode.VERIFY -> verify(entry, namespace);
      default -> StatusCode.INVALID_OPCODE.statusDnr();
    };
  }

  private void begin() {
    isStuck = false;
    isWrite = false;
    bytes = 0;
    moved = 0;
    lba = 0;
    op = Operations.NOTHING;
    flushLength = 0;
  }

  /**
   * Stands for a command that is not executed.
   *
   * @return the status, as given
   */
  int refuse(int status) {
    begin();
    return status;
  }

  /** Whether two commands are a Compare and a Write of the same blocks. */
  static boolean areFused(long first, long second) {
    return SubmissionEntry.opcode(first) == IoOpcode.COMPARE
        && SubmissionEntry.opcode(second) == IoOpcode.WRITE
        && SubmissionEntry.nsid(first) == SubmissionEntry.nsid(second)
        && SubmissionEntry.cdw10And11(first) == SubmissionEntry.cdw10And11(second)
        && IoCommand.blocks(SubmissionEntry.cdw(first, 12))
            == IoCommand.blocks(SubmissionEntry.cdw(second, 12));
  }

  /** How many ranges a Dataset Management command has. */
  static int ranges(long entry) {
    return (SubmissionEntry.cdw(entry, 10) & 0xff) + 1;
  }

  static boolean isDeallocate(long entry) {
    return (SubmissionEntry.cdw(entry, 11) & DatasetManagementRange.DEALLOCATE) != 0;
  }

  private int checkRange(long entry, VirtualNamespace namespace) {
    int blocks = IoCommand.blocks(SubmissionEntry.cdw(entry, 12));
    lba = SubmissionEntry.cdw10And11(entry);
    if (!namespace.contains(lba, blocks)) {
      return StatusCode.LBA_OUT_OF_RANGE.statusDnr();
    }
    bytes = (long) blocks << blockShift;
    moved = bytes;
    offset = namespace.byteOffset(lba);
    length = bytes;
    return faults.status(SubmissionEntry.opcode(entry), lba, blocks);
  }

  /**
   * @param toDrive whether the drive reads the host's memory, and does not write it
   * @return a status, or {@link HostData#LATER} for data that is not here
   */
  private int checkTransfer(
      HostData data, long entry, VirtualNamespace namespace, boolean toDrive) {
    long transfer = (long) IoCommand.blocks(SubmissionEntry.cdw(entry, 12)) << blockShift;
    if (transfer > maxTransfer) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    int status = checkRange(entry, namespace);
    return status == OK ? data.describe(entry, transfer, toDrive) : status;
  }

  private int planned(byte operation) {
    op = operation;
    return PLANNED;
  }

  private int read(HostQueue queue, long entry, VirtualNamespace namespace, boolean planOnly) {
    HostData data = queue.data();
    int status = checkTransfer(data, entry, namespace, false);
    if (status > OK) {
      return status;
    }
    commitIfForced(entry);
    boolean isDirect =
        status == HostData.DONE
            && !planOnly
            && !faults.flips(lba, bytes >>> blockShift)
            && mediaWork.isFree(offset, bytes, false)
            && data.isAligned(1L << blockShift);
    status = isDirect ? readDirectly(data) : Media.LATER;
    if (status == Media.LATER) {
      return planned(Operations.READ);
    }
    if (status != OK) {
      return subsystem.mediaStatus(status);
    }
    statistics.read(bytes);
    return OK;
  }

  private int readDirectly(HostData data) {
    int count = data.count();
    long from = offset;
    for (int i = 0; i < count; i++) {
      long part = data.length(i);
      int status = media.readNow(from, data.address(i), part);
      if (status != Media.DONE) {
        return status;
      }
      from += part;
    }
    return OK;
  }

  private int write(HostQueue queue, long entry, VirtualNamespace namespace, boolean planOnly) {
    isWrite = true;
    HostData data = queue.data();
    int status = checkTransfer(data, entry, namespace, true);
    if (status > OK) {
      return status;
    }
    flushIfForced(queue, entry);
    boolean isDirect =
        status == HostData.DONE
            && !planOnly
            && mediaWork.isFree(offset, bytes, true)
            && data.isAligned(1L << blockShift);
    status = isDirect ? writeDirectly(data) : Media.LATER;
    if (status == Media.LATER) {
      return planned(Operations.WRITE);
    }
    if (status != OK) {
      return subsystem.mediaStatus(status);
    }
    statistics.written(bytes);
    return OK;
  }

  private int writeDirectly(HostData data) {
    int count = data.count();
    long to = offset;
    for (int i = 0; i < count; i++) {
      long part = data.length(i);
      int status = media.writeNow(to, data.address(i), part);
      if (status != Media.DONE) {
        return status;
      }
      to += part;
    }
    return OK;
  }

  private int writeZeroes(HostQueue queue, long entry, VirtualNamespace namespace) {
    int status = checkRange(entry, namespace);
    if (status != OK) {
      return status;
    }
    flushIfForced(queue, entry);
    bytes = 0;
    return planned(Operations.ZERO);
  }

  private int flush(long from, long size) {
    flushOffset = from;
    flushLength = size;
    return OK;
  }

  /** Data that has to be on the media before the command completes. */
  private void flushIfForced(HostQueue queue, long entry) {
    if ((SubmissionEntry.cdw(entry, 12) & IoCommand.FUA) != 0 || !isCached(queue)) {
      flush(offset, bytes);
    }
  }

  private static boolean isCached(HostQueue queue) {
    return queue.controller().features().writeCacheEnabled();
  }

  /**
   * What is read with FUA has to be on the media before the command completes, the write cache on
   * or off: without it there is nothing that is not.
   */
  private void commitIfForced(long entry) {
    if ((SubmissionEntry.cdw(entry, 12) & IoCommand.FUA) != 0) {
      flush(offset, bytes);
    }
  }

  private int compare(HostQueue queue, long entry, VirtualNamespace namespace) {
    int status = checkTransfer(queue.data(), entry, namespace, true);
    if (status > OK) {
      return status;
    }
    commitIfForced(entry);
    return planned(Operations.COMPARE);
  }

  /** Reads the blocks and keeps nothing: what the media cannot give fails. */
  private int verify(long entry, VirtualNamespace namespace) {
    int status = checkRange(entry, namespace);
    if (status != OK) {
      return status;
    }
    commitIfForced(entry);
    bytes = 0;
    return planned(Operations.VERIFY);
  }

  private int datasetManagement(HostQueue queue, long entry, VirtualNamespace namespace) {
    long size = (long) ranges(entry) * DatasetManagementRange.BYTES;
    int status = queue.data().describe(entry, size, true);
    if (status > OK) {
      return status;
    }
    offset = namespace.offset();
    length = namespace.blocks() << blockShift;
    if (isDeallocate(entry) && !isCached(queue)) {
      flush(offset, length);
    }
    return planned(Operations.DEALLOCATE);
  }
}
