package sluice.qemu.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import sluice.qemu.QemuException;

/**
 * Debian's packages, fetched and unpacked by apt-get and dpkg into the cache. Nothing is installed,
 * no root is needed: apt-get keeps its lists of packages in the cache as well.
 */
final class DebianPackages {
  private static final Duration DEADLINE = Duration.ofMinutes(10);

  private DebianPackages() {}

  /**
   * Gets a package and unpacks it.
   *
   * @param name its name; a package that only depends on another stands for that one if {@code
   *     dependency} says how the other's name begins
   * @return the directory below which its files are, as they would be below /
   */
  static Path unpacked(String name, String dependency) {
    return Cache.entry(
        "package-" + name,
        path -> {
          Path lists = lists();
          String real = dependency == null ? name : dependency(name, dependency, lists);
          Progress.say("getting Debian's package " + real);
          Path download = Files.createTempDirectory(Cache.directory(), "download-");
          try {
            apt(download, lists, "apt-get", "-q", "download", real);
            Files.createDirectories(path);
            for (Path file : list(download)) {
              String _ =
                  Tool.run(
                      download,
                      DEADLINE,
                      List.of("dpkg-deb", "--extract", file.toString(), path.toString()));
            }
          } finally {
            Cache.delete(download);
          }
        });
  }

  static Path unpacked(String name) {
    return unpacked(name, null);
  }

  private static String dependency(String name, String prefix, Path lists) {
    return apt(lists, lists, "apt-cache", "depends", name)
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith("Depends: " + prefix))
        .map(line -> line.substring("Depends: ".length()))
        .findFirst()
        .orElseThrow(() -> new QemuException("Debian's " + name + " names no " + prefix));
  }

  /** The lists of packages of the system's sources, fetched once a day at most. */
  private static Path lists() {
    long day = System.currentTimeMillis() / Duration.ofDays(1).toMillis();
    return Cache.entry(
        "apt-" + day,
        path -> {
          Progress.say("getting the lists of Debian's packages");
          Files.createDirectories(path.resolve("lists/partial"));
          Files.createDirectories(path.resolve("archives/partial"));
          apt(path, path, "apt-get", "-q", "update");
        });
  }

  private static String apt(Path directory, Path lists, String program, String... arguments) {
    List<String> command = new ArrayList<>(List.of(program));
    option(command, "Dir::State::lists=" + lists.resolve("lists"));
    option(command, "Dir::Cache=" + lists);
    option(command, "Dir::Cache::archives=" + lists.resolve("archives"));
    option(command, "APT::Sandbox::User=root");
    command.addAll(List.of(arguments));
    try {
      return Tool.run(directory, DEADLINE, command);
    } catch (QemuException e) {
      throw new QemuException(
          "cannot get Debian's packages, which needs Debian's apt-get and a network: "
              + e.getMessage(),
          e);
    }
  }

  private static void option(List<String> command, String option) {
    command.add("-o");
    command.add(option);
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }
}
