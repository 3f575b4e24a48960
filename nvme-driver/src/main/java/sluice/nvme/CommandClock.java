package sluice.nvme;

import java.util.function.LongSupplier;

/**
 * Tells which commands are overdue, without reading a clock for each of them: time is counted in
 * epochs of a quarter of the timeout, a command is stamped with the epoch in which it went out, and
 * the clock is read only now and then, oftener while nothing completes. A command is overdue after
 * one timeout at the earliest, and one and a half at the latest if the queue is polled without
 * pause.
 */
final class CommandClock {
  /** Turns without a completion between two looks at the clock. */
  private static final int TURNS_PER_LOOK = 64;

  /** Turns between two looks at the most: one command may be stuck while others complete. */
  private static final int MAX_TURNS_PER_LOOK = 256;

  private static final int EPOCHS_PER_TIMEOUT = 4;

  private final LongSupplier nanoClock;
  private final long epochNanos;
  private final int[] stamp;
  private long epochStart;
  private int epoch;
  private int turns;
  private int turnsWithoutProgress;

  CommandClock(int commands, long timeoutNanos, LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.epochNanos = Math.max(1, timeoutNanos / EPOCHS_PER_TIMEOUT);
    this.stamp = new int[commands];
    this.epochStart = nanoClock.getAsLong();
  }

  void stamp(int command) {
    stamp[command] = epoch;
  }

  /** Something completed. */
  void progress() {
    turnsWithoutProgress = 0;
  }

  /** Whether enough turns went by to make a look at the device worth it; asked once a turn. */
  boolean isTimeToLook() {
    turns++;
    turnsWithoutProgress++;
    if (turnsWithoutProgress < TURNS_PER_LOOK && turns < MAX_TURNS_PER_LOOK) {
      return false;
    }
    turns = 0;
    turnsWithoutProgress = 0;
    return true;
  }

  /** Time went by without a turn: the next one is to look. */
  void lookNext() {
    turnsWithoutProgress = TURNS_PER_LOOK;
  }

  /**
   * Reads the clock. Says whether a new epoch has begun, so that commands may have become overdue.
   */
  boolean beginsEpoch() {
    long now = nanoClock.getAsLong();
    if (now - epochStart < epochNanos) {
      return false;
    }
    epochStart = now;
    epoch++;
    return true;
  }

  boolean isOverdue(int command) {
    return epoch - stamp[command] > EPOCHS_PER_TIMEOUT;
  }
}
