package sluice.bench.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import sluice.bench.job.JobOptions;
import sluice.bench.job.JobSet;
import sluice.bench.job.Layout;
import sluice.bench.job.Layout.Measured;
import sluice.bench.job.Options;
import sluice.bench.job.Place;
import sluice.bench.job.RandomDistribution;
import sluice.bench.job.Verification;
import sluice.bench.load.Offsets;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Conditions;
import sluice.bench.result.DriveInfo;
import sluice.bench.result.JobResult;
import sluice.bench.result.Rounds;
import sluice.bench.result.WarmUp;
import sluice.bench.run.Clone.Planned;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.support.text.Units;

/**
 * Runs the jobs of a job file on a drive or several, and says what was measured.
 *
 * <p>Jobs run at the same time, until one says {@code stonewall}: that one waits for all before it.
 * Each clone of a job has an I/O queue of its own on each drive that it is on, as far as the drive
 * has queues, else they share them, and so they do where {@link RunOptions#queues} says so; threads
 * are shared where there are more clones than {@link RunOptions#threads}.
 */
public final class Bench {
  /** Pieces of time for plots that all clones have together; that each has at least, at most. */
  private static final int INTERVALS = 8192;

  /** What of the heap all random maps together may have. */
  private static final int PARTS_PER_MAP = 4;

  private static final int LEAST_INTERVALS = 64;
  private static final int MOST_INTERVALS = 640;

  private final JobSet set;
  private final List<Target> targets;
  private final RunOptions options;
  private final Set<String> warnings = new LinkedHashSet<>();
  private List<DriveInfo> infos;
  private WarmUp warmUp = WarmUp.NONE;
  private volatile boolean stopping;
  private volatile Batch running;
  private volatile Snapshots snapshots;

  /**
   * @param controller is not closed by a run
   * @param drive what is measured; all of it may be written if the options allow it
   */
  public Bench(JobSet set, NvmeController controller, Namespace drive, RunOptions options) {
    this(set, List.of(new Target(controller, drive, null)), options);
  }

  /**
   * On one drive, or on several that jobs choose from by their {@code filename}.
   *
   * @param targets at least one
   */
  public Bench(JobSet set, List<Target> targets, RunOptions options) {
    this.set = set;
    this.targets = List.copyOf(targets);
    this.options = options;
    warnings.addAll(set.warnings());
  }

  /** Whether any of the jobs changes what the drive holds. */
  public static boolean destroys(JobSet set) {
    return set.jobs().stream().anyMatch(JobOptions::destroys);
  }

  /** Ends the run: what was measured until now is its result. From any thread; returns at once. */
  public void stop() {
    stopping = true;
    Batch batch = running;
    if (batch != null) {
      batch.stop();
    }
  }

  /**
   * Asks for results while the run goes on, which {@link RunOptions#interim} is told. From any
   * thread; returns at once, and does nothing where nothing runs.
   */
  public void report() {
    Snapshots those = snapshots;
    if (those != null) {
      those.ask();
    }
  }

  /**
   * Runs all jobs.
   *
   * @throws IllegalArgumentException if a job does not fit the drive, or may not write; nothing was
   *     done then
   * @throws UncheckedIOException if a log cannot be written; nothing was done then, either
   */
  public BenchResult run() {
    List<List<Clone>> batches = openLogs(plan());
    // Before the warm-up: text of the drive loads classes for which compiled code is thrown away.
    infos = new ArrayList<>(targets.stream().map(Bench::info).toList());
    warmUp = warmUp(batches);
    Instant start = Instant.now();
    begin(start);
    long startNanos = options.nanoClock().getAsLong();
    List<JobResult> results = new ArrayList<>();
    Interim interim = options.interim();
    snapshots =
        new Snapshots(
            interim.everyNanos(),
            startNanos,
            running -> {
              List<JobResult> soFar = new ArrayList<>(results);
              soFar.addAll(running);
              interim.to().accept(result(start, Instant.now(), soFar));
            });
    for (int i = 0; i < batches.size() && !stopping; i++) {
      long secondsBehind = secondsOf(batches.subList(i + 1, batches.size()));
      try (Batch batch = new Batch(batches.get(i), targets, options)) {
        running = batch;
        if (stopping) {
          batch.stop();
        }
        List<JobResult> ended = batch.run(startNanos, secondsBehind, snapshots);
        results.addAll(ended);
        warnOfLogs(batches.get(i));
        ended.forEach(job -> SlowStart.of(job).ifPresent(warnings::add));
      } finally {
        running = null;
      }
    }
    snapshots = null;
    Instant end = Instant.now();
    lookAtDrives(results);
    return result(start, end, results);
  }

  private void warnOfLogs(List<Clone> batch) {
    for (Clone clone : batch) {
      if (clone.logs().leavesOut()) {
        warnings.add(
            "job %s: its logs could not be written in time, and lack samples"
                .formatted(clone.job().name()));
      }
    }
  }

  private BenchResult result(Instant start, Instant end, List<JobResult> results) {
    return new BenchResult(
        version(),
        start,
        end,
        set.globals(),
        List.copyOf(warnings),
        List.copyOf(infos),
        results,
        stopping,
        Rounds.NONE,
        Conditions.NONE.with(warmUp));
  }

  private List<List<Planned>> plan() {
    Layout layout =
        Layout.of(
            set.jobs(),
            targets.stream()
                .map(target -> new Measured(target.address(), target.drive().bytes()))
                .toList());
    warnings.addAll(layout.notes());
    List<List<Planned>> batches = new ArrayList<>();
    List<Planned> batch = new ArrayList<>();
    int group = 0;
    int number = 1;
    for (JobOptions job : set.jobs()) {
      if (job.destroys() && !options.allowWrite()) {
        throw new IllegalArgumentException(
            "%s: job %s overwrites what the drive holds; give --allow-write if that may be lost"
                .formatted(job.where(), job.name()));
      }
      requireNoOverlap(job);
      boolean stonewall = job.get(Options.STONEWALL);
      if (number > 1 && (stonewall || job.get(Options.NEW_GROUP))) {
        group++;
      }
      if (stonewall && !batch.isEmpty()) {
        batches.add(batch);
        batch = new ArrayList<>();
      }
      for (int clone = 0; clone < job.get(Options.NUMJOBS); clone++) {
        batch.add(new Planned(job, plan(job, clone, layout, number++, group)));
      }
    }
    batches.add(batch);
    batches.forEach(this::lookAtQueues);
    return batches.stream().map(this::withMapsThatFit).toList();
  }

  /** A map of where random I/Os of several sizes have been is a bit for each block of the least. */
  private List<Planned> withMapsThatFit(List<Planned> batch) {
    long most = Runtime.getRuntime().maxMemory() / PARTS_PER_MAP;
    long used = 0;
    List<Planned> all = new ArrayList<>();
    for (Planned each : batch) {
      JobOptions job = each.job();
      long bytes =
          each.plan().region().parts().stream()
              .mapToLong(part -> Offsets.mapBytes(job, part.bytes()))
              .sum();
      boolean fits = bytes <= most - used;
      if (!fits && !job.get(Options.SOFTRANDOMMAP)) {
        throw new IllegalArgumentException(
            "%s: job %s: its random map takes %s of memory, and there are %s for it; give norandommap, or softrandommap to go without a map that is too large"
                .formatted(
                    job.where(),
                    job.name(),
                    Units.formatSize(bytes),
                    Units.formatSize(most - used)));
      }
      if (fits) {
        used += bytes;
        all.add(each);
      } else {
        warnings.add(
            "job %s: without a random map, which would take %s of memory: some blocks come twice"
                .formatted(job.name(), Units.formatSize(bytes)));
        all.add(new Planned(job.withoutRandomMap(), each.plan()));
      }
    }
    return all;
  }

  private WarmUp warmUp(List<List<Clone>> batches) {
    try {
      return new Warmer(batches, options, () -> stopping)
          .run(targets.stream().map(Target::drive).toList());
    } catch (RuntimeException e) {
      warnings.add("no warm-up: " + e.getMessage());
      return WarmUp.NONE;
    }
  }

  private void begin(Instant start) {
    try {
      options.logs().begin(start, infos);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private List<List<Clone>> openLogs(List<List<Planned>> planned) {
    LogBudget budget = new LogBudget();
    List<List<Clone>> batches = new ArrayList<>();
    try {
      for (List<Planned> batch : planned) {
        List<Clone> clones = new ArrayList<>();
        for (Planned clone : batch) {
          int number = clone.plan().number();
          JobLogs logs = new JobLogs(clone.job(), number, options.logs(), budget);
          clones.add(new Clone(clone.job(), clone.plan(), logs));
        }
        batches.add(clones);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
    return batches;
  }

  /** So many that all together need some 30 MB, however many clones there are. */
  private int mostIntervals() {
    int clones = set.jobs().stream().mapToInt(job -> job.get(Options.NUMJOBS)).sum();
    return Math.clamp(INTERVALS / (2L * clones) * 2, LEAST_INTERVALS, MOST_INTERVALS);
  }

  private Plan plan(JobOptions job, int clone, Layout layout, int number, int group) {
    Region region =
        Region.of(job, clone, layout, targets.stream().map(Target::drive).toList(), warnings::add);
    for (Place part : region.parts()) {
      int most = targets.get(part.drive()).controller().maxQueueDepth();
      if (job.get(Options.IODEPTH) > most) {
        warnings.add(
            "job %s: the drive's queues take %d commands, not %d"
                .formatted(job.name(), most, job.get(Options.IODEPTH)));
      }
    }
    if (job.has(Options.IODEPTH_BATCH_COMPLETE_MAX)) {
      warnings.add(
          "job %s: iodepth_batch_complete_max has no meaning here: all that has completed is taken"
              .formatted(job.name()));
    }
    warnOfSubstitutes(job);
    boolean repeats = job.get(Options.RANDREPEAT);
    // Not of the job's place in the file: another file may verify what this one wrote.
    long seed = job.get(Options.RANDSEED) + 1_000_003L * clone + (repeats ? 0 : System.nanoTime());
    return new Plan(
        number,
        group,
        region,
        Limits.of(job, region, options),
        options.scaled(job.get(Options.RAMP_TIME)),
        options.pauseNanos(),
        options.outliers(),
        mostIntervals(),
        targets.size() > 1,
        seed);
  }

  /** What is done otherwise than fio does it. */
  private void warnOfSubstitutes(JobOptions job) {
    boolean logs =
        job.has(Options.WRITE_BW_LOG)
            || job.has(Options.WRITE_IOPS_LOG)
            || job.has(Options.WRITE_LAT_LOG);
    if (logs && !job.has(Options.LOG_AVG_MSEC)) {
      warnings.add("logs hold means of 500 ms; log_avg_msec=0 keeps each I/O by itself");
    }
    if (job.has(Options.WRITE_HIST_LOG) && job.get(Options.LOG_HIST_MSEC) == 0) {
      warnings.add("write_hist_log without a log_hist_msec stays empty, as with fio");
    }
    boolean uniform =
        job.get(Options.RW).random()
            && !job.get(Options.NORANDOMMAP)
            && job.get(Options.RANDOM_DISTRIBUTION).kind() == RandomDistribution.Kind.RANDOM;
    if (uniform && !Offsets.mapsRandomly(job)) {
      warnings.add(
          "job %s: without a random map, as its sizes differ by direction or it goes on in part"
                  .formatted(job.name())
              + " one after the other: some blocks come twice");
    }
  }

  /** Those that are verified come to a block again only when nothing is out. */
  private static void requireNoOverlap(JobOptions job) {
    boolean isApart =
        !job.destroys()
            || job.get(Options.IODEPTH) == 1
            || (job.get(Options.VERIFY) != Verification.NONE
                && (!job.get(Options.RW).random() || Offsets.mapsRandomly(job)));
    if (job.get(Options.SERIALIZE_OVERLAP) && !isApart) {
      throw new IllegalArgumentException(
          "%s: job %s: serialize_overlap is done only for jobs that verify each block they write once"
              .formatted(job.where(), job.name()));
    }
  }

  /** Warns of queues that are shared for want of more, and refuses a layout that does not fit. */
  private void lookAtQueues(List<Planned> batch) {
    for (int i = 0; i < targets.size(); i++) {
      int number = i;
      int queues = targets.get(i).controller().maxIoQueues();
      List<JobOptions> users =
          batch.stream().filter(each -> each.plan().isOn(number)).map(Planned::job).toList();
      boolean isChosen = !options.queues().equals(QueueLayout.ONE_EACH);
      if (isChosen && !users.isEmpty()) {
        QueueMap _ = QueueMap.of(options.queues(), queues, users);
      } else if (users.size() > queues) {
        warnings.add(
            "%d jobs and clones at the same time share the drive's %d queues; who shares a queue shares a thread"
                .formatted(users.size(), queues));
      }
    }
  }

  /** How long batches take, as far as they say it. */
  private long secondsOf(List<List<Clone>> batches) {
    long nanos = 0;
    for (List<Clone> batch : batches) {
      long longest = 0;
      for (Clone clone : batch) {
        long runtime = clone.plan().limits().runtimeNanos();
        longest =
            Math.max(longest, runtime == Long.MAX_VALUE ? 0 : runtime + clone.plan().rampNanos());
      }
      nanos += longest;
    }
    return nanos / 1_000_000_000;
  }

  private static DriveInfo info(Target target) {
    NvmeController controller = target.controller();
    return new DriveInfo(
        target.address() == null ? controller.address() : target.address().toString(),
        controller.identify().mn(),
        controller.identify().sn(),
        controller.identify().fr(),
        target.drive().bytes(),
        target.drive().blockSize(),
        controller.dma().translation(),
        kelvins(controller),
        0);
  }

  /** The drives' temperatures now, unless one of them may be gone. */
  private void lookAtDrives(List<JobResult> results) {
    if (results.stream().allMatch(job -> job.error() != Failure.IO)) {
      for (int i = 0; i < targets.size(); i++) {
        infos.set(i, infos.get(i).after(kelvins(targets.get(i).controller())));
      }
    }
  }

  /** 0 of a drive that tells none. */
  private static int kelvins(NvmeController controller) {
    try {
      return controller.admin().smartLog().plausibleTemperature();
    } catch (NvmeException e) {
      return 0;
    }
  }

  /** This program and its version, as reports tell it: {@code sluice-0.1.0}. */
  public static String version() {
    String version = Bench.class.getPackage().getImplementationVersion();
    return "sluice-" + (version == null ? "0" : version);
  }
}
