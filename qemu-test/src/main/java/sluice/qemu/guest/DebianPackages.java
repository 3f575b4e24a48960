package sluice.qemu.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import sluice.qemu.QemuException;
import sluice.qemu.QemuProcess;

/**
 * Debian's packages, fetched by apt-get and unpacked by dpkg. Nothing is installed and no root is
 * needed: the lists of packages are in a directory of their own too, which lives as long as this.
 */
final class DebianPackages implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofMinutes(10);

  private final Path directory;
  private final List<String> options = new ArrayList<>();

  private DebianPackages(Path sources) throws IOException {
    Files.createDirectories(Cache.directory());
    directory = Files.createTempDirectory(Cache.directory(), "apt-");
    Files.createDirectories(directory.resolve("lists/partial"));
    Files.createDirectories(directory.resolve("archives/partial"));
    option("Dir::State::lists=" + directory.resolve("lists"));
    option("Dir::Cache=" + directory);
    option("Dir::Cache::archives=" + directory.resolve("archives"));
    option("APT::Sandbox::User=root");
    if (sources != null) {
      option("Dir::Etc::sourcelist=" + sources);
      option("Dir::Etc::sourceparts=/dev/null");
    }
  }

  /**
   * The packages of the system's own sources.
   *
   * @throws QemuException if this is no Debian, or there is no network
   */
  static DebianPackages ofSystem() throws IOException {
    for (String tool : List.of("apt-get", "apt-cache", "dpkg-deb")) {
      if (QemuProcess.find(tool).isEmpty()) {
        throw new QemuException(
            "there is no " + tool + ": guests get their kernel from Debian's packages");
      }
    }
    return updated(new DebianPackages(null));
  }

  /** The packages that are backported to the system's release, whether it names them or not. */
  DebianPackages backports() throws IOException {
    String[] archive =
        apt("apt-get", "indextargets", "--format", "$(ORIGIN)|$(CODENAME)|$(REPO_URI)|$(SIGNED_BY)")
            .stream()
            .map(line -> line.split("\\|", -1))
            .filter(part -> part[0].equals("Debian") && part[1].matches("[a-z]+"))
            .findFirst()
            .orElseThrow(() -> new QemuException("none of apt's sources is a release of Debian"));
    String signed = archive[3].isEmpty() ? "" : "[signed-by=" + archive[3] + "] ";
    Path sources = directory.resolve("backports.list");
    Files.writeString(
        sources, "deb %s%s %s-backports main\n".formatted(signed, archive[2], archive[1]));
    return updated(new DebianPackages(sources));
  }

  private static DebianPackages updated(DebianPackages packages) {
    boolean updated = false;
    try {
      var _ = packages.apt("apt-get", "-q", "update");
      updated = true;
      return packages;
    } finally {
      if (!updated) {
        packages.close();
      }
    }
  }

  /** Whether there is a package of that name. */
  boolean has(String name) {
    return !apt("apt-cache", "madison", name).isEmpty();
  }

  /** The package, its name beginning as said, that another one depends on. */
  String dependency(String name, String prefix) {
    return apt("apt-cache", "depends", name).stream()
        .map(String::strip)
        .filter(line -> line.startsWith("Depends: " + prefix))
        .map(line -> line.substring("Depends: ".length()))
        .findFirst()
        .orElseThrow(() -> new QemuException("Debian has no " + prefix + "… for " + name));
  }

  /**
   * Gets a package.
   *
   * @param target gets its files, as they would be below /
   */
  void unpack(String name, Path target) throws IOException {
    Progress.say("getting Debian's package " + name);
    Path download = Files.createTempDirectory(directory, "download-");
    var _ = run(download, List.of("apt-get", "-q", "download", name));
    Files.createDirectories(target);
    List<Path> files;
    try (Stream<Path> found = Files.list(download)) {
      files = found.toList();
    }
    for (Path file : files) {
      var _ =
          Tool.run(
              download,
              DEADLINE,
              List.of("dpkg-deb", "--extract", file.toString(), target.toString()));
    }
    Cache.delete(download);
  }

  private List<String> apt(String... command) {
    return run(directory, List.of(command));
  }

  private List<String> run(Path where, List<String> words) {
    List<String> command = new ArrayList<>(List.of(words.getFirst()));
    command.addAll(options);
    command.addAll(words.subList(1, words.size()));
    try {
      return Tool.run(where, DEADLINE, command);
    } catch (QemuException e) {
      throw new QemuException(
          "cannot get Debian's packages (is there a network?): " + e.getMessage(), e);
    }
  }

  private void option(String option) {
    options.add("-o");
    options.add(option);
  }

  @Override
  public void close() {
    Cache.delete(directory);
  }
}
