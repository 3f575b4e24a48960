package sluice.recorder;

import java.util.ArrayList;
import java.util.List;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.Patience;
import sluice.nvme.spec.Status;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.CatalogueEntry.Totals;
import sluice.recorder.format.Extent;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.format.Placement;
import sluice.recorder.read.IndexCursor;
import sluice.recorder.read.ReadAhead;

/** Reads a recording from end to end, and makes its certificate. */
final class RecordingCheck {
  private static final int DEPTH = 16;

  private final CatalogueEntry recording;
  private final boolean verifyData;
  private final Placement placement;
  private final List<Extent> used = new ArrayList<>();
  private String problem = "";
  private boolean misplaced;
  private long streamBytes;
  private long recordedBytes;
  private long chunks;
  private long gaps;
  private long lostBytes;
  private long estimatedBytes;
  private long acceptedBytes;
  private long damagedChunks;
  private long damagedBytes;
  private long marks;
  private long highWater;
  private int maxKelvin;
  private boolean isTimed;
  private long lastTime;
  private long clockSteps;
  private long longestStepNanos;

  private RecordingCheck(CatalogueEntry recording, boolean verifyData) {
    this.recording = recording;
    this.verifyData = verifyData;
    this.placement = new Placement(recording.extents());
    this.highWater = recording.ring().highWaterBytes();
  }

  /**
   * @param certificate what was found
   * @param problem what is damaged, one line; empty if nothing
   * @param isProved whether index and data are right, wherever they are
   * @param used where on the drive its chunks are, by its index
   */
  record Result(Certificate certificate, String problem, boolean isProved, List<Extent> used) {}

  static Result run(Drive drive, CatalogueEntry recording, boolean verifyData) {
    RecordingCheck check = new RecordingCheck(recording, verifyData);
    try (ReadAhead entries = new ReadAhead(drive, recording, DEPTH)) {
      return check.walk(entries);
    }
  }

  private Result walk(ReadAhead entries) {
    entries.dataFrom(verifyData ? 0 : Long.MAX_VALUE);
    Patience patience = new Patience("check of recording '" + recording.name() + "'");
    while (!entries.isAtEnd()) {
      if (entries.hasEntry()) {
        check(entries);
        entries.pop();
      } else {
        patience.idle(entries.doWork());
      }
    }
    IndexCursor index = entries.index();
    Totals totals = new Totals(streamBytes, recordedBytes, chunks, gaps, lostBytes);
    boolean isAsNoted = isWhole(index, totals);
    boolean isWhole = !misplaced && isAsNoted;
    return new Result(
        new Certificate(
            index.position(),
            totals,
            index.chain(),
            isWhole,
            verifyData,
            damagedChunks,
            damagedBytes,
            marks,
            highWater,
            maxKelvin,
            clockSteps,
            longestStepNanos,
            acceptedBytes,
            estimatedBytes),
        problem,
        isAsNoted && damagedChunks == 0 && used.size() <= CatalogueEntry.MAX_EXTENTS,
        used);
  }

  private void check(ReadAhead entries) {
    if (entries.kind() != IndexEntry.MARK) {
      checkTime(entries.time());
    }
    switch (entries.kind()) {
      case IndexEntry.CHUNK -> {
        if (!placement.accept(entries.driveAddress(), entries.length())) {
          misplaced = true;
          note("the chunk at stream offset " + entries.streamOffset() + " is not in its place");
        }
        if (!entries.isDataRight()) {
          damagedChunks++;
          damagedBytes += entries.length();
          note(entries.problem());
        }
        use(entries.driveAddress(), Placement.padded(entries.length()));
        chunks++;
        recordedBytes += entries.length();
        streamBytes += entries.length();
      }
      case IndexEntry.GAP -> {
        gaps++;
        lostBytes += entries.length();
        if (entries.isEstimate()) {
          estimatedBytes += entries.length();
        }
        if (entries.isAccepted()) {
          acceptedBytes += entries.length();
        }
        streamBytes += entries.length();
      }
      default -> {
        marks++;
        highWater = Math.max(highWater, entries.length());
        maxKelvin = Math.max(maxKelvin, entries.value());
      }
    }
  }

  /** Chunks that follow each other are in one extent; of too many, no more are kept. */
  private void use(long address, long bytes) {
    if (!used.isEmpty() && used.getLast().end() == address) {
      used.add(new Extent(used.getLast().address(), used.removeLast().bytes() + bytes));
    } else if (used.size() <= CatalogueEntry.MAX_EXTENTS) {
      used.add(new Extent(address, bytes));
    }
  }

  /** What comes later has no earlier time, unless the clock was set. */
  private void checkTime(long time) {
    if (isTimed && time < lastTime) {
      clockSteps++;
      longestStepNanos = Math.max(longestStepNanos, saturatedDifference(lastTime, time));
    }
    isTimed = true;
    lastTime = time;
  }

  private static long saturatedDifference(long later, long earlier) {
    long difference = later - earlier;
    return difference < 0 ? Long.MAX_VALUE : difference;
  }

  private boolean isWhole(IndexCursor index, Totals totals) {
    switch (index.state()) {
      case FAILED -> note("the drive cannot read the index: " + Status.format(index.failure()));
      case INVALID ->
          note(
              "index entry %d is damaged, at stream offset %d of %d"
                  .formatted(
                      index.position(), index.streamOffset(), recording.totals().streamBytes()));
      default -> {
        if (index.chain() == recording.chain() && totals.equals(recording.totals())) {
          return true;
        }
        note("the index and the catalogue do not agree");
      }
    }
    return false;
  }

  /** Keeps the first problem; the numbers tell of the others. */
  private void note(String text) {
    if (problem.isEmpty()) {
      problem = text;
    }
  }

  /** Of how much is damaged besides the first problem. */
  static String summary(Result result) {
    Certificate certificate = result.certificate();
    return certificate.damagedChunks() > 1
        ? "%s; %d chunks of %d bytes in all are damaged"
            .formatted(result.problem(), certificate.damagedChunks(), certificate.damagedBytes())
        : result.problem();
  }
}
