package sluice.bench.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sluice.support.linux.Linux;

/**
 * What fio puts in the place of names in an option's value.
 *
 * <pre>
 *   ${SIZE}      a variable of the environment
 *   $ncpus       how many processors there are
 *   $pagesize    how many bytes a page of memory has
 *   $mb_memory   how many MiB of memory there are
 * </pre>
 *
 * <p>With one of the last three in it a value may be a sum: {@code 8*$pagesize}.
 */
final class Variables {
  private static final Pattern NAME =
      Pattern.compile("\\$(?:\\{([^}]*)\\}|(ncpus|pagesize|mb_memory)\\b)");
  private static final Pattern KEYWORD = Pattern.compile("\\$(?:ncpus|pagesize|mb_memory)\\b");
  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final Pattern TOTAL = Pattern.compile("MemTotal:\\s+(\\d+) kB");
  private static final long KIB_PER_MIB = 1024;

  private Variables() {}

  /**
   * @throws IllegalArgumentException if a variable is not set
   */
  static String expand(String text) {
    if (text.indexOf('$') < 0) {
      return text;
    }
    String replaced =
        NAME.matcher(text)
            .replaceAll(name -> Matcher.quoteReplacement(value(name.group(1), name.group(2))));
    // So does fio, which asks bc, where one of its own names was in it.
    boolean isSum = KEYWORD.matcher(text).find() && Arithmetic.isOne(replaced);
    return isSum ? Arithmetic.of(replaced) : replaced;
  }

  private static String value(String variable, String keyword) {
    if (variable == null) {
      return switch (keyword) {
        case "ncpus" -> Integer.toString(Runtime.getRuntime().availableProcessors());
        case "pagesize" -> Long.toString(Linux.pageSize());
        default -> memoryMib();
      };
    }
    String value = System.getenv(variable);
    if (value == null) {
      throw new IllegalArgumentException("${" + variable + "} is not set in the environment");
    }
    return value;
  }

  private static String memoryMib() {
    try {
      Matcher total = TOTAL.matcher(Files.readString(MEMORY));
      if (total.find()) {
        return Long.toString(Long.parseLong(total.group(1)) / KIB_PER_MIB);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + MEMORY + " for $mb_memory", e);
    }
    throw new IllegalArgumentException(MEMORY + " does not tell how much memory there is");
  }
}
