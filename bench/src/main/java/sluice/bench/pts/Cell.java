package sluice.bench.pts;

/**
 * One access pattern of a test.
 *
 * @param readPercent how many of a hundred commands read
 * @param bytes per command
 */
public record Cell(int readPercent, int bytes) {
  /** The mix as the specification writes it: reads before writes. */
  public String mix() {
    return readPercent + "/" + (100 - readPercent);
  }

  /** The size as the specification writes it, in KiB. */
  public String size() {
    return bytes < 1024 ? "0.5 KiB" : bytes / 1024 + " KiB";
  }

  @Override
  public String toString() {
    return mix() + " " + size();
  }
}
