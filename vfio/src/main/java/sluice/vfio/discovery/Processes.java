package sluice.vfio.discovery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The processes of a machine, and which files they have open. */
final class Processes {
  private Processes() {}

  /** Their directories in procfs. */
  static List<Path> all(Host host) {
    return Host.entries(host.path("proc")).stream()
        .filter(path -> Host.name(path).chars().allMatch(Character::isDigit))
        .toList();
  }

  /**
   * Who has one of some files open; others' processes only show theirs to root.
   *
   * @param files as the processes see them: {@code /dev/nvme0n1}
   * @return process id and name of each
   */
  static List<String> using(Host host, Set<String> files) {
    List<String> users = new ArrayList<>();
    for (Path process : all(host)) {
      if (Host.entries(process.resolve("fd")).stream().anyMatch(fd -> files.contains(target(fd)))) {
        users.add(Host.name(process) + " (" + Host.text(process.resolve("comm")).orElse("?") + ")");
      }
    }
    return users;
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }
}
