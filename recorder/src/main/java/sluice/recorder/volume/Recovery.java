package sluice.recorder.volume;

import java.util.ArrayList;
import java.util.List;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveIo;
import sluice.nvme.drive.Patience;
import sluice.nvme.spec.Status;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.CatalogueEntry.RingFigures;
import sluice.recorder.format.CatalogueEntry.Totals;
import sluice.recorder.format.EndReason;
import sluice.recorder.format.Extent;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.format.IndexRange;
import sluice.recorder.format.Placement;
import sluice.recorder.format.RecordingState;
import sluice.recorder.read.IndexCursor;
import sluice.recorder.read.ReadAhead;

/**
 * Finds out how much of an open recording can be proved (FORMAT.md, "Recovery"). Reads only, and
 * waits for the drive.
 */
public final class Recovery {
  private static final int DEPTH = 16;

  /** Bad places, of a slot each, that a writer may have stepped over between two chunks. */
  private static final int STEPS_OVER = 65;

  private final CatalogueEntry open;
  private final Placement placement;
  private final Patience patience;

  // What the index says, up to its first entry that is not valid.
  private long validEntries;
  private long validBytes;
  private long durableBytes;
  private long endOfData;

  // What was proved.
  private long entries;
  private long streamBytes;
  private long recordedBytes;
  private long chunks;
  private long gaps;
  private long lostBytes;
  private long highWater;
  private int chain;
  private String problem = "";
  private String indexProblem = "";

  private Recovery(CatalogueEntry open) {
    this.open = open;
    this.placement = new Placement(open.extents());
    this.patience = new Patience("recovery of recording '" + open.name() + "'");
  }

  /**
   * @param entry the catalogue entry to write
   * @param durableBytes what the last mark or the catalogue says to have been durable, in stream
   *     bytes
   * @param cutBytes stream bytes of which the index tells, but whose data is not what it says
   * @param damage why this cannot be the work of a crash; empty if it can
   * @param reserved the entry as it is, but with no more place than the recording may have used: if
   *     the only damage is that the drive cannot read the index somewhere, and new recordings can
   *     go behind that place; otherwise null
   */
  public record Result(
      CatalogueEntry entry,
      long durableBytes,
      long cutBytes,
      String damage,
      CatalogueEntry reserved) {}

  /**
   * Examines a recording that is open.
   *
   * @param closedNanos the time to note for its end
   * @throws sluice.nvme.NvmeException if the drive is gone
   */
  public static Result examine(Drive drive, DriveIo io, CatalogueEntry open, long closedNanos) {
    Recovery recovery = new Recovery(open);
    try (ReadAhead reader = new ReadAhead(drive, open, DEPTH)) {
      recovery.walkIndex(reader);
    }
    try (ReadAhead reader = new ReadAhead(drive, open, DEPTH)) {
      recovery.prove(reader);
    }
    LookAhead lookAhead = new LookAhead(drive, io, open);
    String damage = recovery.damage(lookAhead);
    return new Result(
        recovery.result(closedNanos),
        recovery.durableBytes,
        recovery.validBytes - recovery.streamBytes,
        damage,
        damage.isEmpty() ? null : recovery.reserved(lookAhead));
  }

  /** The index alone: where it ends, and what was durable. */
  private void walkIndex(ReadAhead reader) {
    durableBytes = open.totals().streamBytes();
    reader.dataFrom(Long.MAX_VALUE);
    while (awaitEntry(reader)) {
      if (reader.kind() == IndexEntry.MARK) {
        durableBytes = Math.max(durableBytes, reader.driveAddress());
      } else if (reader.kind() == IndexEntry.CHUNK) {
        endOfData = reader.driveAddress() + Placement.padded(reader.length());
      }
      reader.pop();
    }
    if (reader.indexState() == IndexCursor.State.FAILED) {
      indexProblem = ": the drive cannot read it: " + Status.format(reader.index().failure());
    }
    validEntries = reader.index().position();
    validBytes = reader.index().streamOffset();
  }

  /** The index again, with the data that was not durable for sure. */
  private void prove(ReadAhead reader) {
    reader.dataFrom(durableBytes);
    while (entries < validEntries && awaitEntry(reader)) {
      switch (reader.kind()) {
        case IndexEntry.CHUNK -> {
          if (!reader.isDataRight()) {
            problem = reader.problem();
            return;
          }
          if (!placement.accept(reader.driveAddress(), reader.length())) {
            problem = "a chunk is not where it should be";
            return;
          }
          chunks++;
          recordedBytes += reader.length();
          streamBytes += reader.length();
        }
        case IndexEntry.GAP -> {
          gaps++;
          lostBytes += reader.length();
          streamBytes += reader.length();
        }
        default -> highWater = Math.max(highWater, reader.length());
      }
      chain = reader.chain();
      entries++;
      reader.pop();
    }
  }

  private boolean awaitEntry(ReadAhead reader) {
    patience.renew();
    while (!reader.hasEntry()) {
      if (reader.isAtEnd()) {
        return false;
      }
      patience.idle(reader.doWork());
    }
    return true;
  }

  private String damage(LookAhead lookAhead) {
    if (streamBytes < Math.min(durableBytes, validBytes)) {
      return "at stream offset %d, below what was durable (%d): %s"
          .formatted(streamBytes, durableBytes, problem);
    }
    if (validEntries == open.indexEntries()) {
      return validBytes < durableBytes ? damagedIndex(durableBytes) : "";
    }
    long claimed = Math.max(durableBytes, lookAhead.durableBeyond(validEntries));
    if (validEntries < open.index().noted() || claimed > validBytes) {
      return damagedIndex(claimed);
    }
    return indexProblem.isEmpty()
        ? ""
        : "what follows stream offset %d is not known: index entry %d is damaged%s"
            .formatted(validBytes, validEntries, indexProblem);
  }

  /**
   * The open entry with the place alone that the recording may have used: up to the last entry of
   * the index that can be found, and as much more as entries behind that could tell of which the
   * drive cannot read. All behind is free for others.
   */
  private CatalogueEntry reserved(LookAhead lookAhead) {
    long room = Placement.padded(lookAhead.end() * IndexEntry.SIZE) / IndexEntry.SIZE;
    boolean isReadInPart = indexProblem.isEmpty() || streamBytes < validBytes;
    if (isReadInPart || room < open.index().noted()) {
      return null;
    }
    long unknown = (lookAhead.unknown() + STEPS_OVER) * Placement.padded(open.ring().slotBytes());
    long end = Math.max(endOfData, lookAhead.endOfData());
    IndexRange index = open.index();
    return open.withPlace(
        upTo(open.extents(), end, unknown),
        new IndexRange(
            index.address(),
            Math.min(room, index.entries()),
            index.chain(),
            index.noted(),
            index.leftOut()));
  }

  /** Extents up to an address within one of them, and so many bytes more. */
  private static List<Extent> upTo(List<Extent> extents, long end, long more) {
    List<Extent> kept = new ArrayList<>();
    long left = end == 0 ? more : -1;
    for (Extent extent : extents) {
      if (left < 0 && end >= extent.address() && end <= extent.end()) {
        left = end - extent.address() + more;
      }
      long bytes = left < 0 ? extent.bytes() : Math.min(extent.bytes(), left);
      kept.add(new Extent(extent.address(), bytes));
      left -= left < 0 ? 0 : bytes;
      if (left == 0) {
        break;
      }
    }
    return kept;
  }

  private String damagedIndex(long claimed) {
    return "index entry %d is damaged: %d bytes of the stream were durable, and the index tells of %d%s"
        .formatted(validEntries, claimed, validBytes, indexProblem);
  }

  private CatalogueEntry result(long closedNanos) {
    return open.toBuilder()
        .state(RecordingState.RECOVERED, EndReason.CRASH)
        .closed(closedNanos)
        .extents(placement.used())
        .index(new IndexRange(open.indexAddress(), entries, chain, 0, open.index().leftOut()))
        .totals(new Totals(streamBytes, recordedBytes, chunks, gaps, lostBytes))
        .ring(
            new RingFigures(
                open.ring().slotBytes(),
                open.ring().ringBytes(),
                Math.max(highWater, open.ring().highWaterBytes())))
        .build();
  }
}
