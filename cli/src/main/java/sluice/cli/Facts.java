package sluice.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a command found out, told once and shown twice: as lines with a label for people, as an
 * object of JSON for programs.
 */
final class Facts {
  private final Map<String, Object> json = new LinkedHashMap<>();
  private final List<String[]> lines = new ArrayList<>();

  /** A fact that programs and people read differently. */
  Facts add(String key, Object value, String label, String text) {
    json.put(key, value);
    lines.add(new String[] {label, text});
    return this;
  }

  /** A fact that reads the same for all. */
  Facts add(String key, Object value, String label) {
    return add(key, value, label, String.valueOf(value));
  }

  /** A line for people only. */
  Facts addLine(String label, String text) {
    lines.add(new String[] {label, text});
    return this;
  }

  /** A fact for programs only. */
  Facts addHidden(String key, Object value) {
    json.put(key, value);
    return this;
  }

  Map<String, Object> json() {
    return json;
  }

  /** Prints them in the chosen format. */
  void print(Output output) {
    if (output.isJson()) {
      output.json(json);
    } else {
      printLines(output, "");
    }
  }

  /** Prints the lines for people below a heading, indented; without one when it is empty. */
  void printLines(Output output, String heading) {
    if (!heading.isEmpty()) {
      output.line(heading);
    }
    int width = lines.stream().mapToInt(line -> line[0].length()).max().orElse(0);
    String indent = heading.isEmpty() ? "" : "  ";
    for (String[] line : lines) {
      output.line(indent + line[0] + " ".repeat(width - line[0].length()) + "  " + line[1]);
    }
  }
}
