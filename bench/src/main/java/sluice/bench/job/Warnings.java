package sluice.bench.job;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is said about options that do nothing; each option is named once. */
final class Warnings {
  private static final int MOST = 100;

  private final Set<String> named = new HashSet<>();
  private final List<String> lines = new ArrayList<>();

  void add(String line, String option, String value) {
    if (!named.add(option)) {
      return;
    }
    String text = value.isEmpty() ? option : option + "=" + value;
    String shown = Values.quote(text);
    shown = shown.substring(1, shown.length() - 1);
    add(
        line
            + ": "
            + shown
            + (Options.isWithoutMeaning(option)
                ? " has no meaning here: the drive is driven without the kernel"
                : " is not known and left out"));
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
