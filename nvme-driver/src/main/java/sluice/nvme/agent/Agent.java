package sluice.nvme.agent;

/** Something that moves a step at a time, on whatever thread asks it to; one thread at a time. */
public interface Agent extends AutoCloseable {
  /**
   * Does what can be done now, and never waits.
   *
   * @return how much was done; 0 when there was nothing to do
   */
  int doWork();

  /** A name for its thread, and for people. */
  String name();

  /** Called once, on the agent's thread, after the last {@link #doWork}. */
  @Override
  default void close() {}
}
