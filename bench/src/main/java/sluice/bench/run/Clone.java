package sluice.bench.run;

import sluice.bench.job.JobOptions;

/** One of the {@code numjobs} of a job, and what it is to do. */
record Clone(JobOptions job, Plan plan) {}
