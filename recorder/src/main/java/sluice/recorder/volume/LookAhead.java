package sluice.recorder.volume;

import java.util.zip.CRC32C;
import sluice.recorder.drive.Drive;
import sluice.recorder.drive.DriveIo;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.EntryBuffer;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.read.IndexCursor;

/**
 * Looks behind the place where an open recording's index seems to end. A crash leaves nothing there
 * that was durable; a damaged entry does.
 */
final class LookAhead {
  private final DriveIo io;
  private final long reachable;
  private final CatalogueEntry recording;
  private final EntryBuffer buffer;
  private final CRC32C crc = new CRC32C();

  LookAhead(Drive drive, DriveIo io, CatalogueEntry recording) {
    this.io = io;
    this.reachable = IndexCursor.reachable(drive.bytes(), recording);
    this.recording = recording;
    this.buffer = new EntryBuffer(io.buffer());
  }

  /**
   * The highest durable stream offset that marks behind an entry tell of. Stops at a piece of the
   * index that has nothing of this recording.
   */
  long durableBeyond(long sequence) {
    long durable = 0;
    long block = sequence / IndexEntry.PER_BLOCK * IndexEntry.PER_BLOCK;
    boolean found = true;
    while (found && block < reachable) {
      int count = (int) Math.min(buffer.capacity(), reachable - block);
      io.read(recording.indexAddress() + block * IndexEntry.SIZE, count * IndexEntry.SIZE);
      found = false;
      for (int i = 0; i < count; i++) {
        long entry = buffer.entry(i);
        if (IndexEntry.key(entry) == recording.key()
            && IndexEntry.sequence(entry) == block + i
            && buffer.isIntact(i, crc)) {
          found = true;
          if (block + i > sequence && IndexEntry.kind(entry) == IndexEntry.MARK) {
            durable = Math.max(durable, IndexEntry.durable(entry));
          }
        }
      }
      block += count;
    }
    return durable;
  }
}
