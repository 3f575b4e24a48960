package sluice.virtual.command;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.nvme.spec.ErrorLogEntry;
import sluice.support.memory.OffHeap;

/** The last errors, newest first when read (section 5.14.1.1). Used in the drive's turns. */
public final class ErrorLog {
  static final int ENTRIES = IdentifyPages.ERROR_LOG_ENTRIES + 1;

  private final MemorySegment memory =
      Arena.ofAuto().allocate((long) ENTRIES * ErrorLogEntry.BYTES, 64);
  private final ErrorLogEntry[] entries = new ErrorLogEntry[ENTRIES];
  private long count;

  public ErrorLog() {
    for (int i = 0; i < ENTRIES; i++) {
      entries[i] =
          new ErrorLogEntry(memory.asSlice((long) i * ErrorLogEntry.BYTES, ErrorLogEntry.BYTES));
    }
  }

  /** How many errors there ever were. */
  public long count() {
    return count;
  }

  void add(int sqId, int commandId, int status, long lba, int nsid) {
    ErrorLogEntry entry = entries[(int) (count % ENTRIES)];
    entry.clear();
    entry.errorCount(++count);
    entry.sqid(sqId);
    entry.cmdid(commandId);
    entry.status(status);
    entry.parameterErrorLocation(0xffff);
    entry.lba(lba);
    entry.nsid(nsid);
  }

  /** Copies the log page. */
  void copyTo(long address) {
    for (int i = 0; i < ENTRIES; i++) {
      long index = Math.floorMod(count - 1 - i, (long) ENTRIES);
      OffHeap.copy(
          memory.address() + index * ErrorLogEntry.BYTES,
          address + (long) i * ErrorLogEntry.BYTES,
          ErrorLogEntry.BYTES);
    }
  }
}
