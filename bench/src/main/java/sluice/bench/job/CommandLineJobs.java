package sluice.bench.job;

import java.util.List;

/**
 * Reads jobs as fio's command line has them: {@code --name=one --rw=randread --name=two …}. What
 * stands before the first {@code --name} is for all; without any there is one job called fio.
 */
public final class CommandLineJobs {
  static final String WHERE = "command line";
  private static final String NAME = "name";

  private CommandLineJobs() {}

  /**
   * @param arguments each {@code --option=value} or {@code --option}
   * @throws JobException if anything is no good, in one line
   */
  public static JobSet read(List<String> arguments) {
    JobReader reader = new JobReader();
    boolean named = arguments.stream().anyMatch(argument -> argument.startsWith("--name="));
    reader.section(WHERE, named ? "global" : "fio");
    readInto(reader, arguments);
    return reader.end(WHERE);
  }

  static void readInto(JobReader reader, List<String> arguments) {
    for (String argument : arguments) {
      if (!argument.startsWith("--") || argument.length() == 2) {
        throw new JobException(
            WHERE, Values.quote(argument) + " is no option; fio's are written as --rw=randread");
      }
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument.substring(2) : argument.substring(2, equals);
      String value = equals < 0 ? "" : argument.substring(equals + 1).strip();
      if (name.equals(NAME) && !value.isEmpty()) {
        reader.section(WHERE, value);
      }
      // A name is an option too, as fio's reports have it.
      reader.option(WHERE, name, value);
    }
  }
}
