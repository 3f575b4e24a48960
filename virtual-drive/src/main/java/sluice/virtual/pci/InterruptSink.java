package sluice.virtual.pci;

/** Takes a virtual drive's interrupts to where its host waits for them. */
@FunctionalInterface
public interface InterruptSink {
  /**
   * Raises a vector: entries were posted to a completion queue that has it, and the host can see
   * them by now. Called in the drive's turns, once a turn and queue; waits for nothing.
   *
   * @param vector from 0 to the number of the drive's vectors
   */
  void raise(int vector);
}
