package sluice.bench.job;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads jobs as fio's command line has them: {@code --name=one --rw=randread --name=two …}. What
 * stands before the first {@code --name} is for all; without any there is one job called fio.
 */
public final class CommandLineJobs {
  static final String WHERE = "command line";
  private static final String NAME = "name";
  private static final Pattern OPTION = Pattern.compile("--?([a-z][a-zA-Z0-9_-]*)(=.*)?");

  private CommandLineJobs() {}

  /**
   * @param arguments each {@code --option=value} or {@code --option}, with one dash or two
   * @throws JobException if anything is no good, in one line
   */
  public static JobSet read(List<String> arguments) {
    return read(arguments, false);
  }

  /**
   * @param arguments each {@code --option=value} or {@code --option}, with one dash or two
   * @param isLenient whether options of fio's that change the load and are not done here are left
   *     out, and told, rather than refused
   * @throws JobException if anything is no good, in one line
   */
  public static JobSet read(List<String> arguments, boolean isLenient) {
    JobReader reader = new JobReader(isLenient);
    boolean named = arguments.stream().anyMatch(argument -> argument.matches("--?name=.*"));
    reader.section(WHERE, named ? "global" : "fio");
    readInto(reader, arguments);
    return reader.end(WHERE);
  }

  /**
   * Makes {@code --runtime 120} and {@code -rw=read} what others write as {@code --runtime=120} and
   * {@code --rw=read}; what is none of fio's names is left as it is.
   */
  public static List<String> joined(List<String> arguments) {
    List<String> joined = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      Matcher parts = OPTION.matcher(argument);
      if (!parts.matches() || !Options.isName(parts.group(1))) {
        joined.add(argument);
        continue;
      }
      String option = "--" + parts.group(1);
      String next = i + 1 < arguments.size() ? arguments.get(i + 1) : "-";
      if (parts.group(2) != null) {
        joined.add(option + parts.group(2));
      } else if (Options.takes(parts.group(1), next)) {
        joined.add(option + "=" + next);
        i++;
      } else {
        joined.add(option);
      }
    }
    return joined;
  }

  static void readInto(JobReader reader, List<String> arguments) {
    for (String argument : arguments) {
      // fio takes both, as getopt_long_only does.
      int dashes = argument.startsWith("--") ? 2 : argument.startsWith("-") ? 1 : 0;
      if (dashes == 0 || argument.length() == dashes) {
        throw new JobException(
            WHERE, Values.quote(argument) + " is no option; fio's are written as --rw=randread");
      }
      int equals = argument.indexOf('=');
      String name = argument.substring(dashes, equals < 0 ? argument.length() : equals);
      String value = equals < 0 ? "" : argument.substring(equals + 1).strip();
      MainOptions.refuse(name);
      if (name.equals(NAME) && !value.isEmpty()) {
        reader.section(WHERE, value);
      }
      // A name is an option too, as fio's reports have it.
      reader.option(WHERE, name, value);
    }
  }
}
