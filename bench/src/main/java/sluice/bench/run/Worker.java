package sluice.bench.run;

import java.util.List;
import java.util.function.LongSupplier;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.job.PerDirection;
import sluice.bench.job.RwMode;
import sluice.bench.job.Verification;
import sluice.bench.load.BlockCheck;
import sluice.bench.result.JobResult;
import sluice.bench.result.VerifyResult;
import sluice.nvme.IoQueue;
import sluice.nvme.NvmeException;
import sluice.support.agent.Agent;
import sluice.support.linux.ThreadUsage;

/**
 * One clone of a job on I/O queues of its own or shared ones, from its begin to its end: an {@link
 * Issuer} sends what the {@link Course} says, a {@link Reaper} takes in what has completed, and the
 * {@link Meter} is told of it. An agent that may share its thread with others.
 */
final class Worker implements Agent, Rest.Sleeper {
  /** What it is at. */
  enum Phase {
    DELAYED,
    RUNNING,
    DRAINING,
    VERIFYING,
    ENDED
  }

  private static final PerDirection<Boolean> READS = new PerDirection<>(true, false, false);

  private final JobOptions job;
  private final Plan plan;
  private final JobLogs logs;
  private final Ports ports;
  private final Slots slots;
  private final Throttle throttle;
  private final Meter meter;
  private final Now now;
  private final Course course;
  private final Stream stream;
  private final Verifier verifier;
  private final Outcome outcome = new Outcome();
  private final MeasuredUsage usage = new MeasuredUsage();
  private final Issuer issuer;
  private final Reaper reaper;
  private final PerDirection<Boolean> active;

  /** Null if nothing looks for a depth. */
  private final DepthSearch search;

  private volatile Phase phase = Phase.DELAYED;
  private volatile boolean stopping;

  private long delayEnd;
  private long begin;
  private long measuredFrom;
  private long timedFrom;
  private long end;
  private boolean ramping;
  private boolean flushAtEnd;

  /** Those that must have ended before it begins. */
  private List<Worker> waitees = List.of();

  /**
   * @param ports to all drives of its plan
   * @param flow in which it is; null for none
   */
  Worker(Clone clone, Ports ports, Slots slots, LongSupplier clock, Flow flow) {
    job = clone.job();
    plan = clone.plan();
    logs = clone.logs();
    this.ports = ports;
    this.slots = slots;
    RwMode mode = job.get(Options.RW);
    BlockCheck check = job.get(Options.VERIFY) == Verification.NONE ? null : new BlockCheck(job);
    boolean readsBack = job.get(Options.VERIFY_BACKLOG) > 0 && plan.limits().verifies();
    active = new PerDirection<>(mode.reads() || readsBack, mode.writes(), mode.trims());
    throttle = new Throttle(job, slots.count, plan.seed(), flow);
    search = throttle.search();
    IoNames names = new IoNames(job.name(), ports, slots);
    meter = new Meter(clone, throttle.isPaced(), slots, names, ports);
    now = new Now(clock, meter);
    course = new Course(job, plan, ports, throttle, check != null);
    stream = new Stream(throttle, course, meter);
    verifier = new Verifier(check, slots);
    Requester requester = new Requester(job, ports, slots, check, plan.seed() + 7);
    Lane lane = new Lane(ports, slots, requester, throttle, stream, meter, now);
    issuer = new Issuer(lane, course, check != null && !mode.destroys());
    reaper = new Reaper(lane, verifier, outcome, job.get(Options.VERIFY_FATAL));
  }

  @Override
  public String name() {
    return job.name();
  }

  /** Others work on its thread too. Before it begins. */
  void sharesItsThread() {
    reaper.sharesItsThread();
  }

  @Override
  public IoQueue awaited() {
    return slots.inFlight() == 0 ? null : ports.awaitable();
  }

  @Override
  public long restNanos() {
    long time = now.nanos();
    if (phase == Phase.ENDED) {
      return Long.MAX_VALUE;
    }
    if (phase == Phase.DELAYED) {
      return isWaiting() ? Rest.MOST_NANOS : delayEnd - time;
    }
    if (slots.inFlight() > 0) {
      return ports.awaitable() == null ? 0 : throttle.patience(time, Rest.MOST_NANOS);
    }
    return phase == Phase.RUNNING && throttle.needsClock()
        ? throttle.patience(time, plan.limits().runtimeNanos() - (time - timedFrom))
        : 0;
  }

  @Override
  public void rested(long nanos) {
    meter.slept(nanos);
    reaper.lookNext();
  }

  /**
   * Sets when it begins; before its thread does.
   *
   * @param runStart when the run began
   */
  void beginAt(long nanos, long runStart) {
    delayEnd = nanos;
    stream.base(runStart);
  }

  /** Sets for whom it waits with its begin; before its thread begins. */
  void waitFor(List<Worker> others) {
    waitees = List.copyOf(others);
  }

  private boolean isWaiting() {
    for (int i = 0; i < waitees.size(); i++) {
      if (!waitees.get(i).isEnded()) {
        return true;
      }
    }
    return false;
  }

  /** Asks it to issue no more, and to end when all has come back. From any thread. */
  void stop() {
    stopping = true;
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
      breakOff(e.getMessage());
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
      breakOff("broke off: " + fault);
    }
  }

  private void breakOff(String why) {
    outcome.fail(Failure.IO, why);
    if (usage.hasBegun()) {
      meter.suspend(now.nanos(), activeNow());
    }
    meter.stuck().endAll(now.nanos(), "never came back: " + why);
    end();
  }

  /** The ways in which it does I/O now. */
  private PerDirection<Boolean> activeNow() {
    return course.isChecking() ? READS : active;
  }

  private int waitForBegin() {
    long time = now.lookBefore();
    if (stopping) {
      begin = time;
      measuredFrom = time;
      end();
      return 1;
    }
    if (time - delayEnd < 0 || isWaiting()) {
      return 0;
    }
    begin = time;
    measuredFrom = time;
    timedFrom = time;
    ramping = plan.rampNanos() > 0;
    usage.begin();
    meter.begin(time, ramping);
    throttle.begin(time);
    if (job.get(Options.VERIFY_ONLY)) {
      course.beginWithChecks();
      beginVerifying();
    } else {
      phase = Phase.RUNNING;
    }
    return 1;
  }

  /** Reaps, and issues. */
  private int turn() {
    int reaped = reap();
    if (reaper.hasLooked()) {
      lookAtTheTime();
    }
    if (phase == Phase.DRAINING || stopping) {
      stream.end(now.nanos());
      phase = Phase.DRAINING;
      return 1;
    }
    int issued = issuer.issue(reaped);
    if (course.isRoundOver()) {
      leaveRound();
    }
    return reaped + issued;
  }

  private int reap() {
    int reaped = reaper.reap(phase == Phase.RUNNING);
    if (reaper.breaksOff()) {
      stopping = true;
    }
    return reaped;
  }

  private void lookAtTheTime() {
    long time = now.nanos();
    meter.pass(time);
    if (ramping && time - begin >= plan.rampNanos()) {
      ramping = false;
      timedFrom = time;
      measureFrom(time);
    }
    if (search != null) {
      search.pass(time);
    }
    if (phase == Phase.RUNNING) {
      boolean timeIsUp = !ramping && timeIsUp(time);
      if (timeIsUp || (search != null && (isConfirmationDue() || search.isOver()))) {
        leaveRound();
      } else if (!ramping && throttle.isTooSlow(time, meter.bytes())) {
        outcome.fail(Failure.TOO_SLOW, "slower than its rate_min");
        phase = Phase.DRAINING;
      }
    }
  }

  private boolean timeIsUp(long time) {
    return time - timedFrom >= plan.limits().runtimeNanos();
  }

  /** What was measured until now is forgotten. */
  private void measureFrom(long time) {
    measuredFrom = time;
    usage.begin();
    meter.begin(time, false);
    throttle.measureFrom(time);
  }

  /** Whether a depth was found, of which alone the report is to tell. */
  private boolean isConfirmationDue() {
    return search != null && search.isFound() && !search.isConfirming();
  }

  /** All of a round is out. */
  private void leaveRound() {
    stream.end(now.nanos());
    if (job.get(Options.END_FSYNC)
        && active.write()
        && !course.isFlushDue()
        && !course.isChecking()) {
      flushAtEnd = true;
    }
    phase = Phase.DRAINING;
  }

  /** Waits until all has come back; then there is a round to verify, another one, or the end. */
  private int drain() {
    int reaped = reap();
    if (slots.inFlight() > 0) {
      return reaped;
    }
    long time = now.look();
    if (isConfirmationDue() && !stopping && !outcome.isFailed() && !timeIsUp(time)) {
      search.confirm(time);
      measureFrom(time);
      flushAtEnd = false;
      phase = Phase.RUNNING;
      return 1;
    }
    if (flushAtEnd && !outcome.isFailed()) {
      flushAtEnd = issuer.flush();
      return 1;
    }
    course.drop();
    meter.suspend(time, activeNow());
    if (course.isChecking()) {
      leaveVerifying();
    } else if (plan.limits().verifies() && !outcome.isFailed() && course.ios() > 0 && !stopping) {
      course.beginChecks();
      beginVerifying();
    } else {
      end();
    }
    return 1;
  }

  private void beginVerifying() {
    meter.resume(now.nanos());
    phase = Phase.VERIFYING;
  }

  private void leaveVerifying() {
    course.endChecks();
    Limits limits = plan.limits();
    boolean timeIsUp = timeIsUp(now.nanos()) || course.ios() >= limits.ios();
    boolean over = stopping || timeIsUp || course.rounds() >= limits.rounds();
    Failure failure = failure();
    if (over
        || job.get(Options.VERIFY_ONLY)
        || (failure != null && failure.errno() == Failure.IO)) {
      end();
      return;
    }
    course.beginAgain();
    meter.resume(now.nanos());
    stream.resume(now.nanos());
    phase = Phase.RUNNING;
  }

  private void end() {
    end = now.nanos();
    usage.end();
    throttle.end();
    phase = Phase.ENDED;
  }

  // For those who look on or ask when it has ended.

  JobOptions job() {
    return job;
  }

  Plan plan() {
    return plan;
  }

  JobLogs logs() {
    return logs;
  }

  Phase phase() {
    return phase;
  }

  boolean isEnded() {
    return phase == Phase.ENDED;
  }

  /** Why it ended before its time; null if it did not. */
  Failure failure() {
    return outcome.failure();
  }

  Meter meter() {
    return meter;
  }

  /** What it has done until now; from any thread. */
  Tally tally() {
    return reaper.tally();
  }

  /** What its thread used while it measured; on that thread, unless it has ended. */
  ThreadUsage usage() {
    return usage.soFar();
  }

  /** Puts what it has measured until now into a result, on its thread or when it has ended. */
  void result(JobResult.Builder result, long until) {
    meter.result(result, runtimeNanos(until), until, activeNow());
  }

  long beginNanos() {
    return begin;
  }

  /** When it has ended, or until now if it goes on. */
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
