package sluice.bench.run;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.job.PerDirection;
import sluice.bench.job.RwMode;
import sluice.bench.job.Verification;
import sluice.bench.load.BlockCheck;
import sluice.bench.load.Load;
import sluice.bench.result.Direction;
import sluice.bench.result.JobResult;
import sluice.bench.result.VerifyResult;
import sluice.nvme.CompletionHandler;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeException;
import sluice.nvme.spec.Status;
import sluice.support.agent.Agent;
import sluice.support.linux.ThreadUsage;

/**
 * One clone of a job on an I/O queue of its own: issues what the load says when it is time, reaps
 * what has completed, and tells its {@link Meter}. An agent that may share its thread with others.
 */
final class Worker implements Agent {
  /** What it is at. */
  enum Phase {
    DELAYED,
    RUNNING,
    DRAINING,
    VERIFYING,
    ENDED
  }

  private static final int IDLE_TURNS = 64;

  private static final long MOST_IDLE_NANOS = 1_000_000;
  private static final int READ = Direction.READ.number();
  private static final int WRITE = Direction.WRITE.number();
  private static final PerDirection<Boolean> READS = new PerDirection<>(true, false, false);

  private final JobOptions job;
  private final Plan plan;
  private final IoQueue queue;
  private final LongSupplier clock;
  private final Slots slots;
  private final Load load;
  private final Meter meter;
  private final Throttle throttle;
  private final Requester requester;
  private final Verifier verifier;
  private final DepthSearch search;

  /** Null without a pace. */
  private final BacklogMeter backlog;

  private final CompletionHandler handler = this::completed;
  private final PerDirection<Boolean> active;
  private final boolean checksReads;
  private final int flushEvery;
  private final int greatestBlock;

  /** Turns in which nothing happens between two looks at the clock. */
  private int idleTurnsPerLook = IDLE_TURNS;

  private final Tally tally = new Tally();

  private volatile Phase phase = Phase.DELAYED;
  private volatile boolean stopping;
  private volatile Failure failure;

  private long now;
  private boolean clockRead;
  private int reaped;
  private int idleTurns;
  private boolean picked;
  private boolean flushDue;
  private boolean flushAtEnd;
  private boolean verifyNext;
  private long delayEnd;
  private long begin;
  private long measuredFrom;
  private long end;
  private boolean ramping;
  private long round;
  private long roundBytes;
  private long issuedIos;
  private long lastNumber;
  private int writesUntilFlush;
  private ThreadUsage usage;
  private ThreadUsage usedBefore;

  Worker(
      JobOptions job, Plan plan, IoQueue queue, Namespace drive, Slots slots, LongSupplier clock) {
    this.job = job;
    this.plan = plan;
    this.queue = queue;
    this.clock = clock;
    this.slots = slots;
    this.load = new Load(job, plan.region().parts(), plan.seed());
    this.throttle = new Throttle(job, slots.count, plan.seed());
    this.meter = new Meter(job, plan.number(), throttle.isPaced(), plan.pauseNanos());
    BlockCheck check = job.get(Options.VERIFY) == Verification.NONE ? null : new BlockCheck(job);
    this.requester = new Requester(job, queue, drive, slots, check, plan.seed() + 7);
    this.verifier = new Verifier(check, slots);
    this.search = throttle.search();
    this.backlog = meter.backlog();
    RwMode mode = job.get(Options.RW);
    this.active = new PerDirection<>(mode.reads(), mode.writes(), mode.trims());
    this.checksReads = verifier.isOn() && !mode.destroys();
    this.greatestBlock = job.greatestBlock();
    this.flushEvery = job.get(Options.FSYNC);
  }

  @Override
  public String name() {
    return job.name();
  }

  /**
   * What its thread does after a turn without work, if it has the thread for itself: waits for an
   * interrupt where there are any, but not beyond what it has to do by itself.
   */
  void idle() {
    if (phase == Phase.DELAYED) {
      LockSupport.parkNanos(Math.clamp(delayEnd - clock.getAsLong(), 1, MOST_IDLE_NANOS));
    } else if (!queue.canWait()) {
      Thread.onSpinWait();
    } else {
      long patience = throttle.patience(now, MOST_IDLE_NANOS);
      if (!queue.await(patience)) {
        // The wait took its time.
        idleTurns = idleTurnsPerLook;
      }
      meter.slept(patience);
    }
  }

  /** Others work on its thread too: a turn may take long, and each is looked at by itself. */
  void sharesItsThread() {
    idleTurnsPerLook = 1;
  }

  /**
   * Sets when it begins; before its thread does.
   *
   * @param runStart when the run began
   */
  void beginAt(long nanos, long runStart) {
    delayEnd = nanos;
    if (backlog != null) {
      backlog.base(runStart);
    }
  }

  /** Asks it to issue no more, and to end when all has come back. From any thread. */
  void stop() {
    stopping = true;
  }

  Phase phase() {
    return phase;
  }

  boolean isEnded() {
    return phase == Phase.ENDED;
  }

  /** Why it ended before its time; null if it did not. */
  Failure failure() {
    return failure;
  }

  @Override
  public int doWork() {
    try {
      return switch (phase) {
        case DELAYED -> waitForBegin();
        case RUNNING, VERIFYING -> turn();
        case DRAINING -> drain();
        case ENDED -> 0;
      };
    } catch (NvmeException e) {
      // The drive is gone or has failed: nothing will come back.
      fail(Failure.IO, e.getMessage());
      if (usedBefore != null) {
        meter.suspend(now, activeNow());
      }
      end();
      return 1;
    }
  }

  /**
   * Ends by a fault of this program, on its own thread: what it has measured is there.
   *
   * @param fault of this worker or of one that it shares its thread with
   */
  void breakOff(Throwable fault) {
    if (phase != Phase.ENDED) {
      fail(Failure.IO, "broke off: " + fault);
      if (usedBefore != null) {
        meter.suspend(now, activeNow());
      }
      end();
    }
  }

  /** The ways in which it does I/O now. */
  private PerDirection<Boolean> activeNow() {
    return verifyNext ? READS : active;
  }

  private int waitForBegin() {
    now = clock.getAsLong();
    if (stopping) {
      begin = now;
      measuredFrom = now;
      end();
      return 1;
    }
    if (now - delayEnd < 0) {
      return 0;
    }
    begin = now;
    measuredFrom = now;
    ramping = plan.rampNanos() > 0;
    usedBefore = ThreadUsage.ofThisThread();
    meter.begin(now, ramping);
    throttle.begin(now);
    writesUntilFlush = flushEvery;
    if (job.get(Options.VERIFY_ONLY)) {
      lastNumber = Long.MAX_VALUE;
      beginVerifying();
    } else {
      phase = Phase.RUNNING;
    }
    return 1;
  }

  /** Reaps, and issues. */
  private int turn() {
    int reapedNow = reap();
    if (clockRead) {
      lookAtTheTime();
    }
    if (phase == Phase.DRAINING || stopping) {
      endStream();
      phase = Phase.DRAINING;
      return 1;
    }
    return reapedNow + issue(reapedNow);
  }

  private int reap() {
    clockRead = false;
    reaped = 0;
    queue.poll(handler);
    if (reaped > 0) {
      meter.reaped(reaped, now);
      throttle.reaped(reaped);
    } else {
      meter.foundNothing();
      if (throttle.needsClock() || ++idleTurns >= idleTurnsPerLook) {
        look();
        clockRead = true;
        idleTurns = 0;
      }
    }
    return reaped;
  }

  private void look() {
    now = clock.getAsLong();
    meter.look(now);
  }

  private void lookAtTheTime() {
    meter.pass(now);
    if (ramping && now - begin >= plan.rampNanos()) {
      ramping = false;
      measuredFrom = now;
      usedBefore = ThreadUsage.ofThisThread();
      meter.begin(now, false);
      throttle.measureFrom(now);
    }
    if (search != null) {
      search.pass(now);
    }
    if (phase == Phase.RUNNING) {
      boolean timeIsUp = !ramping && now - measuredFrom >= plan.limits().runtimeNanos();
      if (timeIsUp || (search != null && search.isFound())) {
        leaveRound();
      } else if (!ramping && throttle.isTooSlow(now, meter.bytes())) {
        fail(Failure.TOO_SLOW, "slower than its rate_min");
        phase = Phase.DRAINING;
      }
    }
  }

  /** Issues what can be issued now; one doorbell, and one look at the clock, for all of it. */
  private int issue(int reapedNow) {
    int room = throttle.room(slots.inFlight(), now);
    if (room <= 0) {
      return 0;
    }
    if (reapedNow != 1) {
      // Long ago, or there were several, each of which took its time.
      look();
    }
    int before = slots.inFlight();
    int count = 0;
    while (count < room && pick() && throttle.isDue(wayPicked(), now) && submit()) {
      count++;
    }
    if (backlog != null) {
      lookAtBacklog();
    }
    if (count == 0) {
      return 0;
    }
    queue.ring();
    long issued = clock.getAsLong();
    meter.look(issued);
    throttle.stamp(slots, issued);
    meter.submitted(count);
    if (before == 0) {
      meter.awake(issued);
    }
    return count;
  }

  /** Its stream has ended when all of its rest has come due. */
  private void lookAtBacklog() {
    long waiting = throttle.waitingBytes(now);
    long left = bytesLeft();
    if (waiting >= left) {
      backlog.end(now, left);
    } else {
      backlog.look(now, waiting);
    }
  }

  /** Its time is up, or it was stopped. */
  private void endStream() {
    if (backlog != null) {
      backlog.end(now, Math.min(throttle.waitingBytes(now), bytesLeft()));
    }
  }

  /** What may be issued of this round still. */
  private long bytesLeft() {
    Limits limits = plan.limits();
    if (limits.endsWithPass() && load.isAtEndOfPass()) {
      return picked ? load.length() : 0;
    }
    long bytes = limits.roundBytes() - roundBytes;
    long ios = limits.ios() - issuedIos;
    return ios > bytes / greatestBlock ? bytes : ios * greatestBlock;
  }

  private int wayPicked() {
    return flushDue ? Slots.FLUSH : verifyNext ? READ : load.direction().number();
  }

  /** Chooses the next I/O, unless the last is still to be submitted; false if there is none. */
  private boolean pick() {
    if (picked || flushDue) {
      return true;
    }
    if (verifyNext) {
      return pickCheck();
    }
    if (roundBytes >= plan.limits().roundBytes()
        || issuedIos >= plan.limits().ios()
        || (plan.limits().endsWithPass() && load.isAtEndOfPass())) {
      leaveRound();
      return false;
    }
    // Two writes of a block at once could end in any order: what is verified is not written so.
    if (verifier.isOn() && load.isAtEndOfPass() && slots.inFlight() > 0) {
      return false;
    }
    // What is verified is gone through again without a pace.
    load.next(verifier.isOn() ? null : throttle.dueFirst());
    picked = true;
    return true;
  }

  private boolean pickCheck() {
    do {
      if (load.number() >= lastNumber || roundBytes >= plan.limits().roundBytes()) {
        phase = Phase.DRAINING;
        return false;
      }
      load.next();
      roundBytes += load.length();
    } while (load.direction() != Direction.WRITE);
    picked = true;
    return true;
  }

  private boolean submit() {
    int slot = slots.take();
    boolean isFlush = flushDue;
    int way = wayPicked();
    slots.way[slot] = way;
    slots.start[slot] = now;
    slots.length[slot] = isFlush ? 0 : load.length();
    slots.offset[slot] = load.offset();
    slots.number[slot] = verifyNext ? load.number() : BlockCheck.ANY_NUMBER;
    slots.checked[slot] = way == READ && (verifyNext || checksReads);
    slots.due[slot] = throttle.due(way, now);
    if (!requester.request(slot, load.number())) {
      slots.release(slot);
      return false;
    }
    throttle.issued(slot, way, slots.length[slot]);
    if (backlog != null && throttle.isPaced(way)) {
      backlog.issued(slots.length[slot]);
    }
    if (isFlush) {
      flushDue = false;
      return true;
    }
    meter.issued(slots.inFlight());
    picked = false;
    if (!verifyNext) {
      roundBytes += slots.length[slot];
      issuedIos++;
      lastNumber = load.number();
      if (way == WRITE && flushEvery > 0 && --writesUntilFlush == 0) {
        writesUntilFlush = flushEvery;
        flushDue = true;
      }
    }
    return true;
  }

  private void completed(long tag, int status) {
    if (!clockRead) {
      // All that one look finds has completed by now, and is so since the last look.
      look();
      clockRead = true;
      if (backlog != null && phase == Phase.RUNNING) {
        lookAtBacklog();
      }
    }
    reaped++;
    int slot = (int) tag;
    int way = slots.way[slot];
    if (status != 0) {
      fail(Failure.IO, requester.describe(slot) + ": " + Status.format(status));
      breakOff();
    } else if (way == Slots.FLUSH) {
      meter.flushed(now - slots.start[slot]);
    } else {
      account(slot, way);
    }
    slots.release(slot);
  }

  private void account(int slot, int way) {
    int length = slots.length[slot];
    long start = slots.start[slot];
    meter.completed(
        way, length, slots.offset[slot], start, slots.issued[slot], slots.due[slot], now);
    if (search != null) {
      search.completed(start, now);
    }
    if (backlog != null && throttle.isPaced(way)) {
      backlog.completed(length);
    }
    tally.add(way, length);
    if (slots.checked[slot] && !verifier.isGood(slot)) {
      fail(Failure.DIFFERENT, "verify failed at " + verifier.firstBadBlock());
      if (job.get(Options.VERIFY_FATAL)) {
        breakOff();
      }
    }
  }

  /** Waits for what is out, and no more. */
  private void breakOff() {
    phase = Phase.DRAINING;
    stopping = true;
  }

  /** The first reason is the one that counts. */
  private void fail(int errno, String text) {
    if (failure == null) {
      failure = new Failure(errno, text);
    }
  }

  /** All of a round is out. */
  private void leaveRound() {
    endStream();
    if (job.get(Options.END_FSYNC) && active.write() && !flushDue && !verifyNext) {
      flushAtEnd = true;
    }
    phase = Phase.DRAINING;
  }

  /** Waits until all has come back; then there is a round to verify, another one, or the end. */
  private int drain() {
    int reapedNow = reap();
    if (slots.inFlight() > 0) {
      return reapedNow;
    }
    flushDue = false;
    picked = false;
    look();
    if (flushAtEnd && failure == null) {
      flushAtEnd = false;
      flushDue = true;
      if (submit()) {
        queue.ring();
        throttle.stamp(slots, clock.getAsLong());
      }
      return 1;
    }
    if (verifyNext) {
      meter.suspend(now, READS);
      leaveVerifying();
    } else {
      meter.suspend(now, active);
      boolean verifies = plan.limits().verifies() && failure == null && issuedIos > 0;
      if (verifies && !stopping) {
        beginVerifying();
      } else {
        end();
      }
    }
    return 1;
  }

  private void beginVerifying() {
    verifyNext = true;
    load.begin(round);
    roundBytes = 0;
    meter.resume(now);
    phase = Phase.VERIFYING;
  }

  private void leaveVerifying() {
    verifyNext = false;
    round++;
    boolean timeIsUp =
        now - measuredFrom >= plan.limits().runtimeNanos() || issuedIos >= plan.limits().ios();
    boolean over = stopping || timeIsUp || round >= plan.limits().rounds();
    if (over
        || job.get(Options.VERIFY_ONLY)
        || (failure != null && failure.errno() == Failure.IO)) {
      end();
      return;
    }
    load.begin(round);
    roundBytes = 0;
    meter.resume(now);
    if (backlog != null) {
      throttle.catchUp(now);
      backlog.resume(now);
    }
    phase = Phase.RUNNING;
  }

  private void end() {
    end = now;
    ThreadUsage used = ThreadUsage.ofThisThread();
    usage = used.since(usedBefore == null ? used : usedBefore);
    phase = Phase.ENDED;
  }

  // For those who look on or ask when it has ended.

  JobOptions job() {
    return job;
  }

  Plan plan() {
    return plan;
  }

  Meter meter() {
    return meter;
  }

  /** What it has done until now; from any thread. */
  Tally tally() {
    return tally;
  }

  /** What its thread used while it measured; on that thread, unless it has ended. */
  ThreadUsage usage() {
    if (phase == Phase.ENDED) {
      return usage;
    }
    ThreadUsage used = ThreadUsage.ofThisThread();
    return used.since(usedBefore == null ? used : usedBefore);
  }

  /** Puts what it has measured until now into a result, on its thread or when it has ended. */
  void result(JobResult.Builder result, long until) {
    meter.result(result, runtimeNanos(until), until, activeNow());
  }

  long beginNanos() {
    return begin;
  }

  /**
   * @param until now, if it goes on
   */
  long endNanos(long until) {
    return phase == Phase.ENDED ? end : until;
  }

  /** When its ramp ended, from which on it was measured. */
  long measuredFromNanos() {
    return measuredFrom;
  }

  /** From the end of its ramp to its end. */
  long runtimeNanos(long until) {
    return endNanos(until) - measuredFrom;
  }

  VerifyResult verified() {
    return verifier.result();
  }

  /** The depth that met {@code latency_target}, or the job's. */
  int depth() {
    return search == null ? slots.count : search.depth();
  }
}
