package sluice.recorder.volume;

import java.util.zip.CRC32C;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveIo;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.EntryBuffer;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.format.IndexRange;
import sluice.recorder.format.Placement;
import sluice.recorder.format.SealedBlock;
import sluice.recorder.read.IndexCursor;

/**
 * Looks behind the place where an open recording's index seems to end. A crash leaves nothing there
 * that was durable; a damaged entry does.
 */
final class LookAhead {
  /**
   * So much of the index without an entry of this recording is the end of it: the catalogue knows
   * what was durable 2 seconds before, and no drive takes so many entries in 2 seconds.
   */
  private static final long EMPTY_BYTES = 64 << 20;

  private final DriveIo io;
  private final long reachable;
  private final CatalogueEntry recording;
  private final EntryBuffer buffer;
  private final CRC32C crc = new CRC32C();
  private boolean found;
  private long durable;

  /** The highest entry of this recording that was found, and where the last chunk of those ends. */
  private long lastFound;

  private long endOfData;

  /** Behind the last block that the drive cannot read and that follows what was found at once. */
  private long unknownUpTo;

  LookAhead(Drive drive, DriveIo io, CatalogueEntry recording) {
    this.io = io;
    this.reachable = IndexCursor.reachable(drive.bytes(), recording);
    this.recording = recording;
    this.buffer = new EntryBuffer(io.buffer());
  }

  /**
   * The highest durable stream offset that marks behind an entry tell of. What the drive cannot
   * read is passed over.
   */
  long durableBeyond(long sequence) {
    durable = 0;
    unknownUpTo = sequence;
    lastFound = sequence - 1;
    long empty = 0;
    long first = sequence / IndexEntry.PER_BLOCK * IndexEntry.PER_BLOCK;
    while (first < reachable && empty < EMPTY_BYTES) {
      int skipped = (int) (first % IndexRange.PIECE);
      int count = (int) Math.min(IndexRange.PIECE - skipped, reachable - first);
      long address =
          recording.index().pieceAddress(first / IndexRange.PIECE)
              + (long) skipped * IndexEntry.SIZE;
      found = false;
      look(address, first, count, sequence);
      empty = found ? 0 : empty + (long) count * IndexEntry.SIZE;
      first += count;
    }
    return durable;
  }

  private void look(long address, long first, int count, long sequence) {
    if (io.tryRead(address, count * IndexEntry.SIZE) == 0) {
      examine(first, count, sequence);
      return;
    }
    for (int i = 0; i < count; i += IndexEntry.PER_BLOCK) {
      if (io.tryRead(address + (long) i * IndexEntry.SIZE, SealedBlock.SIZE) == 0) {
        examine(first + i, IndexEntry.PER_BLOCK, sequence);
      } else if (first + i <= unknownUpTo) {
        unknownUpTo = first + i + IndexEntry.PER_BLOCK;
      }
    }
  }

  private void examine(long first, int count, long sequence) {
    for (int i = 0; i < count; i++) {
      long entry = buffer.entry(i);
      if (IndexEntry.key(entry) == recording.key()
          && IndexEntry.sequence(entry) == first + i
          && buffer.isIntact(i, crc)) {
        found = true;
        lastFound = first + i;
        unknownUpTo = first + i + 1;
        if (IndexEntry.kind(entry) == IndexEntry.CHUNK) {
          endOfData =
              Math.max(
                  endOfData,
                  IndexEntry.address(entry) + Placement.padded(IndexEntry.length(entry)));
        }
        if (first + i > sequence && IndexEntry.kind(entry) == IndexEntry.MARK) {
          durable = Math.max(durable, IndexEntry.durable(entry));
        }
      }
    }
  }

  /** Behind the last entry that this recording may have, by what was found. */
  long end() {
    return unknownUpTo;
  }

  /** How many of those entries, the last ones, nobody can read. */
  long unknown() {
    return unknownUpTo - 1 - lastFound;
  }

  /** Where the chunk ends that is farthest of those found; 0 if none was found. */
  long endOfData() {
    return endOfData;
  }
}
