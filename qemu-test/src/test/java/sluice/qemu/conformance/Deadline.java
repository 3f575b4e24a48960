package sluice.qemu.conformance;

import java.time.Duration;
import sluice.qemu.Patience;

/** Ends a wait that would not end by itself: after a minute, or longer on a busy machine. */
final class Deadline {
  private final String what;
  private final Patience patience = new Patience(Duration.ofMinutes(1));

  /**
   * @param what is waited for
   */
  Deadline(String what) {
    this.what = what;
  }

  /** To be called in every turn of the wait. */
  void check() {
    if (patience.isOver()) {
      throw new AssertionError("waited a minute or more in vain for " + what);
    }
    Thread.onSpinWait();
  }
}
