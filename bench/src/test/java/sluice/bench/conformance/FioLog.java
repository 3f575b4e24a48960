package sluice.bench.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import sluice.bench.result.Direction;

/** The real fio's record of what it issued ({@code write_iolog}). */
final class FioLog {
  private static final Set<String> WAYS = Set.of("read", "write", "trim");

  private FioLog() {}

  static List<Access> read(Path log) throws IOException {
    List<Access> accesses = new ArrayList<>();
    for (String line : Files.readAllLines(log)) {
      String[] words = line.split(" ");
      if (words.length == 5 && WAYS.contains(words[2])) {
        accesses.add(
            new Access(
                Direction.valueOf(words[2].toUpperCase(Locale.ROOT)),
                Long.parseLong(words[3]),
                Integer.parseInt(words[4])));
      }
    }
    return accesses;
  }
}
