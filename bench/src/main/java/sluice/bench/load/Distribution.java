package sluice.bench.load;

/** Draws numbers of which some are likelier than others. */
interface Distribution {
  /** The next, from 0 to less than what the distribution was made for. */
  long next();

  /** Begins again. */
  void seed(long seed);
}
