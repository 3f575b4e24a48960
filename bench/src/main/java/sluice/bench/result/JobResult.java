package sluice.bench.result;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** One job of a run, or several that were merged for the report. Made by its {@link Builder}. */
public final class JobResult {
  private final Builder values;
  private final Map<String, String> options;
  private final Map<Direction, DirectionResult> directions;

  private JobResult(Builder builder) {
    this.values = new Builder(builder);
    this.options = Collections.unmodifiableMap(new LinkedHashMap<>(builder.options));
    this.directions = Collections.unmodifiableMap(new EnumMap<>(builder.directions));
  }

  /**
   * Starts a result.
   *
   * @param name the job's name: its section in the job file
   * @param groupId the reporting group: 0 for the first, one more after each {@code stonewall} or
   *     {@code new_group}
   */
  public static Builder builder(String name, int groupId) {
    return new Builder(name, groupId);
  }

  /** A builder that holds all that this result has. */
  public Builder toBuilder() {
    return new Builder(values);
  }

  public String name() {
    return values.name;
  }

  /** The job's {@code description}; empty without one. */
  public String description() {
    return values.description;
  }

  public int groupId() {
    return values.groupId;
  }

  /** How many jobs and clones are in this result: 1, or more when merged. */
  public int members() {
    return values.members;
  }

  /** The number of the process or thread that did the work. */
  public long processId() {
    return values.processId;
  }

  /** 0 when all went well, else an errno that fits best: 5 (EIO) for a failed command. */
  public int error() {
    return values.error;
  }

  /** Whether it did not fail and nothing that was verified differed. */
  public boolean isClean() {
    return error() == 0 && verify().failures() == 0;
  }

  /** What went wrong, in a line; empty when nothing did. */
  public String errorText() {
    return values.errorText;
  }

  /** When the job began, the ramp included. */
  public Instant start() {
    return values.start;
  }

  /**
   * When it began to be measured, at the end of its ramp: times of its intervals, pauses and logs
   * are counted from here.
   */
  public Instant measured() {
    return values.measured == null ? values.start : values.measured;
  }

  /** How long the run took up to this job's end, in seconds rounded up, as fio has it. */
  public long elapsedSeconds() {
    return values.elapsedSeconds;
  }

  /** How long the job itself took, summed over the members, in milliseconds. */
  public long runtimeMillis() {
    return values.runtimeMillis;
  }

  /**
   * The job's options by fio's own names (not their aliases: {@code steadystate_duration}, not
   * {@code ss_dur}), in the order of the job file and with the values as written; options that are
   * given without a value and those of {@code [global]} are left out, as fio does. {@code rw},
   * {@code bs}, {@code iodepth} and {@code numjobs} are always there.
   */
  public Map<String, String> options() {
    return options;
  }

  public Reporting reporting() {
    return values.reporting;
  }

  /** What was done in a direction; all zero when nothing was. */
  public DirectionResult direction(Direction direction) {
    return directions.get(direction);
  }

  /** Whether it is the sum of all directions, which is then that of {@link Direction#READ}. */
  public boolean isMixed() {
    return values.mixed;
  }

  /** The latencies of flushes ({@code fsync}, {@code fdatasync}). */
  public LatencyResult sync() {
    return values.sync;
  }

  public ProcessorUse processor() {
    return values.processor;
  }

  public Depths depths() {
    return values.depths;
  }

  public LatencyTarget latencyTarget() {
    return values.latencyTarget;
  }

  /** Empty unless the job has {@code steadystate}. */
  public Optional<SteadyState> steadyState() {
    return Optional.ofNullable(values.steadyState);
  }

  public Pauses pauses() {
    return values.pauses;
  }

  /** The times in which nobody looked at its queue. */
  public Stalls stalls() {
    return values.stalls;
  }

  /** The I/Os that were out for long. */
  public StuckIos stuck() {
    return values.stuck;
  }

  /** The I/Os that took longest. */
  public SlowestIos slowest() {
    return values.slowest;
  }

  /** {@link Backlog#NONE} of a job that has no pace. */
  public Backlog backlog() {
    return values.backlog;
  }

  public VerifyResult verify() {
    return values.verify;
  }

  /** What it did on each of the run's drives that it was on; empty where the run has one drive. */
  public List<DriveShare> drives() {
    return values.drives;
  }

  /** Commands in all directions, flushes left out. */
  public long ios() {
    return directions.values().stream().mapToLong(DirectionResult::ios).sum();
  }

  /** Processor time per command in nanoseconds; 0 without commands. */
  public double processorNanosPerIo() {
    long ios = ios();
    ProcessorUse use = values.processor;
    return ios == 0 ? 0 : (double) (use.userNanos() + use.systemNanos()) / ios;
  }

  /** Gathers a result; what is not set is zero or empty. */
  public static final class Builder {
    private final String name;
    private final int groupId;
    private String description = "";
    private int members = 1;
    private long processId = ProcessHandle.current().pid();
    private int error;
    private String errorText = "";
    private Instant start = Instant.EPOCH;
    private Instant measured;
    private long elapsedSeconds;
    private long runtimeMillis;
    private Map<String, String> options = new LinkedHashMap<>();
    private Reporting reporting = Reporting.STANDARD;
    private Map<Direction, DirectionResult> directions = new EnumMap<>(Direction.class);
    private boolean mixed;
    private LatencyResult sync = LatencyResult.none();
    private ProcessorUse processor = ProcessorUse.NONE;
    private Depths depths = Depths.none();
    private LatencyTarget latencyTarget = LatencyTarget.none(1);
    private SteadyState steadyState;
    private Pauses pauses = Pauses.NONE;
    private Stalls stalls = Stalls.NONE;
    private StuckIos stuck = StuckIos.NONE;
    private SlowestIos slowest = SlowestIos.NONE;
    private Backlog backlog = Backlog.NONE;
    private VerifyResult verify = VerifyResult.NONE;
    private List<DriveShare> drives = List.of();

    private Builder(String name, int groupId) {
      this.name = Objects.requireNonNull(name, "name");
      this.groupId = groupId;
      for (Direction direction : Direction.values()) {
        directions.put(direction, DirectionResult.none());
      }
    }

    private Builder(Builder other) {
      this.name = other.name;
      this.groupId = other.groupId;
      this.description = other.description;
      this.members = other.members;
      this.processId = other.processId;
      this.error = other.error;
      this.errorText = other.errorText;
      this.start = other.start;
      this.measured = other.measured;
      this.elapsedSeconds = other.elapsedSeconds;
      this.runtimeMillis = other.runtimeMillis;
      this.options = new LinkedHashMap<>(other.options);
      this.reporting = other.reporting;
      this.directions = new EnumMap<>(other.directions);
      this.mixed = other.mixed;
      this.sync = other.sync;
      this.processor = other.processor;
      this.depths = other.depths;
      this.latencyTarget = other.latencyTarget;
      this.steadyState = other.steadyState;
      this.pauses = other.pauses;
      this.stalls = other.stalls;
      this.stuck = other.stuck;
      this.slowest = other.slowest;
      this.backlog = other.backlog;
      this.verify = other.verify;
      this.drives = other.drives;
    }

    public Builder description(String text) {
      description = text;
      return this;
    }

    Builder members(int count) {
      members = count;
      return this;
    }

    public Builder processId(long id) {
      processId = id;
      return this;
    }

    /** The job failed: an errno, and a line that says what went wrong. */
    public Builder error(int errno, String text) {
      error = errno;
      errorText = text;
      return this;
    }

    public Builder start(Instant instant) {
      start = instant;
      return this;
    }

    /** When its ramp ended; without a ramp this is its start. */
    public Builder measured(Instant instant) {
      measured = instant;
      return this;
    }

    public Builder elapsedSeconds(long seconds) {
      elapsedSeconds = seconds;
      return this;
    }

    public Builder runtimeMillis(long millis) {
      runtimeMillis = millis;
      return this;
    }

    public Builder options(Map<String, String> all) {
      options = new LinkedHashMap<>(all);
      return this;
    }

    public Builder reporting(Reporting how) {
      reporting = how;
      return this;
    }

    public Builder direction(Direction direction, DirectionResult result) {
      directions.put(direction, result);
      return this;
    }

    Builder mixed(DirectionResult all) {
      mixed = true;
      directions.put(Direction.READ, all);
      directions.put(Direction.WRITE, DirectionResult.none());
      directions.put(Direction.TRIM, DirectionResult.none());
      return this;
    }

    public Builder sync(LatencyResult flushes) {
      sync = flushes;
      return this;
    }

    public Builder processor(ProcessorUse use) {
      processor = use;
      return this;
    }

    public Builder depths(Depths all) {
      depths = all;
      return this;
    }

    public Builder latencyTarget(LatencyTarget target) {
      latencyTarget = target;
      return this;
    }

    public Builder steadyState(SteadyState state) {
      steadyState = state;
      return this;
    }

    public Builder pauses(Pauses all) {
      pauses = all;
      return this;
    }

    public Builder stalls(Stalls all) {
      stalls = all;
      return this;
    }

    public Builder stuck(StuckIos all) {
      stuck = all;
      return this;
    }

    public Builder slowest(SlowestIos all) {
      slowest = all;
      return this;
    }

    public Builder backlog(Backlog all) {
      backlog = all;
      return this;
    }

    public Builder verify(VerifyResult result) {
      verify = result;
      return this;
    }

    public Builder drives(List<DriveShare> shares) {
      drives = List.copyOf(shares);
      return this;
    }

    public JobResult build() {
      return new JobResult(this);
    }
  }
}
