package sluice.qemu;

import java.util.ArrayDeque;
import java.util.Deque;

/** Things that are closed together, the latest first, each even if another's closing fails. */
public final class Owned implements AutoCloseable {
  private final Deque<AutoCloseable> things = new ArrayDeque<>();

  /** Adds a thing; returns it. */
  public <T extends AutoCloseable> T add(T thing) {
    things.push(thing);
    return thing;
  }

  @Override
  public void close() {
    QemuException failure = null;
    while (!things.isEmpty()) {
      try {
        things.pop().close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new QemuException("cannot clean up after QEMU: " + e.getMessage(), e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
