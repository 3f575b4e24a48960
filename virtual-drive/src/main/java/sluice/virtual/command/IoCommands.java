package sluice.virtual.command;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.nvme.spec.DatasetManagementRange;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.linux.LinuxException;
import sluice.virtual.media.Backend;
import sluice.virtual.pci.PrpWalker;
import sluice.virtual.pci.Scratch;
import sluice.virtual.pci.VirtualDrive;
import sluice.virtual.personality.Faults;
import sluice.virtual.personality.Personality;

/**
 * Executes I/O commands (NVMe 1.4, section 6). Used in the drive's turns; allocates nothing.
 *
 * <p>A command's data is moved when it is executed; how long it takes is the {@link Personality}'s
 * to say, and its completion waits for that.
 */
public final class IoCommands {
  private static final int OK = 0;
  private static final int BROADCAST = 0xffffffff;
  private static final int RANGES_BYTES =
      DatasetManagementRange.MAX_RANGES * DatasetManagementRange.BYTES;

  /** A part of what Verify reads: little enough to stay in the processor's cache. */
  private static final long VERIFY_BYTES = 128 << 10;

  private final VirtualDrive drive;
  private final Backend backend;
  private final Faults faults;
  private final DriveStatistics statistics;
  private final PrpWalker walker;
  private final long maxTransfer;
  private final MemorySegment ranges = Arena.ofAuto().allocate(RANGES_BYTES, 64);
  private final Scratch bounce = new Scratch();

  private boolean needsFlush;
  private long flushOffset;
  private long flushLength;
  private boolean isStuck;
  private long bytes;
  private long lba;
  private boolean isWrite;
  private long moved;

  IoCommands(VirtualDrive drive, Backend backend, Faults faults, DriveStatistics statistics) {
    this.drive = drive;
    this.backend = backend;
    this.faults = faults;
    this.statistics = statistics;
    this.maxTransfer = drive.settings().maxTransfer();
    this.walker = new PrpWalker(drive.iommu(), maxTransfer);
  }

  void pageSize(int size) {
    walker.pageSize(size);
  }

  /** Whether the command executed last completes only after a flush of the backend. */
  boolean needsFlush() {
    return needsFlush;
  }

  /** Whether the command executed last never completes. */
  boolean isStuck() {
    return isStuck;
  }

  /** Asks the backend for that flush; returns its ticket. */
  long requestFlush() {
    return backend.requestFlush(flushOffset, flushLength);
  }

  /** How many bytes the command executed last moved. */
  long bytes() {
    return bytes;
  }

  /** Whether the command executed last wrote. */
  boolean isWrite() {
    return isWrite;
  }

  /** How many bytes of the media the command executed last has touched. */
  long moved() {
    return moved;
  }

  /** The first logical block of the command executed last, for the error log. */
  long lba() {
    return lba;
  }

  /**
   * @param entry address of the submission entry
   * @return the status
   */
  int execute(long entry) {
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
          ? flush(0, backend.size())
          : StatusCode.INVALID_FIELD.statusDnr();
    }
    VirtualNamespace namespace = drive.namespace(nsid);
    if (namespace == null) {
      return StatusCode.INVALID_NAMESPACE_OR_FORMAT.statusDnr();
    }
    try {
      return switch (opcode) {
        case IoOpcode.READ -> read(entry, namespace);
        case IoOpcode.WRITE -> write(entry, namespace);
        case IoOpcode.FLUSH ->
            flush(namespace.offset(), namespace.blocks() << namespace.blockShift());
        case IoOpcode.COMPARE -> compare(entry, namespace);
        case IoOpcode.WRITE_ZEROES -> writeZeroes(entry, namespace);
        case IoOpcode.DATASET_MANAGEMENT -> datasetManagement(entry, namespace);
        case IoOpcode.VERIFY -> verify(entry, namespace);
        default -> StatusCode.INVALID_OPCODE.statusDnr();
      };
    } catch (LinuxException e) {
      return mediaError(opcode, e);
    } catch (IndexOutOfBoundsException e) {
      // A backend's own check found what those here let through.
      return StatusCode.INTERNAL_ERROR.statusDnr();
    }
  }

  private void begin() {
    isStuck = false;
    needsFlush = false;
    isWrite = false;
    bytes = 0;
    moved = 0;
    lba = 0;
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

  /** Whether a failure means that there is no space, which is nobody's fault. */
  static boolean isFull(LinuxException e) {
    return e.errno() == LinuxException.ENOSPC || e.errno() == LinuxException.EDQUOT;
  }

  private int mediaError(int opcode, LinuxException e) {
    if (isFull(e)) {
      return StatusCode.CAPACITY_EXCEEDED.status();
    }
    if (e.errno() == LinuxException.EROFS) {
      return StatusCode.WRITE_PROTECTED.statusDnr();
    }
    statistics.mediaErrors++;
    boolean reads =
        opcode == IoOpcode.READ || opcode == IoOpcode.COMPARE || opcode == IoOpcode.VERIFY;
    return (reads ? StatusCode.UNRECOVERED_READ_ERROR : StatusCode.WRITE_FAULT).status();
  }

  private int checkRange(long entry, VirtualNamespace namespace) {
    int blocks = IoCommand.blocks(SubmissionEntry.cdw(entry, 12));
    lba = SubmissionEntry.cdw10And11(entry);
    bytes = 0;
    if (!namespace.contains(lba, blocks)) {
      return StatusCode.LBA_OUT_OF_RANGE.statusDnr();
    }
    bytes = (long) blocks << namespace.blockShift();
    moved = bytes;
    return faults.status(SubmissionEntry.opcode(entry), lba, blocks);
  }

  /**
   * @param toDrive whether the drive reads the host's memory, and does not write it
   */
  private int checkTransfer(long entry, VirtualNamespace namespace, boolean toDrive) {
    long length = (long) IoCommand.blocks(SubmissionEntry.cdw(entry, 12)) << namespace.blockShift();
    if (length > maxTransfer) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    int status = checkRange(entry, namespace);
    if (status != OK) {
      return status;
    }
    return toDrive
        ? walker.walkSource(SubmissionEntry.prp1(entry), SubmissionEntry.prp2(entry), length)
        : walker.walkTarget(SubmissionEntry.prp1(entry), SubmissionEntry.prp2(entry), length);
  }

  private int read(long entry, VirtualNamespace namespace) {
    int status = checkTransfer(entry, namespace, false);
    if (status != OK) {
      return status;
    }
    long offset = namespace.byteOffset(lba);
    int shift = namespace.blockShift();
    if (!faults.flips(lba, bytes >>> shift) && walker.isAligned(1L << shift)) {
      for (int i = 0; i < walker.count(); i++) {
        backend.read(offset, walker.address(i), walker.length(i));
        offset += walker.length(i);
      }
      status = walker.deliver();
    } else {
      long from = bounce();
      backend.read(offset, from, bytes);
      faults.flip(lba, bytes >>> shift, shift, from);
      status = walker.copyIn(from);
    }
    commitIfForced(entry, namespace);
    statistics.read(bytes);
    return status;
  }

  private int write(long entry, VirtualNamespace namespace) {
    isWrite = true;
    int status = checkTransfer(entry, namespace, true);
    if (status != OK) {
      return status;
    }
    long offset = namespace.byteOffset(lba);
    if (walker.isAligned(1L << namespace.blockShift())) {
      for (int i = 0; i < walker.count(); i++) {
        backend.write(offset, walker.address(i), walker.length(i));
        offset += walker.length(i);
      }
    } else {
      walker.copyOut(bounce());
      backend.write(offset, bounce(), bytes);
    }
    flushIfForced(entry, namespace.byteOffset(lba));
    statistics.written(bytes);
    return OK;
  }

  private int writeZeroes(long entry, VirtualNamespace namespace) {
    int status = checkRange(entry, namespace);
    if (status != OK) {
      return status;
    }
    backend.zero(namespace.byteOffset(lba), bytes);
    flushIfForced(entry, namespace.byteOffset(lba));
    bytes = 0;
    return OK;
  }

  private int flush(long offset, long length) {
    needsFlush = true;
    flushOffset = offset;
    flushLength = length;
    return OK;
  }

  /** Data that has to be on the media before the command completes. */
  private void flushIfForced(long entry, long offset) {
    if ((SubmissionEntry.cdw(entry, 12) & IoCommand.FUA) != 0
        || !drive.features().writeCacheEnabled()) {
      needsFlush = true;
      flushOffset = offset;
      flushLength = bytes;
    }
  }

  /**
   * What is read with FUA has to be on the media before the command completes, the write cache on
   * or off: without it there is nothing that is not.
   */
  private void commitIfForced(long entry, VirtualNamespace namespace) {
    if ((SubmissionEntry.cdw(entry, 12) & IoCommand.FUA) != 0) {
      needsFlush = true;
      flushOffset = namespace.byteOffset(lba);
      flushLength = bytes;
    }
  }

  private int compare(long entry, VirtualNamespace namespace) {
    int status = checkTransfer(entry, namespace, true);
    if (status != OK) {
      return status;
    }
    long from = bounce();
    backend.read(namespace.byteOffset(lba), from, bytes);
    faults.flip(lba, bytes >>> namespace.blockShift(), namespace.blockShift(), from);
    commitIfForced(entry, namespace);
    statistics.read(bytes);
    return walker.isEqual(from) ? OK : StatusCode.COMPARE_FAILURE.statusDnr();
  }

  /** Reads the blocks and keeps nothing: what the media cannot give fails. */
  private int verify(long entry, VirtualNamespace namespace) {
    int status = checkRange(entry, namespace);
    if (status != OK) {
      return status;
    }
    long offset = namespace.byteOffset(lba);
    long piece = Math.min(VERIFY_BYTES, maxTransfer);
    for (long done = 0; done < bytes; done += piece) {
      backend.read(offset + done, bounce.address(piece), Math.min(piece, bytes - done));
    }
    commitIfForced(entry, namespace);
    bytes = 0;
    return OK;
  }

  /** Memory for the data of commands that cannot be moved straight. */
  private long bounce() {
    return bounce.address(maxTransfer);
  }

  private int datasetManagement(long entry, VirtualNamespace namespace) {
    int count = (SubmissionEntry.cdw(entry, 10) & 0xff) + 1;
    int status =
        walker.walkSource(
            SubmissionEntry.prp1(entry),
            SubmissionEntry.prp2(entry),
            (long) count * DatasetManagementRange.BYTES);
    if (status != OK) {
      return status;
    }
    walker.copyOut(ranges.address());
    boolean deallocate = (SubmissionEntry.cdw(entry, 11) & DatasetManagementRange.DEALLOCATE) != 0;
    for (int i = 0; i < count; i++) {
      long range = ranges.address() + (long) i * DatasetManagementRange.BYTES;
      lba = DatasetManagementRange.slba(range);
      if (!namespace.contains(lba, DatasetManagementRange.length(range))) {
        return StatusCode.LBA_OUT_OF_RANGE.statusDnr();
      }
    }
    for (int i = 0; deallocate && i < count; i++) {
      long range = ranges.address() + (long) i * DatasetManagementRange.BYTES;
      long length = DatasetManagementRange.length(range) << namespace.blockShift();
      if (length > 0) {
        backend.deallocate(namespace.byteOffset(DatasetManagementRange.slba(range)), length);
        moved += length;
      }
    }
    if (deallocate && !drive.features().writeCacheEnabled()) {
      flush(namespace.offset(), namespace.blocks() << namespace.blockShift());
    }
    return OK;
  }
}
