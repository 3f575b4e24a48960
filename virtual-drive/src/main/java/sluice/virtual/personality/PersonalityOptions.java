package sluice.virtual.personality;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import sluice.nvme.spec.Status;
import sluice.nvme.spec.StatusCode;
import sluice.support.text.Units;

/**
 * Reads a {@link Personality} from the options of an address, or from a properties file with the
 * same names.
 *
 * <pre>
 *   latency=80us            each command takes that long at least
 *   bandwidth=2GB/s         data goes through one pipe of that rate
 *   pause=50ms every=2s     no command completes for so long, so often
 *   jitter=20% seed=1       the time between pauses varies by up to that part
 *   cliff=2GiB after=300MB/s  full speed for so many bytes of writes, then slower; recovers when idle
 *   temperature=45C warning=70C
 *   error=lba:1000-1010:unrecovered-read,count:500:write-fault
 *   stuck=count:7           the seventh I/O command never completes
 *   flip=lba:5              a bit flips in what is read from block 5
 * </pre>
 */
public final class PersonalityOptions {
  public static final Set<String> NAMES =
      Set.of(
          "latency",
          "bandwidth",
          "pause",
          "every",
          "jitter",
          "seed",
          "cliff",
          "after",
          "temperature",
          "warning",
          "error",
          "stuck",
          "flip");

  private static final int CRITICAL_ABOVE_WARNING = 10;

  private final Map<String, String> options;

  private PersonalityOptions(Map<String, String> options) {
    this.options = options;
  }

  /**
   * @param options those of {@link #NAMES} count
   * @throws IllegalArgumentException naming the option that is no good, and why
   */
  public static Personality parse(Map<String, String> options) {
    return new PersonalityOptions(options).personality();
  }

  /**
   * Reads a properties file.
   *
   * @throws IllegalArgumentException if it cannot be read, or has a name that is not one of {@link
   *     #NAMES}
   */
  public static Map<String, String> read(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read the personality " + file + ": " + e, e);
    }
    Map<String, String> result = new LinkedHashMap<>();
    for (String name : properties.stringPropertyNames()) {
      if (!NAMES.contains(name)) {
        throw new IllegalArgumentException(
            "the personality "
                + file
                + " has '"
                + name
                + "', which is none of "
                + String.join(", ", NAMES.stream().sorted().toList()));
      }
      result.put(name, properties.getProperty(name).trim());
    }
    return result;
  }

  private Personality personality() {
    long pause = duration("pause");
    long every = duration("every");
    requireTogether("pause", "every");
    if (pause > 0 && pause >= every) {
      throw bad("pause", "must be shorter than every=" + options.get("every"));
    }
    requireTogether("cliff", "after");
    double jitter = fraction("jitter");
    if (pause == 0 && options.containsKey("jitter")) {
      throw bad("jitter", "needs pause= and every=");
    }
    if (pause > every * (1 - jitter)) {
      throw bad("jitter", "would let pauses of " + options.get("pause") + " run into each other");
    }
    int warning = kelvin("warning", Personality.PLAIN.warningKelvin());
    List<Fault> faults = new ArrayList<>();
    addFaults(faults, "error", Fault.Kind.ERROR);
    addFaults(faults, "stuck", Fault.Kind.STUCK);
    addFaults(faults, "flip", Fault.Kind.FLIP);
    return new Personality(
        duration("latency"),
        rate("bandwidth"),
        pause,
        every,
        jitter,
        seed(),
        options.containsKey("cliff") ? size("cliff") : 0,
        rate("after"),
        kelvin("temperature", Personality.PLAIN.temperatureKelvin()),
        warning,
        warning + CRITICAL_ABOVE_WARNING,
        faults);
  }

  private void requireTogether(String one, String other) {
    if (options.containsKey(one) && !options.containsKey(other)) {
      throw bad(one, "needs " + other + "= too");
    }
    if (options.containsKey(other) && !options.containsKey(one)) {
      throw bad(other, "needs " + one + "= too");
    }
  }

  private long duration(String name) {
    return options.containsKey(name) ? Units.parseDuration(options.get(name)) : 0;
  }

  private long rate(String name) {
    return options.containsKey(name) ? Units.parseRate(options.get(name)) : 0;
  }

  private long size(String name) {
    return Units.parseSize(options.get(name));
  }

  private long seed() {
    return number("seed", options.getOrDefault("seed", "0"));
  }

  private double fraction(String name) {
    String text = options.getOrDefault(name, "0");
    try {
      boolean percent = text.endsWith("%");
      double value = Double.parseDouble(percent ? text.substring(0, text.length() - 1) : text);
      double fraction = percent ? value / 100 : value;
      if (fraction >= 0 && fraction < 1) {
        return fraction;
      }
    } catch (NumberFormatException e) {
      throw bad(name, "write a part as 20% or 0.2", e);
    }
    throw bad(name, "must be at least 0% and less than 100%");
  }

  private int kelvin(String name, int otherwise) {
    String text = options.get(name);
    if (text == null) {
      return otherwise;
    }
    boolean celsius = text.endsWith("C");
    long value = number(name, celsius ? text.substring(0, text.length() - 1) : text);
    if (!celsius) {
      throw bad(name, "write a temperature as 45C");
    }
    if (value < -40 || value > 150) {
      throw bad(name, "must be from -40C to 150C");
    }
    return (int) value + Personality.ZERO_CELSIUS;
  }

  private void addFaults(List<Fault> faults, String name, Fault.Kind kind) {
    String text = options.get(name);
    if (text == null) {
      return;
    }
    for (String part : text.split(",")) {
      faults.add(fault(name, kind, part.trim()));
    }
  }

  private Fault fault(String name, Fault.Kind kind, String text) {
    String[] fields = text.split(":");
    boolean byCount = fields[0].equals("count");
    if (!byCount && (!fields[0].equals("lba") || kind == Fault.Kind.STUCK)) {
      throw bad(name, "'" + text + "' does not begin with " + where(kind));
    }
    boolean isError = kind == Fault.Kind.ERROR;
    boolean dnr = isError && fields.length == 4 && fields[3].equals("dnr");
    if (fields.length != (isError ? 3 : 2) + (dnr ? 1 : 0)) {
      throw bad(name, "'" + text + "' does not look like " + example(kind));
    }
    String[] range = fields[1].split("-");
    long from = number(name, range[0]);
    long to = range.length > 1 ? number(name, range[1]) : from;
    if (range.length > 2 || from < (byCount ? 1 : 0) || to < from) {
      throw bad(name, "'" + fields[1] + "' is not a range");
    }
    int status = isError ? status(name, fields[2]) | (dnr ? Status.DNR : 0) : 0;
    return new Fault(kind, byCount ? Fault.Where.COUNT : Fault.Where.LBA, from, to, status);
  }

  private static String where(Fault.Kind kind) {
    return kind == Fault.Kind.STUCK ? "count:" : "lba: or count:";
  }

  private static String example(Fault.Kind kind) {
    return switch (kind) {
      case ERROR -> "lba:1000-1010:unrecovered-read or count:500:write-fault:dnr";
      case STUCK -> "count:7";
      case FLIP -> "lba:1000-1010";
    };
  }

  /** A status code by its name, with hyphens; a final "-error" may be left out. */
  private int status(String option, String name) {
    for (StatusCode code : StatusCode.values()) {
      String full = code.name().toLowerCase(Locale.ROOT).replace('_', '-');
      if (code != StatusCode.SUCCESS && (full.equals(name) || full.equals(name + "-error"))) {
        return code.status();
      }
    }
    throw bad(
        option,
        "no status is called '" + name + "'; some are unrecovered-read, write-fault, internal");
  }

  private long number(String name, String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw bad(name, "'" + text + "' is not a number", e);
    }
  }

  private IllegalArgumentException bad(String name, String why) {
    return bad(name, why, null);
  }

  private IllegalArgumentException bad(String name, String why, Exception cause) {
    return new IllegalArgumentException(name + "=" + options.get(name) + ": " + why, cause);
  }
}
