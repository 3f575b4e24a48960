package sluice.recorder;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveIo;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.EndReason;
import sluice.recorder.format.Extent;
import sluice.recorder.format.FormatException;
import sluice.recorder.format.RecordingState;
import sluice.recorder.volume.Recovery;

/** A recording as the catalogue knew it when it was asked for. */
public final class Recording {
  private final Drive drive;
  private final CatalogueEntry entry;

  Recording(Drive drive, CatalogueEntry entry) {
    this.drive = drive;
    this.entry = entry;
  }

  /** Its place in the catalogue, from 0. */
  public int number() {
    return entry.number();
  }

  public String name() {
    return entry.name();
  }

  public UUID uuid() {
    return entry.uuid();
  }

  public RecordingState state() {
    return entry.state();
  }

  public EndReason endReason() {
    return entry.endReason();
  }

  /** Where the stream came from, for people. */
  public String source() {
    return entry.source();
  }

  /** What its producer wanted to be known. */
  public Map<String, String> header() {
    return entry.header();
  }

  /** When it was opened, in nanoseconds since the epoch. */
  public long openedNanos() {
    return entry.openedNanos();
  }

  /** When it was closed or recovered, in nanoseconds since the epoch; 0 while it is open. */
  public long closedNanos() {
    return entry.closedNanos();
  }

  /** The stream's bytes, gaps included; 0 while it is open. */
  public long streamBytes() {
    return entry.totals().streamBytes();
  }

  /** Without gaps; 0 while it is open. */
  public long recordedBytes() {
    return entry.totals().recordedBytes();
  }

  public long gaps() {
    return entry.totals().gaps();
  }

  public long lostBytes() {
    return entry.totals().lostBytes();
  }

  /** Where on the drive its bytes are. */
  public List<Extent> extents() {
    return entry.extents();
  }

  /** All that the catalogue knows. */
  public CatalogueEntry entry() {
    return entry;
  }

  /**
   * Opens it for reading, from its start. Of a recording that a crash left open, and that was not
   * recovered, what a recovery would keep is read.
   *
   * @param depth chunks to read ahead; more is faster
   * @throws sluice.recorder.format.FormatException if a recovery would find it damaged
   */
  public RecordingReader read(int depth) {
    return new RecordingReader(drive, readable(), depth);
  }

  /** Opens the list of its gaps. Of a recording that is open, those that its index tells of now. */
  public GapReader openGaps() {
    return new GapReader(drive, entry);
  }

  /**
   * What a recovery would keep, if the recording is open. It may be that it is being written: then
   * its index goes on while it is looked at, and an entry that was not there at first is none that
   * is damaged.
   */
  private CatalogueEntry readable() {
    if (entry.state() != RecordingState.OPEN) {
      return entry;
    }
    try (DriveIo io = new DriveIo(drive)) {
      long end = -1;
      while (true) {
        Recovery.Result result = Recovery.examine(drive, io, entry, 0);
        if (result.damage().isEmpty()) {
          return result.entry();
        }
        if (result.entry().indexEntries() <= end) {
          throw new FormatException("recording '" + name() + "': " + result.damage());
        }
        end = result.entry().indexEntries();
      }
    }
  }

  @Override
  public String toString() {
    return "recording '" + name() + "'";
  }
}
