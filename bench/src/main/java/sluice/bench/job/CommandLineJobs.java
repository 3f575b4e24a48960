package sluice.bench.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads jobs as fio's command line has them: {@code --name=one --rw=randread --name=two …}. What
 * stands before the first {@code --name} is for all; without any there is one job called fio.
 */
public final class CommandLineJobs {
  static final String WHERE = "command line";
  private static final String NAME = "name";
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:=,@%+-]+");
  private static final Pattern OPTION = Pattern.compile("--?([a-z][a-zA-Z0-9_-]*)(=.*)?");

  private CommandLineJobs() {}

  /**
   * @param arguments each {@code --option=value} or {@code --option}, with one dash or two
   * @throws JobException if anything is no good, in one line
   */
  public static JobSet read(List<String> arguments) {
    return read(arguments, Dialect.OWN);
  }

  /**
   * @param arguments each {@code --option=value} or {@code --option}, with one dash or two
   * @param dialect how they are read
   * @throws JobException if anything is no good, in one line
   */
  public static JobSet read(List<String> arguments, Dialect dialect) {
    JobReader reader = new JobReader(dialect);
    boolean named = arguments.stream().anyMatch(argument -> argument.matches("--?name=.*"));
    reader.section(WHERE, named ? "global" : "fio");
    readInto(reader, arguments);
    return reader.end(WHERE);
  }

  /**
   * Makes {@code --runtime 120} and {@code -rw=read} what others write as {@code --runtime=120} and
   * {@code --rw=read}, and {@code -minimal} what they write as {@code --minimal}; what is none of
   * fio's names is left as it is.
   */
  public static List<String> joined(List<String> arguments) {
    List<String> joined = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      Matcher parts = OPTION.matcher(argument);
      boolean isMain = parts.matches() && MainOptions.isName(parts.group(1));
      if (!parts.matches() || !(isMain || Options.isName(parts.group(1)))) {
        joined.add(argument);
        continue;
      }
      String option = "--" + parts.group(1);
      String next = i + 1 < arguments.size() ? arguments.get(i + 1) : "-";
      if (parts.group(2) != null) {
        joined.add(option + parts.group(2));
      } else if (!isMain && Options.takes(parts.group(1), next)) {
        joined.add(option + "=" + next);
        i++;
      } else {
        joined.add(option);
      }
    }
    return joined;
  }

  /**
   * The jobs as the words of a command line that gives the same jobs, quoted for a shell.
   *
   * @param command that begins it
   */
  public static String write(JobSet set, String command) {
    StringBuilder line = new StringBuilder(command);
    for (JobOptions job : set.jobs()) {
      word(line, NAME, job.name());
      for (Map.Entry<String, String> option : job.all()) {
        if (!option.getKey().equals(NAME)) {
          word(line, option.getKey(), option.getValue());
        }
      }
    }
    return line.toString();
  }

  private static void word(StringBuilder line, String option, String value) {
    line.append(" --").append(option);
    if (!value.isEmpty()) {
      boolean isPlain = PLAIN.matcher(value).matches();
      line.append('=').append(isPlain ? value : "'" + value.replace("'", "'\\''") + "'");
    }
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
