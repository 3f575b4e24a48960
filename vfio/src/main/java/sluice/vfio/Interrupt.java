package sluice.vfio;

/**
 * One thread's wait for one interrupt vector of a function.
 *
 * <p>Several may wait for the same vector: each wakes at every interrupt. Used by one thread.
 */
public interface Interrupt extends AutoCloseable {
  /**
   * Waits until the vector was raised since the last call returned, so that an interrupt between
   * two calls is never missed; also returns when the function goes.
   *
   * @param timeoutNanos how long at the most, rounded up to the clock of the system; 0 not at all
   * @return false when the time was up before
   */
  boolean await(long timeoutNanos);

  /** Ends the wait for good; the vector itself stays enabled. */
  @Override
  void close();
}
