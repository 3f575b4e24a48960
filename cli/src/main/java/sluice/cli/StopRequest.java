package sluice.cli;

/**
 * Ctrl-C and its kin on their way to what they end: taken over before there is anything to end, so
 * that none ends the process in between, and passed on as soon as there is.
 */
final class StopRequest {
  private boolean isMade;
  private Runnable stop;

  /** Takes the signals over from now on. */
  StopRequest onSignals() {
    Signals.onFirst(this::make);
    return this;
  }

  /** Passes the request on, or keeps it. */
  synchronized void make() {
    isMade = true;
    if (stop != null) {
      stop.run();
    }
  }

  /**
   * Says what a request does from now on, and does it if one was made already.
   *
   * @param newStop has to return soon
   */
  synchronized void does(Runnable newStop) {
    stop = newStop;
    if (isMade) {
      stop.run();
    }
  }
}
