package sluice.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import sluice.support.text.Units;

/**
 * How much memory can be had. A ring is all there from the start; one that is larger than what is
 * free would not fail, but have the kernel kill this process, or another.
 */
final class FreeMemory {
  private static final Path MEMINFO = Path.of("/proc/meminfo");
  private static final Path CGROUP_MAX = Path.of("/sys/fs/cgroup/memory.max");
  private static final Path CGROUP_CURRENT = Path.of("/sys/fs/cgroup/memory.current");

  private FreeMemory() {}

  /**
   * @throws IllegalArgumentException if so much memory is not to be had
   */
  static void require(String what, long bytes) {
    long available = Math.min(ofMachine(), ofContainer());
    if (bytes > available) {
      throw new IllegalArgumentException(
          "%s of %s is more than the %s of memory that are free; take a smaller one"
              .formatted(what, Units.formatSize(bytes), Units.formatSize(available)));
    }
  }

  /** What the kernel could give without swapping; a line such as {@code MemAvailable: 42 kB}. */
  private static long ofMachine() {
    for (String line : lines(MEMINFO)) {
      if (line.startsWith("MemAvailable:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    return Long.MAX_VALUE;
  }

  /** What is left of this container's share, where there is one (control groups, version 2). */
  private static long ofContainer() {
    List<String> max = lines(CGROUP_MAX);
    List<String> current = lines(CGROUP_CURRENT);
    if (max.isEmpty() || current.isEmpty() || max.getFirst().equals("max")) {
      return Long.MAX_VALUE;
    }
    return Long.parseLong(max.getFirst()) - Long.parseLong(current.getFirst());
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of();
    }
  }
}
