package sluice.recorder;

import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveIo;
import sluice.nvme.drive.Patience;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.CatalogueEntry.Totals;
import sluice.recorder.format.EntryBuffer;
import sluice.recorder.format.Extent;
import sluice.recorder.format.IndexChain;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.format.IndexRange;
import sluice.recorder.format.Placement;
import sluice.recorder.read.ReadAhead;
import sluice.recorder.volume.Catalogue;
import sluice.recorder.volume.Repair;

/**
 * Writes the index of a recording anew, elsewhere, with gaps in the place of what is damaged: of
 * chunks whose data is wrong or cannot be read, and of what damaged parts of the index told of. The
 * catalogue tells of the new index when all of it is on the drive and was verified; until then the
 * old one counts. Waits for the drive.
 */
final class AcceptedLoss {
  private static final int DEPTH = 16;

  private final Drive drive;
  private final DriveIo io;
  private final CatalogueEntry recording;
  private final Extent place;
  private final EntryBuffer buffer;
  private final IndexChain chain;

  private long writtenBytes;
  private int filled;
  private long recordedBytes;
  private long chunks;
  private long gaps;
  private long lostBytes;
  private long acceptedBytes;

  private AcceptedLoss(Drive drive, DriveIo io, CatalogueEntry recording, Extent place) {
    this.drive = drive;
    this.io = io;
    this.recording = recording;
    this.place = place;
    this.buffer = new EntryBuffer(io.buffer());
    this.chain = new IndexChain(recording.key());
  }

  /**
   * @return what was done; null if it cannot be, and the recording is as it was
   */
  static Repair accept(Drive drive, DriveIo io, Catalogue catalogue, CatalogueEntry recording) {
    // Each entry may have a gap before it, and the last one a gap behind.
    long most = Placement.padded((2 * recording.indexEntries() + 1) * IndexEntry.SIZE);
    Extent place = catalogue.freeIndex();
    if (place.bytes() < Placement.padded(recording.indexEntries() * IndexEntry.SIZE)) {
      return null;
    }
    AcceptedLoss loss =
        new AcceptedLoss(
            drive, io, recording, new Extent(place.address(), Math.min(most, place.bytes())));
    CatalogueEntry entry = loss.write();
    if (entry == null || !RecordingCheck.run(drive, entry, true).certificate().isIntact()) {
      return null;
    }
    int _ = catalogue.write(drive, entry);
    return new Repair(
        Repair.Action.ACCEPTED,
        VolumeCheck.nameOf(recording),
        "%d bytes of it are damaged; the loss is accepted, and they are gaps now"
            .formatted(loss.acceptedBytes));
  }

  private CatalogueEntry write() {
    try (ReadAhead entries = new ReadAhead(drive, recording, DEPTH)) {
      entries.survey(0);
      Patience patience = new Patience(VolumeCheck.nameOf(recording));
      long lastTime = recording.openedNanos();
      while (!entries.isAtEnd()) {
        if (!entries.hasEntry()) {
          patience.idle(entries.doWork());
          continue;
        }
        // What lies before the end of the one before is none of this stream.
        if (entries.streamOffset() >= chain.streamOffset()) {
          if (!lose(entries.streamOffset() - chain.streamOffset(), lastTime) || !take(entries)) {
            return null;
          }
          lastTime = entries.time();
        }
        entries.pop();
      }
      if (!lose(recording.totals().streamBytes() - chain.streamOffset(), lastTime) || !send()) {
        return null;
      }
    }
    io.flush();
    return recording.withContent(
        recording.extents(),
        IndexRange.of(place.address(), chain.sequence(), chain.chain()),
        new Totals(chain.streamOffset(), recordedBytes, chunks, gaps, lostBytes));
  }

  /** Bytes that were recorded, and cannot be had any more. */
  private boolean lose(long bytes, long timeNanos) {
    if (bytes <= 0) {
      return bytes == 0;
    }
    if (!hasRoom()) {
      return false;
    }
    chain.appendLoss(buffer, filled++, bytes, timeNanos);
    gaps++;
    lostBytes += bytes;
    acceptedBytes += bytes;
    return true;
  }

  private boolean take(ReadAhead entries) {
    long length = entries.length();
    if (entries.kind() == IndexEntry.CHUNK && !entries.isDataRight()) {
      return lose(length, entries.time());
    }
    if (!hasRoom()) {
      return false;
    }
    int i = filled++;
    switch (entries.kind()) {
      case IndexEntry.CHUNK -> {
        chain.appendChunk(
            buffer, i, entries.driveAddress(), length, entries.time(), entries.value());
        chunks++;
        recordedBytes += length;
      }
      case IndexEntry.GAP -> {
        if (entries.isAccepted()) {
          chain.appendLoss(buffer, i, length, entries.time());
        } else {
          chain.appendGap(buffer, i, length, entries.time(), entries.isEstimate());
        }
        gaps++;
        lostBytes += length;
      }
      default ->
          chain.appendMark(
              buffer, i, entries.driveAddress(), length, entries.time(), entries.value());
    }
    return true;
  }

  private boolean hasRoom() {
    return filled < buffer.capacity() || send();
  }

  /** Writes what there is; false if there is no room for it, or the drive cannot. */
  private boolean send() {
    if (filled == 0) {
      return true;
    }
    int bytes = (int) Placement.padded((long) filled * IndexEntry.SIZE);
    int tail = bytes / IndexEntry.SIZE - filled;
    if (tail > 0) {
      buffer.clear(filled, tail);
    }
    if (writtenBytes + bytes > place.bytes()
        || io.tryWrite(place.address() + writtenBytes, bytes) != 0) {
      return false;
    }
    writtenBytes += bytes;
    filled = 0;
    return true;
  }
}
