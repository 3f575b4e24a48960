package sluice.bench.job;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Reads fio's job files.
 *
 * <pre>
 *   ; a comment            # too
 *   [global]               for the jobs that follow; may come again
 *   bs=4k                  # behind a line too
 *   [job]                  a job
 *   rw=randread
 *   stonewall              a name alone is a yes
 *   include more.fio       as if its lines stood here
 * </pre>
 */
public final class JobFile {
  private static final int MOST_BYTES = 1 << 20;
  private static final int MOST_INCLUDES = 100;
  private static final String INCLUDE = "include ";
  private static final Path STANDARD_INPUT = Path.of("-");

  private final JobReader reader;
  private final Deque<Path> open = new ArrayDeque<>();
  private int includes;

  private JobFile(JobReader reader) {
    this.reader = reader;
  }

  /**
   * Reads a job file.
   *
   * @throws JobException if anything in it is no good, in one line: {@code FILE:LINE: …}
   */
  public static JobSet read(Path file) {
    return read(List.of(file), List.of(), Dialect.OWN);
  }

  /**
   * Reads job files one after the other: what is global in one is not in the next, whose first job
   * waits for all before it, as fio has it.
   *
   * @param files at least one; {@code -} is standard input
   * @param options of the command line, as {@code --runtime=10}: they are global, and the files'
   *     own come after them
   * @param dialect how they are read
   * @throws JobException if anything in it is no good, in one line: {@code FILE:LINE: …}
   */
  public static JobSet read(List<Path> files, List<String> options, Dialect dialect) {
    JobReader reader = new JobReader(dialect);
    for (Path file : files) {
      reader.file();
      if (!options.isEmpty()) {
        reader.section(CommandLineJobs.WHERE, "global");
        CommandLineJobs.readInto(reader, options);
      }
      Path real = file.equals(STANDARD_INPUT) ? Path.of("/dev/stdin") : file;
      new JobFile(reader).include(real.toString(), real);
    }
    return reader.end(files.getLast().toString());
  }

  private void include(String where, Path file) {
    Path real = file.toAbsolutePath().normalize();
    if (open.contains(real)) {
      throw new JobException(where, Values.quote(file) + " includes itself");
    }
    if (++includes > MOST_INCLUDES) {
      throw new JobException(where, "there are more than " + MOST_INCLUDES + " includes");
    }
    open.push(real);
    int number = 0;
    for (String line : text(where, file).split("\n", -1)) {
      number++;
      line(file + ":" + number, file, withoutComment(line).strip());
    }
    open.pop();
  }

  /** Up to the first semicolon or hash, wherever it is; so fio has it. */
  private static String withoutComment(String line) {
    int end = 0;
    while (end < line.length() && line.charAt(end) != ';' && line.charAt(end) != '#') {
      end++;
    }
    return line.substring(0, end);
  }

  private void line(String where, Path file, String line) {
    if (line.isEmpty()) {
      return;
    }
    if (line.startsWith("[")) {
      reader.section(where, sectionName(where, line));
    } else if (line.startsWith(INCLUDE)) {
      include(where, included(where, file, line.substring(INCLUDE.length()).strip()));
    } else {
      option(where, line);
    }
  }

  private static String sectionName(String where, String line) {
    int end = line.lastIndexOf(']');
    if (end < 0) {
      throw new JobException(where, Values.quote(line) + " has no closing bracket");
    }
    String name = line.substring(1, end).strip();
    if (name.isEmpty()) {
      throw new JobException(where, "a section has no name");
    }
    requireText(where, name);
    return name;
  }

  private void option(String where, String line) {
    requireText(where, line);
    if (!reader.isInSection()) {
      throw new JobException(
          where, Values.quote(line) + " stands before the first section, such as [global]");
    }
    int equals = line.indexOf('=');
    String name = (equals < 0 ? line : line.substring(0, equals)).strip();
    if (name.isEmpty()) {
      throw new JobException(where, Values.quote(line) + " has no name before the =");
    }
    reader.option(where, name, equals < 0 ? "" : line.substring(equals + 1).strip());
  }

  private static void requireText(String where, String text) {
    if (text.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0xfffd || c == 0x7f)) {
      throw new JobException(where, Values.quote(text) + " is not text");
    }
  }

  private static Path included(String where, Path file, String name) {
    requireText(where, name);
    try {
      return file.resolveSibling(name);
    } catch (IllegalArgumentException e) {
      throw new JobException(where, Values.quote(name) + " is not a file's name");
    }
  }

  private static String text(String where, Path file) {
    try {
      if (Files.isDirectory(file)) {
        throw new JobException(where, "cannot read " + Values.quote(file) + ": a folder");
      }
      // Not by its size: a pipe has none, and shells make such of <(…).
      byte[] bytes;
      try (var in = Files.newInputStream(file)) {
        bytes = in.readNBytes(MOST_BYTES + 1);
      }
      if (bytes.length > MOST_BYTES) {
        throw new JobException(where, Values.quote(file) + " is too large for a job file (1 MiB)");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new JobException(
          where,
          "cannot read "
              + Values.quote(file)
              + ": "
              + (Files.exists(file) ? e.getClass().getSimpleName() : "there is no such file"));
    }
  }
}
