package sluice.bench.job;

import java.util.Set;
import java.util.stream.Collectors;

/** What is told of options and engines to who asks for {@code --cmdhelp} and {@code --enghelp}. */
public final class OptionHelp {
  private OptionHelp() {}

  /** The names of all options of jobs that are done here, one a line. */
  public static String all() {
    return String.join("\n", Options.names());
  }

  /**
   * One option in a line: its names, or why it has no meaning here.
   *
   * @throws IllegalArgumentException if fio has no such option
   */
  public static String of(String name) {
    if (Options.find(name) != null) {
      return String.join(", ", Options.namesOf(name));
    }
    if (Options.isWithoutMeaning(name)) {
      return name + Warnings.WITHOUT_MEANING;
    }
    throw new IllegalArgumentException(ForeignOptions.refusal(name));
  }

  /** The engines of fio's that may be named. */
  public static String engines() {
    return "Every engine is done by a driver of our own. Those that may be named:\n"
        + named(Engines.ASYNCHRONOUS)
        + "\nand those that wait for each I/O, so that their depth is 1:\n"
        + named(Engines.SYNCHRONOUS);
  }

  private static String named(Set<String> engines) {
    return engines.stream().sorted().collect(Collectors.joining("\n\t", "\t", ""));
  }

  /**
   * An engine in a line.
   *
   * @throws IllegalArgumentException if it is none for drives
   */
  public static String engine(String name) {
    if (Engines.SYNCHRONOUS.contains(name)) {
      return name + ": done by a driver of our own, with a depth of 1";
    }
    if (Engines.ASYNCHRONOUS.contains(name)) {
      return name + ": done by a driver of our own";
    }
    throw new IllegalArgumentException(Values.quote(name) + Engines.NOT_FOR_DRIVES);
  }
}
