package sluice.support.events;

import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What a server tells of those who come to it, a line each. However many come, it tells a few lines
 * at once and one a second after that; the others are counted, and the count is told. Who takes the
 * lines may fail: such a line counts as one that was not told. Used by one thread.
 */
public final class GuestLog implements Consumer<String> {
  private static final int LINES_AT_ONCE = 20;
  private static final long LINE_NANOS = 1_000_000_000;
  private static final long COUNT_NANOS = 10 * LINE_NANOS;

  private final Consumer<String> lines;
  private final LongSupplier clock;
  private final String subject;

  /** How many lines can be told now. */
  private int allowance = LINES_AT_ONCE;

  /** When the allowance was raised last. */
  private long raisedAt;

  private long untold;

  /** When the first line was not told of those that are counted. */
  private long untoldSince;

  /**
   * @param lines gets the lines, on the thread that tells them
   * @param clock nanoseconds, as {@link System#nanoTime}
   * @param subject what the lines are about, a plural
   */
  public GuestLog(Consumer<String> lines, LongSupplier clock, String subject) {
    this.lines = lines;
    this.clock = clock;
    this.subject = subject;
    this.raisedAt = clock.getAsLong();
  }

  /** Tells a line, or counts it. */
  @Override
  public void accept(String line) {
    long now = clock.getAsLong();
    turn(now);
    if (allowance == 0 || !pass(line)) {
      leaveOut(now);
    }
  }

  /** Tells how many lines were left out, when it is time; to be called now and then. */
  public void turn() {
    turn(clock.getAsLong());
  }

  private void turn(long now) {
    long lately = (now - raisedAt) / LINE_NANOS;
    if (lately > 0) {
      raisedAt += lately * LINE_NANOS;
      allowance = (int) Math.min(LINES_AT_ONCE, allowance + lately);
    }
    if (untold > 0 && now - untoldSince >= COUNT_NANOS) {
      tellCount();
      untoldSince = now;
    }
  }

  /** Tells how many lines were left out: it is over. */
  public void end() {
    if (untold > 0) {
      tellCount();
    }
  }

  private void tellCount() {
    String noun = untold == 1 ? "line" : "lines";
    if (write("and %d more %s about %s".formatted(untold, noun, subject))) {
      untold = 0;
    }
  }

  private void leaveOut(long now) {
    if (untold++ == 0) {
      untoldSince = now;
    }
  }

  private boolean pass(String line) {
    allowance--;
    return write(line);
  }

  /** Returns false if whoever takes the lines has failed: that is no reason not to serve. */
  private boolean write(String line) {
    try {
      lines.accept(line);
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }
}
