package sluice.recorder.write;

import java.util.List;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveQueue;
import sluice.nvme.drive.RetryRule;
import sluice.recorder.format.EndReason;
import sluice.recorder.format.Extent;
import sluice.recorder.format.Placement;
import sluice.recorder.ring.StreamRing;
import sluice.support.events.Incidents;

/**
 * The data's way: takes committed slots in order, writes them from where they lie, several at once,
 * and retires them in order: into the index, and back to the producer.
 *
 * <p>Positions are the ring's. The ones from {@code retired} to {@code submitted} are the window:
 * in flight, or done but behind one that is not. What is behind the cut (the drive is full, a write
 * has failed) is counted as lost.
 *
 * <p>A place that cannot be written is stepped over: what was to go there is still in the ring, and
 * it and all behind it are written once more, from behind that place on. So chunks are on the drive
 * in the order of the stream.
 */
final class DataWriter {
  private static final long NOWHERE = Long.MAX_VALUE;

  /** A drive that fails so many writes one after the other has more than some bad places. */
  private static final int MAX_BAD_PLACES = 64;

  /** Entries that a chunk may need in the index: a gap, and itself. */
  private static final int ENTRIES_PER_CHUNK = 2;

  /** Entries that are kept free for the end of a recording: a gap, and a mark before it. */
  private static final int RESERVE = 2;

  private final Drive drive;
  private final DriveQueue queue;
  private final StreamRing ring;
  private final Placement placement;
  private final RecordingIndex index;
  private final WriterOptions options;
  private final WriterFigures figures;
  private final PauseTracker pauses;
  private final int depth;
  private final Window window;

  private long submitted;
  private long retired;
  private int inFlight;
  private int again;
  private long streamBytes;
  private long highWater;

  private long limit = Long.MAX_VALUE;
  private final Cut cut = new Cut();
  private int failure;
  private long failedAddress;

  /** The first position whose place cannot be written, and how many such places in a row. */
  private long badFrom = NOWHERE;

  private int badPlaces;
  private long steppedOver;

  private final GapAtEnd lost = new GapAtEnd();

  DataWriter(
      Drive drive,
      DriveQueue queue,
      StreamRing ring,
      List<Extent> extents,
      RecordingIndex index,
      WriterOptions options,
      WriterFigures figures,
      PauseTracker pauses) {
    this.drive = drive;
    this.queue = queue;
    this.ring = ring;
    this.placement = new Placement(extents);
    this.index = index;
    this.options = options;
    this.figures = figures;
    this.pauses = pauses;
    this.depth = options.depth();
    this.window = new Window(depth);
  }

  // --------------------------------------------------------------------------------------- submit

  /** Writes what was committed, up to the depth. */
  int submit() {
    int work = again > 0 ? resubmit() : 0;
    if (badFrom != NOWHERE) {
      return work + stepOver();
    }
    long first = submitted;
    long committed = ring.committed();
    while (submitted < Math.min(committed, Math.min(cut.position(), limit))
        && submitted - retired < depth) {
      if (!submitNext()) {
        break;
      }
    }
    if (submitted > first && index.isKept()) {
      // While the drive works on them: nobody writes to the slots until they are released.
      queue.ring();
      for (long position = first; position < submitted; position++) {
        window.dataCrc[window.slot(position)] =
            window.checksum(ring.buffer(position), window.slot(position));
      }
    }
    return work + (int) (submitted - first);
  }

  private int resubmit() {
    int work = 0;
    long now = options.nanoClock().getAsLong();
    long end = Math.min(Math.min(submitted, cut.position()), badFrom);
    for (long position = retired; position < end && again > 0; position++) {
      int slot = window.slot(position);
      if (window.state[slot] == Window.AGAIN
          && window.retry[slot].isDue(now)
          && request(position)) {
        again--;
        work++;
      }
    }
    return work;
  }

  /** Begins anew behind a bad place, once nothing is in flight any more. */
  private int stepOver() {
    if (inFlight > 0) {
      return 0;
    }
    for (long position = badFrom; position < submitted; position++) {
      again -= window.state[window.slot(position)] == Window.AGAIN ? 1 : 0;
    }
    placement.resumeBehind(
        window.address[window.slot(badFrom)], window.length[window.slot(badFrom)]);
    steppedOver++;
    submitted = badFrom;
    badFrom = NOWHERE;
    // It will be full again, perhaps sooner.
    cut.undoIfFull();
    return 1;
  }

  private boolean submitNext() {
    if (index.remaining() < entriesFor(submitted - retired + 1)) {
      cutAt(submitted, EndReason.INDEX_FULL);
      return false;
    }
    int slot = window.slot(submitted);
    if (queue.outstanding() == queue.depth()) {
      return false;
    }
    int bytes = ring.length(submitted);
    long place = placement.place(bytes);
    if (place < 0) {
      // What fits is kept; a piece of the ring's slot is whole blocks, as the room is.
      int room = (int) placement.room();
      if (room <= 0) {
        cutAt(submitted, EndReason.DATA_FULL);
        return false;
      }
      cutAt(submitted + 1, EndReason.DATA_FULL);
      cut.losesRest(bytes - room, ring.time(submitted));
      bytes = room;
      place = placement.place(bytes);
    }
    window.address[slot] = place;
    window.length[slot] = bytes;
    window.retry[slot].reset();
    Placement.pad(ring.address(submitted), bytes);
    if (!request(submitted)) {
      window.state[slot] = Window.AGAIN;
      again++;
    }
    submitted++;
    return true;
  }

  private static int entriesFor(long chunks) {
    return (int) chunks * ENTRIES_PER_CHUNK + RESERVE;
  }

  private boolean request(long position) {
    int slot = window.slot(position);
    if (!queue.write(
        window.address[slot],
        (int) Placement.padded(window.length[slot]),
        ring.memory(),
        ring.offset(position),
        options.flush().forceUnitAccess(),
        position)) {
      return false;
    }
    window.state[slot] = Window.IN_FLIGHT;
    inFlight++;
    window.submittedAt[slot] = options.nanoClock().getAsLong();
    pauses.submitted(window.submittedAt[slot]);
    return true;
  }

  // ------------------------------------------------------------------------------------- complete

  /** A write has completed. */
  void completed(long position, int status) {
    int slot = window.slot(position);
    long now = options.nanoClock().getAsLong();
    inFlight--;
    pauses.completed(now, inFlight);
    figures.write(now - window.submittedAt[slot]);
    if (status == 0) {
      window.state[slot] = Window.DONE;
      badPlaces = 0;
    } else if (window.retry[slot].failed(drive, status, now)) {
      figures.retry();
      window.state[slot] = Window.AGAIN;
      again++;
    } else if (index.isKept()
        && RetryRule.isBadPlace(status)
        && position < cut.position()
        && ++badPlaces <= MAX_BAD_PLACES) {
      window.state[slot] = Window.BAD;
      badFrom = Math.min(badFrom, position);
    } else {
      window.state[slot] = Window.DONE;
      if (position < cut.position()) {
        failure = status;
        failedAddress = window.address[slot];
        cutAt(position, EndReason.COMMAND_FAILED);
      }
    }
  }

  private void cutAt(long position, EndReason reason) {
    if (cut.make(position, reason)) {
      ring.stop();
    }
  }

  /** Retires what is done, in order, as far as the index can take it. */
  int retire() {
    long before = retired;
    long end = Math.min(Math.min(submitted, cut.position()), badFrom);
    while (retired < end && window.state[window.slot(retired)] == Window.DONE) {
      if (!index.hasRoom(ENTRIES_PER_CHUNK)) {
        break;
      }
      retireOne();
    }
    if (retired == before) {
      return 0;
    }
    release(before);
    return (int) (retired - before);
  }

  private void retireOne() {
    int slot = window.slot(retired);
    long gap = ring.gapBefore(retired);
    if (gap > 0) {
      Incidents.gap(streamBytes, gap);
      streamBytes += gap;
      figures.gap(gap);
      index.gap(gap, ring.gapTime(retired), ring.isGapEstimated(retired));
    }
    index.chunk(
        window.address[slot], window.length[slot], ring.time(retired), window.dataCrc[slot]);
    streamBytes += window.length[slot];
    figures.chunk(window.length[slot]);
    figures.lastAddress(window.address[slot] + window.length[slot]);
    retired++;
  }

  private void release(long before) {
    // The fill falls here alone, so its peak is what it is now.
    highWater = Math.max(highWater, (ring.committed() - before) * ring.slotBytes());
    ring.release(retired);
  }

  /**
   * Counts what is behind the cut as lost, once nothing is in flight any more.
   *
   * @return how many slots were dropped
   */
  int drop() {
    if (retired < cut.position() || inFlight > 0) {
      return 0;
    }
    cut.tellRest(lost);
    long before = retired;
    for (long committed = ring.committed(); retired < committed; retired++) {
      lost.add(ring.gapBefore(retired), ring.gapTime(retired), ring.isGapEstimated(retired));
      lost.add(ring.length(retired), ring.time(retired), false);
    }
    again = 0;
    submitted = Math.max(submitted, retired);
    if (retired > before) {
      release(before);
    }
    return (int) (retired - before);
  }

  /**
   * Tells the index of the gap at the end, if there is one.
   *
   * @return false if the index has no room now
   */
  boolean finish() {
    if (lost.bytes() == 0) {
      return true;
    }
    if (!index.hasRoom(1)) {
      return false;
    }
    long bytes = lost.bytes();
    index.gap(bytes, lost.timeNanos(), lost.isEstimated());
    Incidents.gap(streamBytes, bytes);
    streamBytes += bytes;
    figures.gap(bytes);
    lost.clear();
    return true;
  }

  // ---------------------------------------------------------------------------------------- state

  /** Whether nothing is in flight and nothing waits for another attempt. */
  boolean isSettled() {
    return inFlight == 0 && retired == submitted;
  }

  /** Whether all is settled up to where it ends. */
  boolean isAtEnd() {
    return isSettled() && retired >= Math.min(cut.position(), limit);
  }

  boolean isCut() {
    return cut.isMade();
  }

  EndReason cutReason() {
    return cut.reason();
  }

  /** What is lost at the end of the recording. */
  GapAtEnd lost() {
    return lost;
  }

  /** Takes nothing from a position on, because the recording ends there. */
  void endAt(long position) {
    limit = position;
  }

  /** The status of the write that failed for good; 0 if none did. */
  int failure() {
    return failure;
  }

  long failedAddress() {
    return failedAddress;
  }

  /** The position of the next slot to retire. */
  long retired() {
    return retired;
  }

  int inFlight() {
    return inFlight;
  }

  /** Stream bytes that are retired, gaps included. */
  long streamBytes() {
    return streamBytes;
  }

  /** How many places were stepped over because the drive could not write them. */
  long steppedOver() {
    return steppedOver;
  }

  /** The extents as far as they were used. */
  List<Extent> used() {
    return placement.used();
  }

  /** The ring's high-water mark since this was asked last, in bytes. */
  long takeHighWater() {
    long taken = highWater;
    highWater = 0;
    return taken;
  }
}
