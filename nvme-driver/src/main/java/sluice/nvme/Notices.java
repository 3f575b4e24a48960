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

  Notices(String address, Consumer<String> listener) {
    this.address = address;
    this.listener = listener;
  }

  /**
   * @param what the end of a sentence that begins with the drive's address
   */
  void add(String what) {
    synchronized (kept) {
      if (kept.size() < KEPT) {
        kept.add(what);
      }
    }
    listener.accept(address + " " + what);
  }

  /** The first ones, without the drive's address. */
  List<String> all() {
    synchronized (kept) {
      return List.copyOf(kept);
    }
  }
}
