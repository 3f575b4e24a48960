package sluice.bench.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What job files ask for that are public, as options by fio's names in alphabetical order: a file a
 * line, {@code owner/repository path | * OPTIONS | j1 OPTIONS | …}. {@code *} is for all jobs
 * behind it, and jobs are numbered.
 *
 * @param reason words with which it is refused, in front of the line with an at sign between them;
 *     empty if it is taken
 * @param source repository and path
 * @param sections each a name and its options, with blanks between them
 */
record PublicJobs(String reason, String source, List<String> sections) {
  private static final String ALL = "*";
  private static final String REASON_END = " @ ";

  static List<PublicJobs> read(String resource) {
    try (var in = PublicJobs.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), UTF_8)
          .lines()
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .map(PublicJobs::parse)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PublicJobs parse(String line) {
    int at = line.indexOf(REASON_END);
    String reason = at < 0 ? "" : line.substring(0, at);
    String rest = at < 0 ? line : line.substring(at + REASON_END.length());
    List<String> parts = List.of(rest.split(" \\| "));
    return new PublicJobs(reason, parts.getFirst(), parts.subList(1, parts.size()));
  }

  /** Makes a job file of it. */
  Path write(Path folder) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String section : sections) {
      List<String> words = List.of(section.split(" "));
      String name = words.getFirst().equals(ALL) ? "global" : words.getFirst();
      text.append('[').append(name).append("]\n");
      words.stream().skip(1).forEach(option -> text.append(option).append('\n'));
    }
    return Files.writeString(folder.resolve("public.fio"), text);
  }

  @Override
  public String toString() {
    return source;
  }
}
