package sluice.nvme;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Tells who closes a controller whether a queue's owner is in the middle of a turn, and under
 * assertions who uses the queue of another thread. Opaque at the begin and release at the end: it
 * looks a while after it has made the generation such that no turn begins any more.
 */
final class Turns {
  /** No thread's identifier. */
  private static final long NOBODY = 0;

  private static final VarHandle TURN_OF;

  static {
    try {
      TURN_OF = MethodHandles.lookup().findVarHandle(Turns.class, "turnOf", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The thread whose turn it is just now; through {@link #TURN_OF}. */
  @SuppressWarnings("UnusedVariable")
  private long turnOf;

  /**
   * This thread's turn begins, perhaps in the middle of another one of its own.
   *
   * @return what {@link #end} is to be given
   */
  long begin() {
    long outer = turnOf;
    TURN_OF.setOpaque(this, Thread.currentThread().threadId());
    return outer;
  }

  void end(long outer) {
    TURN_OF.setRelease(this, outer);
  }

  /** For assertions: who uses a queue while another thread is in a turn of it does wrong. */
  boolean isAlone() {
    return !isOfAnother();
  }

  /** Whether another thread is in the middle of a turn. From any thread. */
  boolean isOfAnother() {
    long thread = (long) TURN_OF.getAcquire(this);
    return thread != NOBODY && thread != Thread.currentThread().threadId();
  }
}
