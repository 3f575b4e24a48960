package sluice.recorder;

/**
 * Where a played stream goes: a file, standard output, a socket, a comparison.
 *
 * <p>Used by one thread. It may take less than it is offered, so that a slow sink does not hold up
 * the thread that also keeps the drive busy. A failure is a {@link StreamException} whose message
 * says what could not be written where.
 */
public interface Sink extends AutoCloseable {
  /**
   * Takes bytes of the stream, in order.
   *
   * @param address of the first byte; the memory is the caller's again on return
   * @param length how many are offered, 1 or more
   * @return how many were taken, from 0 (nothing can be taken now, ask again) to {@code length}
   */
  long write(long address, long length);

  /**
   * Says that bytes of the stream are missing here: after all that was taken, before what comes
   * next. Called once per gap, also for one at the stream's end.
   *
   * @param bytes how many, more than 0
   */
  default void gap(long bytes) {}

  /** Called once after the last byte was taken; returns when it is where it belongs. */
  default void finish() {}

  /** Gives up what the sink holds, whether it was finished or not. */
  @Override
  void close();
}
