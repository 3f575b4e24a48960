package sluice.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;
import sluice.support.text.PlainText;

/**
 * The option {@code -o}, and how results are printed. Standard output gets nothing but what is
 * printed here (and what {@code play} plays).
 */
final class Output {
  /** The member of an object that tells of a failure, in the words of standard error. */
  static final String ERROR = "error";

  enum Format {
    text,
    json
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "How to print the result: ${COMPLETION-CANDIDATES} (default: text).",
      defaultValue = "text")
  private Format format;

  /** Whether nothing but a stream may go to standard output. */
  private boolean isStreamThere;

  private boolean isPrinted;

  /** Of a command whose stream goes to standard output, until {@link #streamGoesElsewhere}. */
  static Output besideStream() {
    Output output = new Output();
    output.isStreamThere = true;
    return output;
  }

  void streamGoesElsewhere() {
    isStreamThere = false;
  }

  boolean isJson() {
    return format == Format.json;
  }

  /** Prints maps, lists, strings, numbers and booleans as JSON; once, where the result goes. */
  void json(Object value) {
    isPrinted = true;
    json(value, isStreamThere ? System.err : System.out);
  }

  /**
   * Tells a program that reads standard output why there is no result. What is printed in spite of
   * a failure has the same member {@code error}.
   */
  void failed(String message) {
    if (isJson() && !isPrinted && !isStreamThere) {
      json(Map.of(ERROR, message));
    }
  }

  /** The same to elsewhere. What is an {@link Iterable} is printed element by element. */
  void json(Object value, PrintStream out) {
    try {
      JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).write(value, new Unclosed(out));
      out.println();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A stream that outlives who writes to it. */
  private static final class Unclosed extends FilterOutputStream {
    Unclosed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }

  /** Prints one line for people; what could change the terminal is shown and not done. */
  void line(String text) {
    System.out.println(PlainText.escape(text));
  }

  /** Columns of text, as wide as their widest cell; a column of numbers is set to the right. */
  static final class Table {
    private final boolean[] right;
    private final List<String[]> rows = new ArrayList<>();

    /** Headings; those that start with {@code >} are of columns that are set to the right. */
    Table(String... headings) {
      right = new boolean[headings.length];
      for (int i = 0; i < headings.length; i++) {
        right[i] = headings[i].startsWith(">");
        headings[i] = right[i] ? headings[i].substring(1) : headings[i];
      }
      rows.add(headings);
    }

    void row(String... cells) {
      rows.add(Arrays.stream(cells).map(PlainText::escape).toArray(String[]::new));
    }

    void print(PrintStream out) {
      int[] widths = new int[right.length];
      for (String[] row : rows) {
        for (int i = 0; i < widths.length; i++) {
          widths[i] = Math.max(widths[i], row[i].length());
        }
      }
      for (String[] row : rows) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
          String pad = " ".repeat(widths[i] - row[i].length());
          line.append(right[i] ? pad + row[i] : row[i] + pad).append("  ");
        }
        out.println(line.toString().stripTrailing());
      }
    }
  }
}
