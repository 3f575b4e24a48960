package sluice.recorder.write;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveQueue;
import sluice.nvme.drive.Retry;
import sluice.nvme.drive.RetryRule;
import sluice.recorder.format.EndReason;
import sluice.recorder.format.Extent;
import sluice.recorder.format.Placement;
import sluice.recorder.ring.StreamRing;
import sluice.support.events.Incidents;
import sluice.support.memory.OffHeap;

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
  private static final long NO_CUT = Long.MAX_VALUE;
  private static final long NOWHERE = Long.MAX_VALUE;

  /** A drive that fails so many writes one after the other has more than some bad places. */
  private static final int MAX_BAD_PLACES = 64;

  private static final byte IN_FLIGHT = 1;
  private static final byte DONE = 2;
  private static final byte AGAIN = 3;
  private static final byte BAD = 4;

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
  private final CRC32C crc = new CRC32C();
  private final int depth;

  // By position within the window.
  private final byte[] state;
  private final Retry[] retry;
  private final long[] address;
  private final int[] length;
  private final int[] dataCrc;
  private final long[] submittedAt;

  private long submitted;
  private long retired;
  private int inFlight;
  private int again;
  private long streamBytes;
  private long highWater;

  private long limit = Long.MAX_VALUE;
  private long cut = NO_CUT;
  private EndReason cutReason = EndReason.NONE;
  private int failure;
  private long failedAddress;

  /** The first position whose place cannot be written, and how many such places in a row. */
  private long badFrom = NOWHERE;

  private int badPlaces;
  private long steppedOver;

  /** The position that was kept in part because the drive ended there, and what was not kept. */
  private long partial = -1;

  private int partialLost;
  private long partialTime;
  private long lost;
  private long lostTime;
  private boolean isLostEstimated;

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
    this.state = new byte[depth];
    this.retry = new Retry[depth];
    Arrays.setAll(retry, i -> new Retry());
    this.address = new long[depth];
    this.length = new int[depth];
    this.dataCrc = new int[depth];
    this.submittedAt = new long[depth];
  }

  private int slot(long position) {
    return (int) (position % depth);
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
    while (submitted < Math.min(committed, Math.min(cut, limit)) && submitted - retired < depth) {
      if (!submitNext()) {
        break;
      }
    }
    if (submitted > first && index.isKept()) {
      // While the drive works on them: nobody writes to the slots until they are released.
      queue.ring();
      for (long position = first; position < submitted; position++) {
        dataCrc[slot(position)] = checksum(position, length[slot(position)]);
      }
    }
    return work + (int) (submitted - first);
  }

  private int resubmit() {
    int work = 0;
    long now = options.nanoClock().getAsLong();
    long end = Math.min(Math.min(submitted, cut), badFrom);
    for (long position = retired; position < end && again > 0; position++) {
      int slot = slot(position);
      if (state[slot] == AGAIN && retry[slot].isDue(now) && request(position)) {
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
      again -= state[slot(position)] == AGAIN ? 1 : 0;
    }
    placement.resumeBehind(address[slot(badFrom)], length[slot(badFrom)]);
    steppedOver++;
    submitted = badFrom;
    badFrom = NOWHERE;
    if (cutReason == EndReason.DATA_FULL || cutReason == EndReason.INDEX_FULL) {
      // It will be full again, perhaps sooner.
      cut = NO_CUT;
      cutReason = EndReason.NONE;
      partial = -1;
      partialLost = 0;
    }
    return 1;
  }

  private boolean submitNext() {
    if (index.remaining() < entriesFor(submitted - retired + 1)) {
      cutAt(submitted, EndReason.INDEX_FULL);
      return false;
    }
    int slot = slot(submitted);
    if (queue.outstanding() == queue.depth()) {
      return false;
    }
    int bytes = ring.length(submitted);
    long place = placement.place(bytes);
    if (place < 0) {
      // What fits is kept; a piece of the ring's slot is whole blocks, as the room is.
      int room = (int) placement.room();
      if (room > 0) {
        partial = submitted;
        partialLost = bytes - room;
        partialTime = ring.time(submitted);
        bytes = room;
        place = placement.place(bytes);
      }
      cutAt(room > 0 ? submitted + 1 : submitted, EndReason.DATA_FULL);
      if (room <= 0) {
        return false;
      }
    }
    address[slot] = place;
    length[slot] = bytes;
    retry[slot].reset();
    pad(ring.address(submitted), bytes);
    if (!request(submitted)) {
      state[slot] = AGAIN;
      again++;
    }
    submitted++;
    return true;
  }

  private static int entriesFor(long chunks) {
    return (int) chunks * ENTRIES_PER_CHUNK + RESERVE;
  }

  private boolean request(long position) {
    int slot = slot(position);
    if (!queue.write(
        address[slot],
        (int) Placement.padded(length[slot]),
        ring.memory(),
        ring.offset(position),
        options.flush().forceUnitAccess(),
        position)) {
      return false;
    }
    state[slot] = IN_FLIGHT;
    inFlight++;
    submittedAt[slot] = options.nanoClock().getAsLong();
    pauses.submitted(submittedAt[slot]);
    return true;
  }

  private int checksum(long position, int bytes) {
    ByteBuffer buffer = ring.buffer(position);
    crc.reset();
    crc.update(buffer.position(0).limit(bytes));
    return (int) crc.getValue();
  }

  /** Zeros behind the chunk up to a whole block; the slot has room, being whole blocks itself. */
  private static void pad(long slotAddress, int bytes) {
    long at = slotAddress + bytes;
    long end = slotAddress + Placement.padded(bytes);
    for (; at < end && (at & 7) != 0; at++) {
      OffHeap.putByte(at, (byte) 0);
    }
    for (; at < end; at += 8) {
      OffHeap.putLong(at, 0);
    }
  }

  // ------------------------------------------------------------------------------------- complete

  /** A write has completed. */
  void completed(long position, int status) {
    int slot = slot(position);
    long now = options.nanoClock().getAsLong();
    inFlight--;
    pauses.completed(now, inFlight);
    figures.write(now - submittedAt[slot]);
    if (status == 0) {
      state[slot] = DONE;
      badPlaces = 0;
    } else if (retry[slot].failed(drive, status, now)) {
      figures.retry();
      state[slot] = AGAIN;
      again++;
    } else if (index.isKept()
        && RetryRule.isBadPlace(status)
        && position < cut
        && ++badPlaces <= MAX_BAD_PLACES) {
      state[slot] = BAD;
      badFrom = Math.min(badFrom, position);
    } else {
      state[slot] = DONE;
      if (position < cut) {
        failure = status;
        failedAddress = address[slot];
        cutAt(position, EndReason.COMMAND_FAILED);
      }
    }
  }

  private void cutAt(long position, EndReason reason) {
    if (position < cut) {
      cut = position;
      cutReason = reason;
      ring.stop();
    }
  }

  /** Retires what is done, in order, as far as the index can take it. */
  int retire() {
    long before = retired;
    long end = Math.min(Math.min(submitted, cut), badFrom);
    while (retired < end && state[slot(retired)] == DONE) {
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
    int slot = slot(retired);
    long gap = ring.gapBefore(retired);
    if (gap > 0) {
      Incidents.gap(streamBytes, gap);
      streamBytes += gap;
      figures.gap(gap);
      index.gap(gap, ring.gapTime(retired), ring.isGapEstimated(retired));
    }
    index.chunk(address[slot], length[slot], ring.time(retired), dataCrc[slot]);
    streamBytes += length[slot];
    figures.chunk(length[slot]);
    figures.lastAddress(address[slot] + length[slot]);
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
    if (retired < cut || inFlight > 0) {
      return 0;
    }
    if (partial == cut - 1 && partialLost > 0) {
      lose(partialLost, partialTime, false);
      partialLost = 0;
    }
    long before = retired;
    for (long committed = ring.committed(); retired < committed; retired++) {
      lose(ring.gapBefore(retired), ring.gapTime(retired), ring.isGapEstimated(retired));
      lose(ring.length(retired), ring.time(retired), false);
    }
    again = 0;
    submitted = Math.max(submitted, retired);
    if (retired > before) {
      release(before);
    }
    return (int) (retired - before);
  }

  /** Adds to the gap at the end of the recording. */
  void lose(long bytes, long timeNanos, boolean isEstimate) {
    if (bytes > 0) {
      isLostEstimated |= isEstimate;
      if (lost == 0) {
        lostTime = timeNanos;
      }
      lost += bytes;
    }
  }

  /**
   * Tells the index of the gap at the end, if there is one.
   *
   * @return false if the index has no room now
   */
  boolean finish() {
    if (lost == 0) {
      return true;
    }
    if (!index.hasRoom(1)) {
      return false;
    }
    index.gap(lost, lostTime, isLostEstimated);
    Incidents.gap(streamBytes, lost);
    streamBytes += lost;
    figures.gap(lost);
    lost = 0;
    isLostEstimated = false;
    return true;
  }

  // ---------------------------------------------------------------------------------------- state

  /** Whether nothing is in flight and nothing waits for another attempt. */
  boolean isSettled() {
    return inFlight == 0 && retired == submitted;
  }

  /** Whether all is settled up to where it ends. */
  boolean isAtEnd() {
    return isSettled() && retired >= Math.min(cut, limit);
  }

  boolean isCut() {
    return cut != NO_CUT;
  }

  EndReason cutReason() {
    return cutReason;
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
