package sluice.virtual.command;

import sluice.nvme.spec.DatasetManagementRange;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.virtual.media.Media;

/**
 * What is to be done of the commands that are out, by slot: on which blocks, how far it is, and in
 * which buffer. Used in the drive's turns.
 */
final class Operations {
  // What is to be done.
  static final byte NOTHING = 0;
  static final byte READ = 1;
  static final byte WRITE = 2;
  static final byte COMPARE = 3;
  static final byte VERIFY = 4;
  static final byte ZERO = 5;
  static final byte DEALLOCATE = 6;

  /** An answer of the admin queue is to be delivered. */
  static final byte ANSWER = 7;

  /** Data of an admin command is to be fetched. */
  static final byte RECEIVE = 8;

  /** A part of what Verify reads: little enough to stay in the processor's cache. */
  static final long VERIFY_BYTES = 128 << 10;

  private final Subsystem subsystem;
  private final CommandTable table;
  private final Media media;

  final byte[] ops;
  final long[] offsets;
  final long[] lengths;
  final long[] lbas;
  final long[] done;
  final long[] pieces;
  final long[] memory;
  final long[] memoryBytes;
  final long[] flushOffsets;
  final long[] flushLengths;

  Operations(Subsystem subsystem, CommandTable table) {
    this.subsystem = subsystem;
    this.table = table;
    this.media = subsystem.media();
    int capacity = table.capacity();
    ops = new byte[capacity];
    offsets = new long[capacity];
    lengths = new long[capacity];
    lbas = new long[capacity];
    done = new long[capacity];
    pieces = new long[capacity];
    memory = new long[capacity];
    memoryBytes = new long[capacity];
    flushOffsets = new long[capacity];
    flushLengths = new long[capacity];
  }

  /** Nothing is to be done. */
  void clear(int slot) {
    ops[slot] = NOTHING;
    lengths[slot] = 0;
    lbas[slot] = 0;
    done[slot] = 0;
    memoryBytes[slot] = 0;
    flushLengths[slot] = 0;
  }

  /** As I/O commands found it. */
  void set(int slot, IoCommands plan) {
    ops[slot] = plan.op();
    offsets[slot] = plan.offset();
    lengths[slot] = plan.length();
    lbas[slot] = plan.lba();
    flushOffsets[slot] = plan.flushOffset();
    flushLengths[slot] = plan.flushLength();
  }

  /** Whether it changes the media. */
  boolean writes(int slot) {
    return switch (ops[slot]) {
      case READ, VERIFY, COMPARE -> false;
      default -> true;
    };
  }

  /** Whether it has changed the media of a controller that has no write cache on. */
  boolean isToBeFlushed(int slot) {
    return switch (ops[slot]) {
      case WRITE, ZERO, DEALLOCATE ->
          !table.queues[slot].controller().features().writeCacheEnabled();
      default -> false;
    };
  }

  /** What {@link #done} reaches: bytes, or of Dataset Management ranges. */
  long total(int slot) {
    return ops[slot] == DEALLOCATE ? IoCommands.ranges(table.entry(slot)) : lengths[slot];
  }

  /** Gives the media what comes next; answers as the media does. */
  int next(int slot) {
    long offset = offsets[slot];
    long bytes = lengths[slot];
    pieces[slot] = bytes;
    return switch (ops[slot]) {
      case READ -> media.read(offset, memory[slot], bytes, slot);
      case WRITE -> media.write(offset, memory[slot], bytes, slot);
      case COMPARE -> media.read(offset, memory[slot] + bytes, bytes, slot);
      case ZERO -> media.zero(offset, bytes, slot);
      case VERIFY -> {
        pieces[slot] = Math.min(VERIFY_BYTES, bytes - done[slot]);
        yield media.read(offset + done[slot], memory[slot], pieces[slot], slot);
      }
      case DEALLOCATE -> {
        pieces[slot] = 1;
        long range = memory[slot] + done[slot] * DatasetManagementRange.BYTES;
        int shift = subsystem.blockShift();
        long length = DatasetManagementRange.length(range) << shift;
        yield length == 0
            ? Media.DONE
            : media.deallocate(
                namespace(slot).byteOffset(DatasetManagementRange.slba(range)), length, slot);
      }
      default -> throw new AssertionError("op " + ops[slot]);
    };
  }

  /** What a command that moved its data comes to. */
  int check(int slot) {
    if (ops[slot] == COMPARE) {
      long bytes = lengths[slot];
      flip(slot, memory[slot] + bytes);
      subsystem.statistics().read(bytes);
      return OffHeap.isEqual(memory[slot], memory[slot] + bytes, bytes)
          ? Media.DONE
          : StatusCode.COMPARE_FAILURE.statusDnr();
    }
    if (ops[slot] == READ) {
      flip(slot, memory[slot]);
      subsystem.statistics().read(lengths[slot]);
    } else if (ops[slot] == WRITE) {
      subsystem.statistics().written(lengths[slot]);
    }
    return Media.DONE;
  }

  private void flip(int slot, long address) {
    int shift = subsystem.blockShift();
    subsystem.faults().flip(lbas[slot], lengths[slot] >>> shift, shift, address);
  }

  /** Whether the ranges that have come are good: the status if not. Works on what they enclose. */
  int checkRanges(int slot) {
    int count = IoCommands.ranges(table.entry(slot));
    VirtualNamespace namespace = namespace(slot);
    long first = Long.MAX_VALUE;
    long end = 0;
    for (int i = 0; i < count; i++) {
      long range = memory[slot] + (long) i * DatasetManagementRange.BYTES;
      lbas[slot] = DatasetManagementRange.slba(range);
      long blocks = DatasetManagementRange.length(range);
      if (!namespace.contains(lbas[slot], blocks)) {
        return StatusCode.LBA_OUT_OF_RANGE.statusDnr();
      }
      if (blocks > 0) {
        first = Math.min(first, lbas[slot]);
        end = Math.max(end, lbas[slot] + blocks);
      }
    }
    if (!IoCommands.isDeallocate(table.entry(slot))) {
      // Nothing but advice of other kinds.
      done[slot] = count;
      end = 0;
    }
    offsets[slot] = namespace.byteOffset(end == 0 ? 0 : first);
    lengths[slot] = end == 0 ? 0 : (end - first) << subsystem.blockShift();
    return Media.DONE;
  }

  private VirtualNamespace namespace(int slot) {
    return subsystem.namespace(SubmissionEntry.nsid(table.entry(slot)));
  }
}
