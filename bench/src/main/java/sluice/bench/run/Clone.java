package sluice.bench.run;

import sluice.bench.job.JobOptions;

/** One of the {@code numjobs} of a job, what it is to do, and where its logs go. */
record Clone(JobOptions job, Plan plan, JobLogs logs) {
  /** A clone whose logs were not opened yet. */
  record Planned(JobOptions job, Plan plan) {}
}
