package sluice.support.agent;

/** Something that moves a step at a time, on whatever thread asks it to; one thread at a time. */
public interface Agent extends AutoCloseable {
  /**
   * Does what can be done now, and never waits.
   *
   * @return how much was done; 0 when there was nothing to do
   */
  int doWork();

  /**
   * Whether it goes on after memory of another's file, which it has mapped, was taken away. Java
   * tells so by an {@link InternalError}, which compiled code may throw only after {@link #doWork}
   * has returned.
   */
  default boolean outlives(InternalError memoryFault) {
    return false;
  }

  /**
   * Told, on another thread, that no turn follows the one that may be going on: what it waits for
   * is to be given up.
   */
  default void giveUpWaiting() {}

  /** A name for its thread, and for people. */
  String name();

  /** Called once, on the agent's thread, after the last {@link #doWork}. */
  @Override
  default void close() {}
}
