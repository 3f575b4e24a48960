package sluice.bench.run;

import sluice.nvme.CompletionHandler;
import sluice.nvme.spec.Status;

/** Takes in what has completed: measures it, checks what it has read, and makes its slot free. */
final class Reaper {
  /** Turns in which nothing happens between two looks at the clock. */
  private static final int IDLE_TURNS = 64;

  private final Ports ports;
  private final Slots slots;
  private final Requester requester;
  private final Throttle throttle;
  private final Stream stream;
  private final Meter meter;
  private final Now now;
  private final Verifier verifier;
  private final StuckMeter stuck;
  private final Outcome outcome;
  private final boolean breaksOffWhereDifferent;

  /** Null if nothing looks for a depth. */
  private final DepthSearch search;

  private final Tally tally = new Tally();
  private final CompletionHandler handler = this::completed;
  private int idleTurnsPerLook = IDLE_TURNS;
  private int idleTurns;
  private boolean looked;
  private boolean streaming;
  private int reaped;
  private boolean breaksOff;

  /**
   * @param breaksOffWhereDifferent whether data that is not as it was written ends the job
   */
  Reaper(Lane lane, Verifier verifier, Outcome outcome, boolean breaksOffWhereDifferent) {
    this.ports = lane.ports();
    this.slots = lane.slots();
    this.requester = lane.requester();
    this.throttle = lane.throttle();
    this.stream = lane.stream();
    this.meter = lane.meter();
    this.now = lane.now();
    this.verifier = verifier;
    this.stuck = meter.stuck();
    this.outcome = outcome;
    this.breaksOffWhereDifferent = breaksOffWhereDifferent;
    this.search = throttle.search();
  }

  /** Others work on its thread too: a turn may take long, and each is looked at by itself. */
  void sharesItsThread() {
    idleTurnsPerLook = 1;
  }

  /** Its thread has waited, and that took its time: the next idle turn looks at the clock. */
  void lookNext() {
    idleTurns = idleTurnsPerLook;
  }

  /**
   * Takes in what there is, and looks at the clock then, or now and then.
   *
   * @param inStream whether the job's stream goes on
   * @return how many there were
   */
  int reap(boolean inStream) {
    looked = false;
    streaming = inStream;
    reaped = 0;
    ports.poll(handler);
    if (reaped > 0) {
      meter.reaped(reaped, now.nanos());
      throttle.reaped(reaped);
    } else {
      meter.foundNothing();
      if (throttle.needsClock() || ++idleTurns >= idleTurnsPerLook) {
        now.look();
        looked = true;
        idleTurns = 0;
      }
    }
    if (looked) {
      stuck.look(now.nanos());
    }
    return reaped;
  }

  /** Whether the last {@link #reap} looked at the clock. */
  boolean hasLooked() {
    return looked;
  }

  /** Whether something has completed after which no more is issued. */
  boolean breaksOff() {
    return breaksOff;
  }

  /** What was done until now; from any thread. */
  Tally tally() {
    return tally;
  }

  private void completed(long tag, int status) {
    if (!looked) {
      // All that one look finds has completed by now, and is so since the last look.
      now.look();
      looked = true;
      if (streaming) {
        stream.look(now.nanos());
      }
    }
    reaped++;
    int slot = (int) tag;
    meter.cameBackFrom(slots.port[slot]);
    int way = slots.way[slot];
    if (stuck.isAny()) {
      stuck.ended(slot, now.nanos(), status == 0 ? "completed" : Status.format(status));
    }
    if (status != 0) {
      outcome.fail(Failure.IO, requester.describe(slot) + ": " + Status.format(status));
      breaksOff = true;
    } else if (way == Slots.FLUSH) {
      meter.flushed(now.nanos() - slots.start[slot]);
    } else {
      account(slot, way);
    }
    slots.release(slot);
  }

  private void account(int slot, int way) {
    int length = slots.length[slot];
    long start = slots.start[slot];
    // Those that the same look has found were out until then, too.
    int others = slots.inFlight() + reaped - 2;
    meter.completed(
        slots.port[slot],
        way,
        length,
        slots.offset[slot],
        start,
        slots.issued[slot],
        slots.due[slot],
        others,
        now.nanos());
    meter.completedOn(slots.port[slot], way, length, now.nanos() - slots.issued[slot]);
    if (search != null) {
      search.completed(start, now.nanos());
    }
    stream.completed(way, length);
    tally.add(way, length, now.nanos() - slots.issued[slot]);
    if (slots.checked[slot] && !verifier.isGood(slot)) {
      outcome.fail(Failure.DIFFERENT, "verify failed at " + verifier.firstBadBlock());
      breaksOff |= breaksOffWhereDifferent;
    }
  }
}
