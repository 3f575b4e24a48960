package sluice.cli;

import java.io.PrintStream;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Progress on standard error: one line that is written anew several times a second where a person
 * looks on, a plain line every few seconds where not.
 */
final class LiveLine {
  private static final long TERMINAL_NANOS = 100_000_000L;
  private static final long PLAIN_NANOS = 5_000_000_000L;
  private static final int BAR_CELLS = 16;

  /** Back to the first column; and do not wrap, so that a narrow terminal cuts the line off. */
  private static final String BEGIN = "\r\u001b[?7l";

  private static final String END = "\u001b[K\u001b[?7h";

  private final PrintStream err;
  private final boolean terminal;
  private final LongSupplier nanoTime;
  private long due;
  private boolean shown;

  /** On this process's standard error. */
  LiveLine() {
    this(System.err, Terminal.stderrIsTerminal(), System::nanoTime);
  }

  LiveLine(PrintStream err, boolean terminal, LongSupplier nanoTime) {
    this.err = err;
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    this.due = nanoTime.getAsLong() + interval();
  }

  private long interval() {
    return terminal ? TERMINAL_NANOS : PLAIN_NANOS;
  }

  /** Shows a line if it is time for one; asks for its text only then. */
  void show(Supplier<String> text) {
    long now = nanoTime.getAsLong();
    if (now - due < 0) {
      return;
    }
    due = now + interval();
    if (terminal) {
      err.print(BEGIN + text.get() + END);
      err.flush();
      shown = true;
    } else {
      err.println(text.get());
    }
  }

  /** Takes the line off the terminal, before anything else is written there. */
  void clear() {
    if (shown) {
      err.print(BEGIN + END);
      err.flush();
      shown = false;
    }
  }

  /**
   * A bar of how full something is.
   *
   * @param fraction from 0 to 1
   * @param peak the highest that it was, marked in the bar
   */
  static String bar(double fraction, double peak) {
    int filled = cells(fraction);
    int mark = cells(peak);
    StringBuilder bar = new StringBuilder("[");
    for (int i = 1; i <= BAR_CELLS; i++) {
      bar.append(i <= filled ? '#' : i == mark ? '|' : '-');
    }
    return bar.append(']').toString();
  }

  /** At least one cell for anything that is not nothing. */
  private static int cells(double fraction) {
    return (int) Math.ceil(Math.clamp(fraction, 0, 1) * BAR_CELLS);
  }
}
