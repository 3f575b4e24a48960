package sluice.bench.result;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that a run measured.
 *
 * @param version of this program, as reports show it: {@code sluice-0.1.0}
 * @param start when the first job began
 * @param end when the last job ended; fio's time stamp of a report
 * @param globalOptions of the {@code [global]} sections, in their order and as written; empty
 *     without one
 * @param warnings to the user, a line each: options without meaning here, odd things seen
 * @param drives those that were measured, at least one, by the numbers that shares of jobs have
 * @param jobs every job and every clone by itself, in the order of the job file, so that groups
 *     follow one another; reports merge what wants to be merged
 * @param interrupted whether the run was ended from outside: figures are of what was done until
 *     then, and jobs may be missing that had not begun
 * @param rounds what all rounds measured, where the jobs ran more than once; all else here is of
 *     one of them
 * @param conditions under what it was measured
 */
public record BenchResult(
    String version,
    Instant start,
    Instant end,
    Map<String, String> globalOptions,
    List<String> warnings,
    List<DriveInfo> drives,
    List<JobResult> jobs,
    boolean interrupted,
    Rounds rounds,
    Conditions conditions) {

  public BenchResult {
    globalOptions = Collections.unmodifiableMap(new LinkedHashMap<>(globalOptions));
    warnings = List.copyOf(warnings);
    drives = List.copyOf(drives);
    jobs = List.copyOf(jobs);
  }

  /**
   * Of a run on one drive whose jobs ran once, that was not interrupted, and of which nothing else
   * is told.
   */
  public BenchResult(
      String version,
      Instant start,
      Instant end,
      Map<String, String> globalOptions,
      List<String> warnings,
      DriveInfo drive,
      List<JobResult> jobs) {
    this(
        version,
        start,
        end,
        globalOptions,
        warnings,
        List.of(drive),
        jobs,
        false,
        Rounds.NONE,
        Conditions.NONE);
  }

  /**
   * The same, as one of several rounds.
   *
   * @param all what the user was warned of in any of them
   */
  public BenchResult withRounds(Rounds several, boolean wasInterrupted, List<String> all) {
    return new BenchResult(
        version, start, end, globalOptions, all, drives, jobs, wasInterrupted, several, conditions);
  }

  /** The same, and under what it was measured. */
  public BenchResult withConditions(Conditions all) {
    return new BenchResult(
        version, start, end, globalOptions, warnings, drives, jobs, interrupted, rounds, all);
  }

  /** The drive, or the first of several. */
  public DriveInfo drive() {
    return drives.getFirst();
  }

  /** The jobs as reports show them: each job that wants group reporting merged with its group. */
  public List<JobResult> reportedJobs() {
    return Merging.reported(jobs);
  }

  /** How far all paced jobs together were behind their streams. */
  public Backlog backlog() {
    return jobs.stream().map(JobResult::backlog).reduce(Backlog.NONE, Backlog::plus);
  }

  /** Whether no job failed and nothing that was verified differed. */
  public boolean isClean() {
    return jobs.stream().allMatch(JobResult::isClean);
  }
}
