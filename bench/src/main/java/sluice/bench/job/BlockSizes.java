package sluice.bench.job;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How long the I/Os of a direction are: always the same, anything in a range, or some of each of
 * several sizes.
 *
 * @param least bytes, the unit of which a range's sizes are multiples
 * @param most bytes
 * @param shares of a split; empty for one size and for a range
 */
public record BlockSizes(int least, int most, List<Share> shares) {
  private static final int MOST_SHARES = 64;
  private static final int MOST_BYTES = 1 << 30;

  /**
   * @param bytes the size
   * @param percent how many of a hundred I/Os have it
   */
  public record Share(int bytes, int percent) {}

  public BlockSizes {
    shares = List.copyOf(shares);
  }

  /** One size. */
  public static BlockSizes of(int bytes) {
    return new BlockSizes(bytes, bytes, List.of());
  }

  /** {@code bs}: one size. */
  static BlockSizes parse(String text, int base) {
    return of(bytes(text, base));
  }

  /** {@code bsrange}: {@code 1k-4k} or {@code 1k:4k}. */
  static BlockSizes parseRange(String text, int base) {
    String[] ends = text.split("[-:]", -1);
    if (ends.length == 1) {
      return parse(text, base);
    }
    if (ends.length != 2) {
      throw new IllegalArgumentException(Values.quote(text) + " is not a range such as 1k-4k");
    }
    int least = bytes(ends[0], base);
    int most = bytes(ends[1], base);
    return new BlockSizes(Math.min(least, most), Math.max(least, most), List.of());
  }

  /** {@code bssplit}: {@code 4k/10:64k/50:32k}; what has no part shares what is left. */
  static BlockSizes parseSplit(String text, int base) {
    String[] parts = text.split(":", -1);
    if (parts.length > MOST_SHARES) {
      throw new IllegalArgumentException(
          "it has " + parts.length + " sizes, more than " + MOST_SHARES);
    }
    int[] bytes = new int[parts.length];
    int[] percent = new int[parts.length];
    int given = 0;
    int open = 0;
    for (int i = 0; i < parts.length; i++) {
      int slash = parts[i].indexOf('/');
      bytes[i] = bytes(slash < 0 ? parts[i] : parts[i].substring(0, slash), base);
      String share = slash < 0 ? "" : parts[i].substring(slash + 1).trim();
      percent[i] = share.isEmpty() ? -1 : (int) Values.integer(share, 0, 100);
      given += Math.max(0, percent[i]);
      open += percent[i] < 0 ? 1 : 0;
    }
    if (given > 100) {
      throw new IllegalArgumentException(Values.quote(text) + " adds up to " + given + " per cent");
    }
    int left = 100 - given;
    List<Share> shares = new ArrayList<>();
    for (int i = 0; i < parts.length; i++) {
      if (percent[i] < 0) {
        percent[i] = left / open;
        left -= percent[i];
        open--;
      }
      shares.add(new Share(bytes[i], percent[i]));
    }
    if (left > 0) {
      Share last = shares.removeLast();
      shares.add(new Share(last.bytes, last.percent + left));
    }
    return new BlockSizes(
        Arrays.stream(bytes).min().getAsInt(), Arrays.stream(bytes).max().getAsInt(), shares);
  }

  /** Whether all are of one size. */
  public boolean isFixed() {
    return least == most;
  }

  private static int bytes(String text, int base) {
    long bytes = Values.size(text.trim(), base);
    if (bytes < 1 || bytes > MOST_BYTES) {
      throw new IllegalArgumentException(
          Values.quote(text) + " must be from 1 byte to 1 GiB for an I/O");
    }
    return (int) bytes;
  }
}
