package sluice.vfio.takeover;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import sluice.vfio.discovery.Host;
import sluice.vfio.discovery.Processes;

/**
 * Which devices' files the processes of a machine have open, at one look at all of them. Others'
 * processes only show theirs to root.
 */
final class OpenFiles {
  private static final String DEVICES = "/dev/";

  private final Map<String, Set<String>> users = new HashMap<>();

  OpenFiles(Host host) {
    for (Path process : Processes.all(host)) {
      for (Path descriptor : Host.entries(process.resolve("fd"))) {
        String file = target(descriptor);
        if (file.startsWith(DEVICES)) {
          users
              .computeIfAbsent(file, _ -> new LinkedHashSet<>())
              .add(
                  Host.name(process) + " (" + Host.text(process.resolve("comm")).orElse("?") + ")");
        }
      }
    }
  }

  /**
   * Who has one of some files open.
   *
   * @param files as the processes see them: {@code /dev/nvme0n1}
   * @return process id and name of each
   */
  List<String> users(Iterable<String> files) {
    Set<String> found = new LinkedHashSet<>();
    files.forEach(file -> found.addAll(users.getOrDefault(file, Set.of())));
    return new ArrayList<>(found);
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }
}
