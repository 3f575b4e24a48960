package sluice.cli;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import sluice.support.text.PlainText;

/** What sluice logs, on standard error: a line each, with the time of day. */
final class DebugLines extends Handler implements AutoCloseable {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

  /** Takes the line of progress off a terminal, which is written anew. */
  private static final String BEGIN = "\r\u001b[K";

  private final Logger logger = Logger.getLogger("sluice");
  private final String begin = Terminal.stderrIsTerminal() ? BEGIN : "";

  private DebugLines() {}

  static DebugLines begin() {
    DebugLines lines = new DebugLines();
    lines.logger.addHandler(lines);
    lines.logger.setLevel(Level.FINE);
    lines.logger.setUseParentHandlers(false);
    return lines;
  }

  @Override
  public void publish(LogRecord line) {
    if (isLoggable(line)) {
      String text = PlainText.escape(line.getMessage().replaceAll("\\s*\\R\\s*", "; "));
      System.err.println(begin + TIME.format(line.getInstant()) + " " + text);
    }
  }

  @Override
  public void flush() {
    System.err.flush();
  }

  @Override
  public void close() {
    logger.removeHandler(this);
    logger.setLevel(null);
    logger.setUseParentHandlers(true);
  }
}
