package sluice.bench.job;

/** How the I/Os of a paced job follow each other. */
public enum RateProcess {
  /** At even distances. */
  LINEAR,
  /** At distances of a Poisson process: as independent users ask. */
  POISSON
}
