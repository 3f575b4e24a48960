package sluice.virtual.array;

import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.memory.OffHeap;

/**
 * Bytes of a media in lines of memory off the heap. A line has a bit for each of its sectors that
 * it holds: what is read and written need not be whole lines. For one thread; allocates nothing
 * once it is made.
 */
final class CachedLines implements AutoCloseable {
  private static final int SMALLEST_SECTOR_SHIFT = 9;
  private static final int SECTORS_SHIFT = 6;

  private final int lineShift;
  private final long lineMask;
  private final int sectorShift;
  private final long sectorMask;
  private final LineTable table;
  private final int fd;
  private final long memory;
  private final long memoryBytes;

  /** By line: which sectors it holds. */
  private final long[] held;

  /**
   * @param lines how many, more than 0
   * @param lineBytes a power of two, 512 or more
   * @throws IllegalStateException if there is no such memory
   */
  CachedLines(int lines, int lineBytes) {
    this.lineShift = Integer.numberOfTrailingZeros(lineBytes);
    this.lineMask = lineBytes - 1L;
    this.sectorShift = Math.max(SMALLEST_SECTOR_SHIFT, lineShift - SECTORS_SHIFT);
    this.sectorMask = (1L << sectorShift) - 1;
    this.memoryBytes = (long) lines << lineShift;
    this.table = new LineTable(lines);
    this.held = new long[lines];
    this.fd = Linux.memfd("sluice-cache", memoryBytes, 0);
    try {
      this.memory = Linux.mmap(fd, 0, memoryBytes, false);
    } catch (LinuxException e) {
      Linux.close(fd);
      throw new IllegalStateException(
          "no cache of " + memoryBytes + " bytes: " + e.getMessage(), e);
    }
  }

  long capacityBytes() {
    return memoryBytes;
  }

  /** Bytes of the lines in use. */
  long bytes() {
    return (long) table.count() << lineShift;
  }

  /** How many lines had to go for others. */
  long evictions() {
    return table.evictions();
  }

  private long address(int line) {
    return memory + ((long) line << lineShift);
  }

  /** The sectors that have a byte from one to another of a line; to it at the most. */
  private long touched(long from, long to) {
    return (-1L >>> (Long.SIZE - 1 - ((to - 1) >>> sectorShift))) & (-1L << (from >>> sectorShift));
  }

  /** The end of the part of a range that is in the same line as its first byte. */
  private long partEnd(long at, long end) {
    return Math.min(end, (at | lineMask) + 1);
  }

  /** The line that holds a part of a line, all of it. */
  private int holder(long at, long partEnd) {
    int line = table.find(at >>> lineShift);
    if (line == LineTable.NONE) {
      return line;
    }
    long from = at & lineMask;
    long sectors = touched(from, from + partEnd - at);
    return (held[line] & sectors) == sectors ? line : LineTable.NONE;
  }

  /**
   * Copies a range to memory if all of it is here, which makes its lines worth more.
   *
   * @return whether it is; memory is as it was if not
   */
  boolean get(long offset, long to, long length) {
    long end = offset + length;
    if (partEnd(offset, end) < end && !holds(offset, end)) {
      return false;
    }
    for (long at = offset; at < end; ) {
      long partEnd = partEnd(at, end);
      int line = holder(at, partEnd);
      if (line == LineTable.NONE) {
        return false;
      }
      table.touch(line);
      OffHeap.copy(address(line) + (at & lineMask), to + at - offset, partEnd - at);
      at = partEnd;
    }
    return true;
  }

  private boolean holds(long offset, long end) {
    for (long at = offset; at < end; ) {
      long partEnd = partEnd(at, end);
      if (holder(at, partEnd) == LineTable.NONE) {
        return false;
      }
      at = partEnd;
    }
    return true;
  }

  /** Whether some line has a part of a range. */
  boolean hasPart(long offset, long length) {
    long end = offset + length;
    for (long at = offset; at < end; at = partEnd(at, end)) {
      if (table.find(at >>> lineShift) != LineTable.NONE) {
        return true;
      }
    }
    return false;
  }

  /** Keeps what was read of a range; other lines may have to go. */
  void fill(long offset, long from, long length) {
    long end = offset + length;
    for (long at = offset; at < end; ) {
      long partEnd = partEnd(at, end);
      long key = at >>> lineShift;
      int line = table.find(key);
      if (line != LineTable.NONE) {
        table.touch(line);
        put(line, at, from + at - offset, partEnd - at);
      } else if (hasWholeSector(at & lineMask, partEnd - at)) {
        line = table.take(key);
        held[line] = 0;
        put(line, at, from + at - offset, partEnd - at);
      }
      at = partEnd;
    }
  }

  private boolean hasWholeSector(long at, long length) {
    return ((at + sectorMask) >>> sectorShift) < ((at + length) >>> sectorShift);
  }

  /** Puts what was written to a range into the lines that there are of it. */
  void update(long offset, long from, long length) {
    long end = offset + length;
    for (long at = offset; at < end; ) {
      long partEnd = partEnd(at, end);
      int line = table.find(at >>> lineShift);
      if (line != LineTable.NONE) {
        put(line, at, from + at - offset, partEnd - at);
      }
      at = partEnd;
    }
  }

  /** Puts bytes into a line: sectors that it holds, and whole ones. */
  private void put(int line, long offset, long from, long length) {
    long begin = offset & lineMask;
    long first = begin;
    long end = begin + length;
    long sectors = held[line];
    if ((first & sectorMask) != 0 && (sectors & touched(first, first + 1)) == 0) {
      first = (first | sectorMask) + 1;
    }
    if ((end & sectorMask) != 0 && (sectors & touched(end - 1, end)) == 0) {
      end &= ~sectorMask;
    }
    if (first < end) {
      OffHeap.copy(from + first - begin, address(line) + first, end - first);
      held[line] = sectors | touched(first, end);
    }
  }

  /**
   * Forgets a range.
   *
   * @param keepsLines whether lines of which nothing is left stay, for what is to be put there
   */
  void drop(long offset, long length, boolean keepsLines) {
    if (table.count() == 0) {
      return;
    }
    long end = offset + length;
    if (length >>> lineShift > table.capacity()) {
      dropByLine(offset, end, keepsLines);
      return;
    }
    for (long at = offset; at < end; at = partEnd(at, end)) {
      int line = table.find(at >>> lineShift);
      if (line != LineTable.NONE) {
        dropPart(line, at, partEnd(at, end), keepsLines);
      }
    }
  }

  /** The same where the range has more lines than there are here. */
  private void dropByLine(long offset, long end, boolean keepsLines) {
    for (int line = 0; line < table.capacity(); line++) {
      if (held[line] != 0) {
        long start = table.key(line) << lineShift;
        long from = Math.max(offset, start);
        long to = Math.min(end, start + lineMask + 1);
        if (from < to) {
          dropPart(line, from, to, keepsLines);
        }
      }
    }
  }

  private void dropPart(int line, long at, long partEnd, boolean keepsLines) {
    long from = at & lineMask;
    held[line] &= ~touched(from, from + partEnd - at);
    if (held[line] == 0 && !keepsLines) {
      table.release(line);
    }
  }

  @Override
  public void close() {
    Linux.munmap(memory, memoryBytes);
    Linux.close(fd);
  }
}
