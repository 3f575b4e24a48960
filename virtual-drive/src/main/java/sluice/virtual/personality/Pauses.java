package sluice.virtual.personality;

import java.util.SplittableRandom;

/**
 * The drive's pauses: of a length, at times that are known from the seed. Used in the drive's
 * turns, with times that never go back.
 */
final class Pauses {
  private final long length;
  private final long every;
  private final double jitter;
  private final SplittableRandom random;
  private long start;

  /** The first pause comes one interval after now. */
  Pauses(Personality personality, long now) {
    length = personality.pause();
    every = personality.every();
    jitter = personality.jitter();
    random = new SplittableRandom(personality.seed());
    start = now + interval();
  }

  boolean isPaused(long now) {
    if (length == 0) {
      return false;
    }
    while (now - start >= length) {
      start += interval();
    }
    return now - start >= 0;
  }

  /** From one pause's start to the next one's: never so short that they would touch. */
  private long interval() {
    long varied = (long) (every * (1 + jitter * (2 * random.nextDouble() - 1)));
    return Math.max(varied, length + 1);
  }
}
