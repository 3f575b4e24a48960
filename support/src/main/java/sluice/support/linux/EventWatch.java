package sluice.support.linux;

import java.time.Duration;
import java.util.function.IntPredicate;

/**
 * A thread that sleeps until one of several descriptors is ready, so that nobody has to ask on a
 * hot path.
 */
public final class EventWatch {
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(10);

  private final int stop = Events.eventfd();
  private final Thread thread;

  private EventWatch(String name, IntPredicate turn, int... descriptors) {
    int[] watched = new int[descriptors.length + 1];
    watched[0] = stop;
    System.arraycopy(descriptors, 0, watched, 1, descriptors.length);
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(() -> watch(turn, watched));
  }

  /**
   * Starts to watch.
   *
   * @param name the thread's
   * @param turn called on that thread with the index of a descriptor that is ready, each time as
   *     long as it is; false ends the watch
   * @param descriptors open until the watch has stopped; a negative one is not looked at
   */
  public static EventWatch start(String name, IntPredicate turn, int... descriptors) {
    EventWatch watch = new EventWatch(name, turn, descriptors);
    try {
      watch.thread.start();
      return watch;
    } catch (RuntimeException | Error e) {
      Linux.close(watch.stop);
      throw e;
    }
  }

  private static void watch(IntPredicate turn, int... watched) {
    boolean goesOn = true;
    while (goesOn) {
      int ready = Events.awaitAny(watched);
      goesOn = ready > 0 && turn.test(ready - 1);
    }
  }

  /**
   * Ends the watch, also for a thread that is interrupted meanwhile. Once, and not from its own
   * thread.
   *
   * @return whether it has ended, so that no turn will be taken any more; false if a turn does not
   *     come back
   */
  public boolean stop() {
    Events.raise(stop);
    boolean interrupted = false;
    long start = System.nanoTime();
    while (thread.isAlive() && System.nanoTime() - start < STOP_DEADLINE.toNanos()) {
      try {
        boolean _ = thread.join(STOP_DEADLINE);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      return false;
    }
    Linux.close(stop);
    return true;
  }
}
