package sluice.bench.run;

import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.job.PerDirection;
import sluice.bench.job.Verification;
import sluice.bench.result.Backlog;
import sluice.bench.result.DepthCounts;
import sluice.bench.result.Depths;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.JobResult;
import sluice.bench.result.LatencyRecorder;
import sluice.bench.result.LatencyResult;

/**
 * Measures a job: told by its worker what happens, and when. Allocates nothing per I/O; ten times a
 * second it does, for the plots.
 */
final class Meter {
  private static final long MILLI = 1_000_000;

  /** What plots over time are made of, until a run is so long that steps are joined. */
  private static final long STEP_NANOS = 100 * MILLI;

  private static final Direction[] WAYS = Direction.values();

  private final WayMeter[] ways = new WayMeter[WAYS.length];

  /** Null where there are none: recorders are large, and there may be many jobs. */
  private final LatencyRecorder flushes;

  private final DepthCounts levels = new DepthCounts();
  private final DepthCounts submits = new DepthCounts();
  private final DepthCounts completes = new DepthCounts();
  private final PauseMeter pauses;

  /** Null without a pace. */
  private final BacklogMeter backlog;

  /** By port. */
  private final DriveMeter[] drives;

  private final IoNames names;
  private final StuckMeter stuck;
  private final SlowestMeter slowest;
  private final RateWindow[] windows;
  private final JobLogs logs;
  private boolean logging;
  private boolean tellsIntervals;
  private long origin;
  private long phaseStart;
  private boolean inPhase;

  /**
   * @param slots the job's I/Os, and what they are
   * @param ports whose drives are measured each by itself
   */
  Meter(Clone clone, boolean paced, Slots slots, IoNames names, Ports ports) {
    JobOptions job = clone.job();
    logs = clone.logs();
    this.names = names;
    stuck = new StuckMeter(clone.plan().outliers().stuckNanos(), slots, names);
    slowest = new SlowestMeter(clone.plan().outliers().slowest(), names);
    for (Direction way : WAYS) {
      boolean isRead = way == Direction.READ && job.get(Options.VERIFY) != Verification.NONE;
      if (isRead || job.get(Options.RW).does(way)) {
        ways[way.number()] = new WayMeter(paced, clone.plan().mostIntervals());
      }
    }
    drives = new DriveMeter[clone.plan().tellsDrives() ? ports.count() : 0];
    for (int port = 0; port < drives.length; port++) {
      drives[port] = new DriveMeter(ports.get(port), clone.plan().pauseNanos(), ways);
    }
    boolean flushing = job.get(Options.FSYNC) > 0 || job.get(Options.END_FSYNC);
    flushes = flushing ? new LatencyRecorder() : null;
    pauses =
        new PauseMeter(
            clone.plan().pauseNanos(),
            ports.count() == 1 ? ports.get(0).stalls() : ports::stalledNanos);
    backlog = paced ? new BacklogMeter() : null;
    RateWindow bandwidth =
        new RateWindow(
            job.get(Options.BWAVGTIME),
            false,
            (way, end, nanos, bytes, ios) -> {
              if (ios > 0) {
                ways[way.number()].bandwidth.add(perSecond(bytes, nanos) / 1024);
              }
            });
    RateWindow iops =
        new RateWindow(
            job.get(Options.IOPSAVGTIME),
            false,
            (way, end, nanos, bytes, ios) -> {
              if (ios > 0) {
                ways[way.number()].iops.add(perSecond(ios, nanos));
              }
            });
    RateWindow steps =
        new RateWindow(
            STEP_NANOS,
            true,
            (way, end, nanos, bytes, ios) -> {
              WayMeter meter = ways[way.number()];
              if (meter != null) {
                meter.step(
                    (end - nanos - origin) / MILLI,
                    (end - origin) / MILLI,
                    bytes,
                    ios,
                    tellsIntervals ? interval -> logs.interval(way, interval) : null);
              }
            });
    windows =
        logs.windowNanos() == 0
            ? new RateWindow[] {bandwidth, iops, steps}
            : new RateWindow[] {bandwidth, iops, steps, logWindow()};
  }

  private RateWindow logWindow() {
    return new RateWindow(
        logs.windowNanos(),
        true,
        (way, end, nanos, bytes, ios) -> {
          if (ios > 0 && logging) {
            logs.rates(
                (end - origin) / MILLI, way, perSecond(bytes, nanos) / 1024, perSecond(ios, nanos));
          }
        });
  }

  private static long perSecond(long amount, long nanos) {
    return Math.round(amount * 1e9 / Math.max(1, nanos));
  }

  /**
   * The job begins, or its ramp has ended: what was measured until now is forgotten, and times are
   * counted from here.
   *
   * @param ramping whether it begins with a ramp, of which nothing gets into logs
   */
  void begin(long now, boolean ramping) {
    logging = !ramping && !logs.isEmpty();
    tellsIntervals = !ramping && logs.wantsIntervals();
    for (WayMeter way : ways) {
      if (way != null) {
        way.reset();
      }
    }
    if (flushes != null) {
      flushes.reset();
    }
    for (DriveMeter drive : drives) {
      drive.begin(now);
    }
    levels.reset();
    submits.reset();
    completes.reset();
    pauses.begin(now);
    if (backlog != null) {
      backlog.begin(now);
    }
    origin = now;
    names.begin(now);
    slowest.reset();
    resume(now);
  }

  /** How far the job is behind its stream; null if it has no pace. */
  BacklogMeter backlog() {
    return backlog;
  }

  /** Looks for what does not come back. */
  StuckMeter stuck() {
    return stuck;
  }

  /** A phase begins in which there is I/O. */
  void resume(long now) {
    phaseStart = now;
    inPhase = true;
    for (RateWindow window : windows) {
      window.reset(now);
    }
  }

  /** A phase has ended, in which there were I/Os of some directions. */
  void suspend(long now, PerDirection<Boolean> active) {
    inPhase = false;
    for (Direction way : WAYS) {
      if (active.of(way) && ways[way.number()] != null) {
        ways[way.number()].active(now - phaseStart);
      }
    }
    for (RateWindow window : windows) {
      window.end(now);
    }
    for (Direction way : WAYS) {
      if (tellsIntervals && ways[way.number()] != null) {
        ways[way.number()].endSecond(interval -> logs.interval(way, interval));
      }
    }
  }

  /** Time has gone by. */
  void pass(long now) {
    for (RateWindow window : windows) {
      window.pass(now);
    }
  }

  /** An I/O goes out, and so many are in flight with it. */
  void issued(int inFlight) {
    levels.addLevel(inFlight);
  }

  void submitted(int count) {
    submits.addBatch(count);
  }

  /** Something goes to a drive with the next doorbell. */
  void issuedOn(int port) {
    if (drives.length > 0) {
      drives[port].issued();
    }
  }

  /** The doorbells were rung. */
  void rung(long now) {
    for (DriveMeter drive : drives) {
      drive.rung(now);
    }
  }

  void awake(long now) {
    pauses.awake(now);
  }

  /** A poll has found nothing. */
  void foundNothing() {
    pauses.foundNothing();
    for (DriveMeter drive : drives) {
      drive.foundNothing();
    }
  }

  /** Its thread has slept until something completed, but not for longer than this. */
  void slept(long most) {
    pauses.slept(most);
    for (DriveMeter drive : drives) {
      drive.slept(most);
    }
  }

  /** The clock was read, as often as it is: who does not look for long does not know the drive. */
  void look(long now) {
    pauses.look(now);
    for (DriveMeter drive : drives) {
      drive.look(now);
    }
  }

  void reaped(int count, long now) {
    completes.addBatch(count);
    pauses.completed(count, now);
    for (DriveMeter drive : drives) {
      drive.reaped(now);
    }
  }

  void flushed(long nanos) {
    flushes.record(nanos);
  }

  /**
   * An I/O has completed.
   *
   * @param others how many are out besides
   */
  void completed(
      int port,
      int way,
      int length,
      long offset,
      long start,
      long issued,
      long due,
      int others,
      long now) {
    long slat = issued - start;
    long clat = now - issued;
    ways[way].completed(slat, clat, Math.max(0, now - due), length);
    for (RateWindow window : windows) {
      window.add(way, length);
    }
    if (slowest.takes(clat)) {
      long stalled = pauses.stalledNanos(issued, now);
      slowest.add(port, way, length, offset, issued, clat, others, stalled);
    }
    if (logging) {
      logs.completed((now - origin) / MILLI, way, length, offset, slat, clat);
    }
  }

  /** Something came back from a drive, whatever it was. */
  void cameBackFrom(int port) {
    if (drives.length > 0) {
      drives[port].cameBack();
    }
  }

  /** As {@link #completed}, of the drive that it was on. */
  void completedOn(int port, int way, int length, long clat) {
    if (drives.length > 0) {
      drives[port].completed(way, length, clat);
    }
  }

  long ios() {
    long ios = 0;
    for (WayMeter way : ways) {
      ios += way == null ? 0 : way.ios();
    }
    return ios;
  }

  long bytes() {
    long bytes = 0;
    for (WayMeter way : ways) {
      bytes += way == null ? 0 : way.bytes();
    }
    return bytes;
  }

  /**
   * Puts all that was measured until now into a result.
   *
   * @param runtimeNanos of the job after its ramp until now
   * @param active the ways in which there is I/O, if a phase goes on
   */
  void result(JobResult.Builder result, long runtimeNanos, long now, PerDirection<Boolean> active) {
    Map<Direction, DirectionResult> done = new EnumMap<>(Direction.class);
    for (Direction way : WAYS) {
      if (ways[way.number()] != null) {
        boolean goesOn = inPhase && active.of(way);
        done.put(way, ways[way.number()].result(goesOn ? now - phaseStart : 0));
      }
    }
    done.forEach(result::direction);
    result.drives(Stream.of(drives).map(drive -> drive.result(done)).toList());
    double measured = runtimeNanos == 0 ? 0 : bytes() * 1e9 / runtimeNanos;
    result
        .sync(flushes == null ? LatencyResult.none() : flushes.result())
        .depths(new Depths(levels.copy(), submits.copy(), completes.copy()))
        .pauses(pauses.pauses(measured))
        .stalls(pauses.stalls())
        .stuck(stuck.result(now))
        .slowest(slowest.result())
        .backlog(backlog == null ? Backlog.NONE : backlog.result())
        .runtimeMillis(Math.max(1, Math.round(runtimeNanos / 1e6)));
  }
}
