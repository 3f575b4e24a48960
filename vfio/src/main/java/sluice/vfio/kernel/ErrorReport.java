package sluice.vfio.kernel;

import java.util.OptionalInt;
import sluice.vfio.ConfigSpace;

/**
 * What became of a function that has reported an error (AER, PCI Express Base 6.0, section 6.2).
 *
 * <p>The kernel tells of errors of two kinds in one way. After a fatal one it resets the function's
 * link, and all that the function knew is gone. Others (a completion that came late, a request that
 * nobody supports) have cost a transaction: the function goes on, and so does its driver, which
 * gives up the commands that it gets no answer to.
 *
 * <p>The extended capability 0001h, from which it is read:
 *
 * <pre>
 *  +0x04  what has gone wrong, a bit for each kind of uncorrectable error
 *  +0x0c  which of these kinds are fatal
 * </pre>
 */
enum ErrorReport {
  /** The function answers, and has lost nothing. */
  SURVIVED,

  /** It has lost what it knew, or is about to: its link is reset. */
  FATAL,

  /** It does not answer any more. */
  GONE;

  private static final int EXTENDED = 0x100;
  private static final int EXTENDED_END = 0x1000;
  private static final int ERRORS = 0x0001;
  private static final int STATUS = 0x04;
  private static final int SEVERITY = 0x0c;
  private static final int IN_USE = ConfigSpace.COMMAND_MEMORY | ConfigSpace.COMMAND_BUS_MASTER;

  /**
   * Looks at a function that a driver uses.
   *
   * @param command its command register as it was before
   */
  static ErrorReport of(ConfigSpace config, int command) {
    if (!config.isPresent()) {
      return GONE;
    }
    // After a reset a function neither answers nor starts anything.
    int lost = command & IN_USE & ~config.read16(ConfigSpace.COMMAND);
    return lost != 0 || hasFatal(config) ? FATAL : SURVIVED;
  }

  private static boolean hasFatal(ConfigSpace config) {
    OptionalInt errors = errors(config);
    return errors.isPresent()
        && (config.read32(errors.getAsInt() + STATUS) & config.read32(errors.getAsInt() + SEVERITY))
            != 0;
  }

  private static OptionalInt errors(ConfigSpace config) {
    int offset = EXTENDED;
    // As many as fit, should the list be broken into a circle.
    for (int seen = 0; offset >= EXTENDED && seen < (EXTENDED_END - EXTENDED) / 8; seen++) {
      int header = config.read32(offset);
      if (header == 0 || header == -1) {
        return OptionalInt.empty();
      }
      if ((header & 0xffff) == ERRORS && offset + SEVERITY + Integer.BYTES <= EXTENDED_END) {
        return OptionalInt.of(offset);
      }
      offset = header >>> 20 & ~3;
    }
    return OptionalInt.empty();
  }
}
