package sluice.support;

import java.util.function.Consumer;

/**
 * How things are closed when something has failed, or may fail on the way: the first failure
 * counts.
 */
public final class Closing {
  private Closing() {}

  /**
   * Closes a thing because of a failure, which the caller throws on. What fails in closing is told
   * by the failure as suppressed.
   */
  public static void after(Throwable failure, AutoCloseable thing) {
    try {
      thing.close();
    } catch (Throwable e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      failure.addSuppressed(e);
    }
  }

  /**
   * Closes all things, whatever fails on the way.
   *
   * @throws RuntimeException the first failure; it tells the others as suppressed
   */
  public static <T> void all(Iterable<T> things, Consumer<? super T> close) {
    RuntimeException failed = null;
    for (T thing : things) {
      try {
        close.accept(thing);
      } catch (RuntimeException e) {
        if (failed == null) {
          failed = e;
        } else {
          failed.addSuppressed(e);
        }
      }
    }
    if (failed != null) {
      throw failed;
    }
  }
}
