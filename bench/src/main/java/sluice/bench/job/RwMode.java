package sluice.bench.job;

import java.util.Locale;
import java.util.Map;
import sluice.bench.result.Direction;

/**
 * The option {@code rw}: which directions, and whether at random.
 *
 * @param name as fio has it
 * @param reads whether it reads
 * @param writes whether it writes
 * @param trims whether it trims
 * @param random whether offsets are drawn, or follow each other
 * @param step what follows the colon: at random, how many I/Os follow each other from one drawn
 *     offset; else how many bytes are left out after each I/O, or gone back if it is negative. 0
 *     when it is not given.
 */
public record RwMode(
    String name, boolean reads, boolean writes, boolean trims, boolean random, long step) {
  /** What fio does when it is not told. */
  public static final RwMode STANDARD = new RwMode("read", true, false, false, false, 0);

  private static final Map<String, RwMode> MODES =
      Map.ofEntries(
          mode("read", "r", false),
          mode("write", "w", false),
          mode("trim", "t", false),
          mode("randread", "r", true),
          mode("randwrite", "w", true),
          mode("randtrim", "t", true),
          mode("rw", "rw", false),
          mode("readwrite", "rw", false),
          mode("randrw", "rw", true),
          mode("trimwrite", "tw", false),
          mode("randtrimwrite", "tw", true));

  private static Map.Entry<String, RwMode> mode(String name, String ways, boolean random) {
    return Map.entry(
        name,
        new RwMode(name, ways.contains("r"), ways.contains("w"), ways.contains("t"), random, 0));
  }

  static RwMode parse(String text) {
    int colon = text.indexOf(':');
    String name = (colon < 0 ? text : text.substring(0, colon)).toLowerCase(Locale.ROOT);
    RwMode mode = MODES.get(name);
    if (mode == null) {
      throw new IllegalArgumentException(
          Values.quote(text)
              + " is none of read, write, trim, randread, randwrite, randtrim, rw, randrw,"
              + " trimwrite, randtrimwrite");
    }
    long step = colon < 0 ? 0 : step(text.substring(colon + 1), mode.random);
    return new RwMode(mode.name, mode.reads, mode.writes, mode.trims, mode.random, step);
  }

  /** In order it may go backwards, as {@code read:-8k} does. */
  private static long step(String text, boolean random) {
    return text.startsWith("-") && !random
        ? -Values.size(text.substring(1), 1024)
        : Values.size(text, 1024);
  }

  /** Whether it goes that way. */
  public boolean does(Direction direction) {
    return switch (direction) {
      case READ -> reads;
      case WRITE -> writes;
      case TRIM -> trims;
    };
  }

  /** Whether it mixes reads and writes. */
  public boolean isMixed() {
    return reads && writes;
  }

  /** Whether it changes what the drive holds. */
  public boolean destroys() {
    return writes || trims;
  }

  /** Whether each block is trimmed and then written. */
  public boolean trimsBeforeWriting() {
    return trims && writes;
  }
}
