package sluice.bench.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The option {@code random_distribution}: which offsets are likelier than others.
 *
 * @param kind of distribution
 * @param parameter theta of zipf, h of pareto, the deviation of normal as a fraction
 * @param centre where in the range the likeliest is, from 0 to 1; NaN where it is not said
 * @param zones of a zoned one; empty for others
 */
public record RandomDistribution(
    Kind kind, double parameter, double centre, PerDirection<List<Zone>> zones) {
  /** Every offset as likely as any other; each once, unless {@code norandommap}. */
  public static final RandomDistribution UNIFORM =
      new RandomDistribution(Kind.RANDOM, 0, Double.NaN, PerDirection.all(List.of()));

  private static final int MOST_ZONES = 256;

  /** What fio calls them. */
  public enum Kind {
    RANDOM,
    ZIPF,
    PARETO,
    NORMAL,
    ZONED,
    ZONED_ABS
  }

  /**
   * A part of the range, behind the zone before.
   *
   * @param percent how many of a hundred I/Os go there
   * @param size of the part
   */
  public record Zone(int percent, Extent size) {}

  static RandomDistribution parse(String text, int base) {
    int colon = text.indexOf(':');
    String name = (colon < 0 ? text : text.substring(0, colon)).trim().toLowerCase(Locale.ROOT);
    String rest = colon < 0 ? "" : text.substring(colon + 1).trim();
    Kind kind = Values.choice(name, Kind.class);
    return switch (kind) {
      case RANDOM -> UNIFORM;
      case ZIPF -> drawn(kind, rest, 1.1, 0.01, 100);
      case PARETO -> drawn(kind, rest, 0.2, 0.0001, 0.9999);
      case NORMAL -> drawn(kind, rest, 50, 0.0001, 100);
      case ZONED, ZONED_ABS ->
          new RandomDistribution(
              kind,
              0,
              Double.NaN,
              PerDirection.parse(rest, part -> zones(part, kind == Kind.ZONED, base), List.of()));
    };
  }

  /** {@code 1.2} or {@code 1.2:0.25}: the parameter, and where the likeliest is. */
  private static RandomDistribution drawn(
      Kind kind, String text, double standard, double least, double most) {
    String[] parts = text.split(":", 2);
    double parameter = parts[0].isBlank() ? standard : Values.decimal(parts[0], least, most);
    double centre = parts.length > 1 ? Values.decimal(parts[1], 0, 1) : Double.NaN;
    return new RandomDistribution(
        kind,
        kind == Kind.NORMAL ? parameter / 100 : parameter,
        centre,
        PerDirection.all(List.of()));
  }

  private static List<Zone> zones(String text, boolean relative, int base) {
    String[] parts = text.split(":", -1);
    if (parts.length > MOST_ZONES) {
      throw new IllegalArgumentException("it has more than " + MOST_ZONES + " zones");
    }
    List<Zone> zones = new ArrayList<>();
    long percent = 0;
    double size = 0;
    for (String part : parts) {
      int slash = part.indexOf('/');
      if (slash < 0) {
        throw new IllegalArgumentException(
            Values.quote(part) + " is not a zone such as " + (relative ? "60/10" : "60/10g"));
      }
      int accesses = (int) Values.integer(part.substring(0, slash), 0, 100);
      String extent = part.substring(slash + 1);
      boolean isRest = relative && extent.isBlank() && parts[parts.length - 1].equals(part);
      Extent of =
          isRest
              ? new Extent(0, Math.max(0, 1 - size))
              : relative
                  ? new Extent(0, Values.percent(extent))
                  : new Extent(Values.size(extent, base), 0);
      if (!of.isGiven()) {
        throw new IllegalArgumentException(Values.quote(part) + " is a zone of no size");
      }
      percent += accesses;
      size += of.fraction();
      zones.add(new Zone(accesses, of));
    }
    if (percent != 100) {
      throw new IllegalArgumentException("its zones get " + percent + " per cent of the I/O");
    }
    if (size > 1.000001) {
      throw new IllegalArgumentException("its zones have more than 100 per cent of the size");
    }
    return List.copyOf(zones);
  }
}
