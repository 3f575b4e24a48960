package sluice.support.events;

/** The lines for people who look for something. The logger is asked for only if it is not muted. */
final class DebugLog {
  private DebugLog() {}

  /** Apart, so that it is made when it is first needed. */
  private static final class Logger {
    static final System.Logger SLUICE = System.getLogger("sluice");
  }

  static boolean isWanted() {
    return !Incidents.isMuted() && Logger.SLUICE.isLoggable(System.Logger.Level.DEBUG);
  }

  static void line(String text) {
    Logger.SLUICE.log(System.Logger.Level.DEBUG, text);
  }
}
