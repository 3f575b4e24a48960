package sluice.nvme;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a person should know of a drive though it is no error, a line each. They are told as they
 * come, and the first ones are kept. Thread-safe.
 */
final class Notices {
  private static final int KEPT = 32;

  private final String address;
  private final Consumer<String> listener;
  private final List<String> kept = new ArrayList<>();
  private boolean hasListenerFailed;

  Notices(String address, Consumer<String> listener) {
    this.address = address;
    this.listener = listener;
  }

  /**
   * @param what the end of a sentence that begins with the drive's address
   */
  void add(String what) {
    keep(what);
    try {
      listener.accept(address + " " + what);
    } catch (RuntimeException e) {
      // Whoever was about to reset the drive, say, has to go on.
      listenerFailed(e);
    }
  }

  private void keep(String what) {
    synchronized (kept) {
      if (kept.size() < KEPT) {
        kept.add(what);
      }
    }
  }

  private void listenerFailed(RuntimeException failure) {
    boolean isFirst;
    synchronized (kept) {
      isFirst = !hasListenerFailed;
      hasListenerFailed = true;
    }
    if (isFirst) {
      keep("has a listener for notices that fails: " + failure);
    }
  }

  /** The first ones, without the drive's address. */
  List<String> all() {
    synchronized (kept) {
      return List.copyOf(kept);
    }
  }
}
