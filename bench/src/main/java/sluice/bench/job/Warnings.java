package sluice.bench.job;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is said about options that do nothing; each option is named once. */
final class Warnings {
  static final String WITHOUT_MEANING =
      " has no meaning here: the drive is driven without the kernel";
  static final String LEFT_OUT = " is not done here and left out: this is another load than fio's";

  private static final int MOST = 100;

  private final Set<String> named = new HashSet<>();
  private final List<String> lines = new ArrayList<>();

  /**
   * @param what one of the texts above
   */
  void add(String line, String option, String value, String what) {
    if (!named.add(option)) {
      return;
    }
    String text = value.isEmpty() ? option : option + "=" + value;
    String shown = Values.quote(text);
    add(line + ": " + shown.substring(1, shown.length() - 1) + what);
  }

  void add(String text) {
    if (lines.size() < MOST && !lines.contains(text)) {
      lines.add(text);
    }
  }

  List<String> lines() {
    return lines;
  }
}
