package sluice.vfio.discovery;

import java.nio.file.Path;
import java.util.List;

/** The processes of a machine. */
public final class Processes {
  private Processes() {}

  /** Their directories in procfs. */
  public static List<Path> all(Host host) {
    return Host.entries(host.path("proc")).stream()
        .filter(path -> Host.name(path).chars().allMatch(Character::isDigit))
        .toList();
  }
}
