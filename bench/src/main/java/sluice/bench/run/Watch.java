package sluice.bench.run;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.result.Direction;
import sluice.bench.result.Io;
import sluice.bench.result.Progress;
import sluice.bench.result.SteadyState;
import sluice.bench.result.StuckIo;

/** Looks on while jobs run: ends those that are steady or exit together, and tells of progress. */
final class Watch {
  private static final long SECOND = 1_000_000_000;
  private static final long PROGRESS_NANOS = 200_000_000;

  private final List<Worker> workers;
  private final RunOptions options;
  private final long secondsBehind;
  private final List<Steadiness> steadiness = new ArrayList<>();
  private final long begin;
  private final Instant beginTime = Instant.now();
  private long lastProgress;

  /** What is stuck now, by the I/O itself, and when it went out. */
  private final IdentityHashMap<Io, Long> stuck = new IdentityHashMap<>();

  private final long[] lastBytes = new long[Direction.values().length];
  private final long[] lastIos = new long[Direction.values().length];

  /** Workers whose rates are looked at together. */
  private static final class Steadiness {
    final SteadyStateWatch watch;
    final List<Worker> members = new ArrayList<>();
    final long rampNanos;
    final long intervalNanos;
    long begin = -1;
    long sampled;
    long bytes;
    long ios;
    long latency;

    Steadiness(SteadyStateWatch watch, long rampNanos, long intervalNanos) {
      this.watch = watch;
      this.rampNanos = rampNanos;
      this.intervalNanos = intervalNanos;
    }
  }

  /**
   * @param secondsBehind how long it takes after these jobs
   */
  Watch(List<Worker> workers, RunOptions options, long secondsBehind) {
    this.workers = workers;
    this.options = options;
    this.secondsBehind = secondsBehind;
    this.begin = options.nanoClock().getAsLong();
    this.lastProgress = begin;
    Map<Integer, Steadiness> groups = new HashMap<>();
    for (Worker worker : workers) {
      JobOptions job = worker.job();
      if (job.get(Options.STEADYSTATE) == null) {
        continue;
      }
      boolean grouped = job.get(Options.GROUP_REPORTING);
      Steadiness of = grouped ? groups.get(worker.plan().group()) : null;
      if (of == null) {
        of = steadiness(job);
        steadiness.add(of);
        if (grouped) {
          groups.put(worker.plan().group(), of);
        }
      }
      of.members.add(worker);
    }
  }

  private Steadiness steadiness(JobOptions job) {
    long seconds = options.scaled(job.get(Options.STEADYSTATE_DURATION)) / SECOND;
    long interval = Math.max(1, job.get(Options.STEADYSTATE_CHECK_INTERVAL) / SECOND);
    return new Steadiness(
        new SteadyStateWatch(job.get(Options.STEADYSTATE), seconds, interval),
        options.scaled(job.get(Options.STEADYSTATE_RAMP_TIME)),
        interval * SECOND);
  }

  void look(long now) {
    for (Worker worker : workers) {
      if (worker.isEnded() && worker.job().get(Options.EXITALL)) {
        workers.stream()
            .filter(other -> other.plan().group() == worker.plan().group())
            .forEach(Worker::stop);
      }
    }
    steadiness.forEach(of -> sample(of, now));
    workers.forEach(this::tellStuck);
    if (now - lastProgress >= PROGRESS_NANOS) {
      options.onProgress().accept(progress(now));
      lastProgress = now;
    }
  }

  private void tellStuck(Worker worker) {
    StuckMeter.Finding finding;
    while ((finding = worker.meter().stuck().poll()) != null) {
      StuckIo each = finding.stuck();
      if (each.isOver()) {
        stuck.remove(each.io());
      } else {
        stuck.put(each.io(), finding.start());
      }
      options.outliers().onStuck().accept(each, beginTime.plusNanos(finding.start() - begin));
    }
  }

  private List<StuckIo> stuckNow(long now) {
    return stuck.entrySet().stream()
        .map(each -> new StuckIo(each.getKey(), now - each.getValue(), ""))
        .sorted(Comparator.comparingLong(StuckIo::nanos).reversed())
        .toList();
  }

  private static void sample(Steadiness of, long now) {
    long bytes = 0;
    long ios = 0;
    long latency = 0;
    for (Worker worker : of.members) {
      latency += worker.tally().latencyNanos();
      for (Direction way : Direction.values()) {
        bytes += worker.tally().bytes(way);
        ios += worker.tally().ios(way);
      }
    }
    if (of.begin < 0 && ios > 0) {
      of.begin = now;
      of.sampled = now + of.rampNanos;
    }
    long nanos = now - of.sampled;
    if (of.begin < 0 || nanos < 0) {
      of.bytes = bytes;
      of.ios = ios;
      of.latency = latency;
    } else if (nanos >= of.intervalNanos) {
      boolean steady =
          of.watch.sample(
              perSecond(bytes - of.bytes, nanos),
              perSecond(ios - of.ios, nanos),
              (latency - of.latency) / Math.max(1, ios - of.ios));
      of.sampled = now;
      of.bytes = bytes;
      of.ios = ios;
      of.latency = latency;
      if (steady) {
        of.members.forEach(Worker::stop);
      }
    }
  }

  private static long perSecond(long amount, long nanos) {
    return Math.round(amount * 1e9 / nanos);
  }

  /** What became of a job's {@code steadystate}; empty if it has none. */
  Optional<SteadyState> steadyState(Worker worker) {
    return steadiness.stream()
        .filter(of -> of.members.contains(worker))
        .findFirst()
        .map(of -> of.watch.result());
  }

  private Progress progress(long now) {
    List<Character> letters = new ArrayList<>();
    int running = 0;
    double left = 0;
    for (Worker worker : workers) {
      letters.add(letter(worker, now));
      running += worker.isEnded() ? 0 : 1;
      left = Math.max(left, secondsLeft(worker, now));
    }
    double seconds = (now - begin) / 1e9;
    boolean known = left < Long.MAX_VALUE;
    double nanos = now - lastProgress;
    Map<Direction, Double> bytes = new EnumMap<>(Direction.class);
    Map<Direction, Double> ios = new EnumMap<>(Direction.class);
    for (Direction way : Direction.values()) {
      int i = way.number();
      long bytesNow = workers.stream().mapToLong(worker -> worker.tally().bytes(way)).sum();
      long iosNow = workers.stream().mapToLong(worker -> worker.tally().ios(way)).sum();
      if (iosNow > 0
          || workers.stream().anyMatch(worker -> worker.job().get(Options.RW).does(way))) {
        bytes.put(way, (bytesNow - lastBytes[i]) * 1e9 / nanos);
        ios.put(way, (iosNow - lastIos[i]) * 1e9 / nanos);
      }
      lastBytes[i] = bytesNow;
      lastIos[i] = iosNow;
    }
    return new Progress(
        letters,
        running,
        known ? seconds / Math.max(seconds + left, 1e-9) : -1,
        known ? Math.round(left) + secondsBehind : -1,
        bytes,
        ios,
        stuckNow(now));
  }

  /** By its time, and by what it has done so far; the nearer end counts. */
  private static double secondsLeft(Worker worker, long now) {
    if (worker.isEnded() || worker.phase() == Worker.Phase.DELAYED) {
      return 0;
    }
    Limits limits = worker.plan().limits();
    double elapsed = (now - worker.beginNanos()) / 1e9;
    double byTime =
        limits.runtimeNanos() == Long.MAX_VALUE
            ? Long.MAX_VALUE
            : (limits.runtimeNanos() + worker.plan().rampNanos()) / 1e9 - elapsed;
    double bytes = 0;
    for (Direction way : Direction.values()) {
      bytes += worker.tally().bytes(way);
    }
    double all = (double) limits.roundBytes() * (limits.verifies() ? 2.0 * limits.rounds() : 1);
    double byBytes = bytes == 0 ? Long.MAX_VALUE : elapsed * Math.max(0, all - bytes) / bytes;
    return Math.max(0, Math.min(byTime, byBytes));
  }

  private static char letter(Worker worker, long now) {
    return switch (worker.phase()) {
      case DELAYED -> 'P';
      case VERIFYING -> 'V';
      case DRAINING -> 'f';
      case ENDED -> worker.failure() == null ? '_' : 'X';
      case RUNNING ->
          now - worker.beginNanos() < worker.plan().rampNanos() ? '/' : letter(worker.job());
    };
  }

  private static char letter(JobOptions job) {
    var mode = job.get(Options.RW);
    char letter = mode.isMixed() ? 'M' : mode.reads() ? 'R' : mode.trims() ? 'D' : 'W';
    return mode.random() ? Character.toLowerCase(letter) : letter;
  }
}
