package sluice.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Option;
import sluice.bench.job.JobOptions;
import sluice.bench.job.JobSet;
import sluice.bench.job.Options;
import sluice.bench.report.HtmlReport;
import sluice.bench.report.HumanReport;
import sluice.bench.report.JsonReport;
import sluice.bench.report.LogFiles;
import sluice.bench.report.TerseReport;
import sluice.bench.result.BenchResult;
import sluice.support.text.PlainText;

/** Where the results of a benchmark go. */
final class BenchOutput {
  /** In the order in which fio writes them, whatever the order in which they are asked for. */
  private static final List<String> FORMATS = List.of("terse", "json", "json+", "normal");

  private static final String NORMAL = "normal";

  /** What other commands call it. */
  private static final String TEXT = "text";

  @Option(
      names = {"-o", "--output-format"},
      paramLabel = "FORMAT",
      split = ",",
      defaultValue = NORMAL,
      description = "normal, json, json+ or terse; more than one with commas (default: normal).")
  private List<String> formats;

  @Option(names = "--minimal", description = "The terse report, as --output-format=terse.")
  private boolean minimal;

  @Option(names = "--append-terse", description = "The terse report too.")
  private boolean appendTerse;

  @Option(
      names = "--terse-version",
      paramLabel = "VERSION",
      description = "Which terse report: 2, 3, 4 or 5 (default: 3).")
  private int terseVersion = TerseReport.STANDARD;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Where the report goes instead of standard output.")
  private Path file;

  @Option(
      names = "--hlog",
      paramLabel = "FILE",
      description = "Write the latencies of each second as HdrHistogram's log too.")
  private Path histograms;

  @Option(names = "--html", paramLabel = "FILE", description = "Write a page with plots too.")
  private Path page;

  private boolean hasNotes;
  private boolean isPrinted;

  /** Of a command that tells its notes in the report for people, and nowhere else. */
  static BenchOutput withNotes() {
    BenchOutput output = new BenchOutput();
    output.hasNotes = true;
    return output;
  }

  /** The formats that are wanted. */
  private List<String> wanted() {
    return FORMATS.stream()
        .filter(format ->
            (isNamed(format) && !minimal) || (format.equals("terse") && (minimal || appendTerse)))
        .toList();
  }

  private boolean isNamed(String format) {
    return formats.contains(format) || (format.equals(NORMAL) && formats.contains(TEXT));
  }

  /**
   * Tells a program that reads standard output why there is no report. What calls fio is told as
   * fio does, on standard error alone.
   */
  void failed(String message) {
    // Without formats where the command line could not be read.
    if (formats != null && formats.contains("json") && file == null && !isPrinted && !hasNotes) {
      new Output().json(Map.of(Output.ERROR, message), System.out);
    }
  }

  /** Whether the report for people is among what is written. */
  boolean isForPeople() {
    return wanted().contains("normal");
  }

  /**
   * Looks whether all can be written, before a drive is measured for it.
   *
   * @param jobs which may ask for logs, written where the command was started
   * @throws IllegalArgumentException if not, in one line
   */
  void check(JobSet jobs) {
    checkReport();
    BenchTarget.requireWritable(histograms);
    BenchTarget.requireWritable(page);
    for (JobOptions job : jobs.jobs()) {
      Stream.of(
              Options.WRITE_BW_LOG,
              Options.WRITE_IOPS_LOG,
              Options.WRITE_LAT_LOG,
              Options.WRITE_HIST_LOG)
          .map(job::get)
          .filter(name -> name != null && !name.isEmpty())
          // The log's own name begins so: what must be there is its folder.
          .forEach(name -> BenchTarget.requireWritable(Path.of(name + "_bw.log")));
    }
  }

  private void checkReport() {
    for (String format : formats) {
      if (!FORMATS.contains(format) && !format.equals(TEXT)) {
        throw new IllegalArgumentException(
            "no report is called '" + format + "'; there are normal, json, json+ and terse");
      }
    }
    TerseReport.requireVersion(terseVersion);
    BenchTarget.requireWritable(file);
  }

  /** Prints a text as the report. */
  void print(String text) {
    System.out.print(text.endsWith("\n") ? text : text + "\n");
  }

  /** The logs that jobs ask for, where the command was started, and HdrHistogram's. */
  LogFiles logs() {
    return new LogFiles(Path.of(""), histograms);
  }

  /**
   * Writes a comparison in the formats that are wanted, where the report would go.
   *
   * @throws IllegalArgumentException if that is not possible, in one line
   */
  void writeComparison(Supplier<String> normal, Supplier<String> json, Supplier<String> html) {
    checkReport();
    BenchTarget.requireWritable(page);
    if (histograms != null) {
      throw new IllegalArgumentException("--compare has no histograms");
    }
    if (wanted().contains("terse")) {
      throw new IllegalArgumentException("--compare has no terse report");
    }
    StringBuilder text = new StringBuilder();
    for (String format : wanted()) {
      text.append(format.equals("normal") ? normal.get() : json.get());
    }
    try {
      write(text);
      if (page != null) {
        Files.writeString(page, html.get());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /**
   * Writes all that is wanted. A report that its file does not take is printed, so that it is not
   * lost.
   *
   * @param logs ended by this
   * @throws IOException if a file cannot be written, when all else was; its message says which
   */
  void write(BenchResult result, LogFiles logs) throws IOException {
    IOException failure = null;
    try {
      writeReport(result);
    } catch (IOException e) {
      System.out.print(report(result));
      failure = cannot(file, e);
    }
    try (logs) {
      logs.finish(result);
    } catch (IOException e) {
      failure = failure == null ? e : failure;
    }
    try {
      if (page != null) {
        Files.writeString(page, HtmlReport.of(result));
      }
    } catch (IOException e) {
      failure = failure == null ? cannot(page, e) : failure;
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static IOException cannot(Path path, IOException e) {
    return new IOException("cannot write " + path + ": " + e.getMessage(), e);
  }

  /**
   * Prints what was measured until now; a report in a file is replaced by it, so that the file is
   * always a whole one. A file that cannot be written is told of, and the benchmark goes on.
   */
  void writeInterim(BenchResult result) {
    try {
      writeReport(result);
    } catch (IOException e) {
      System.err.println("sluice bench: cannot write " + file + ": " + e);
    }
  }

  private String notes(BenchResult result) {
    return hasNotes
        ? result.warnings().stream()
            .map(note -> "note: " + PlainText.escape(note) + "\n")
            .collect(Collectors.joining())
        : "";
  }

  private void writeReport(BenchResult result) throws IOException {
    write(report(result));
  }

  private String report(BenchResult result) {
    StringBuilder text = new StringBuilder();
    for (String format : wanted()) {
      text.append(
          switch (format) {
            case "terse" -> TerseReport.of(result, terseVersion);
            case "normal" -> notes(result) + HumanReport.of(result);
            case "json" -> JsonReport.of(result, false);
            case "json+" -> JsonReport.of(result, true);
            default -> throw new IllegalStateException(format);
          });
      if (text.charAt(text.length() - 1) != '\n') {
        text.append('\n');
      }
    }
    return text.toString();
  }

  private void write(CharSequence text) throws IOException {
    isPrinted = true;
    if (file == null) {
      System.out.print(text);
    } else {
      Files.writeString(file, text);
    }
  }
}
