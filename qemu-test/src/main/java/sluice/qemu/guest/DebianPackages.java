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
 *
 * <p>What is fetched is what Debian has signed: apt-get checks the signature of a release, by the
 * release its lists, and by those the hash of each package.
 */
final class DebianPackages implements AutoCloseable {
  static final Duration DEADLINE = Duration.ofMinutes(10);

  /** How often a server is asked that does not answer, and all of it begun again after that. */
  private static final int RETRIES = 3;

  private static final Duration PAUSE = Duration.ofSeconds(5);

  /** The keys of Debian's releases, of its package debian-archive-keyring. */
  private static final Path KEYS = Path.of("/usr/share/keyrings/debian-archive-keyring.gpg");

  private final Path directory;
  private final List<String> options = new ArrayList<>();

  private final Path work;

  private DebianPackages(Path work) throws IOException {
    this.work = work;
    directory = Files.createTempDirectory(work, "apt-");
    Files.createDirectories(directory.resolve("lists/partial"));
    Files.createDirectories(archives().resolve("partial"));
    option("Dir::State::lists=" + directory.resolve("lists"));
    option("Dir::Cache=" + directory);
    option("Dir::Cache::archives=" + archives());
    option("APT::Sandbox::User=root");
    option("APT::Get::AllowUnauthenticated=false");
    option("Acquire::AllowInsecureRepositories=false");
    option("Acquire::Retries=" + RETRIES);
    option("Acquire::http::Timeout=30");
    option("Acquire::https::Timeout=30");
  }

  /**
   * The packages of the system's own sources.
   *
   * @param work a directory to work in
   * @throws QemuException if this is no Debian, or there is no network
   */
  static DebianPackages ofSystem(Path work) throws IOException {
    for (String tool : List.of("apt-get", "apt-cache", "dpkg-deb")) {
      if (QemuProcess.find(tool).isEmpty()) {
        throw new QemuException(
            "there is no " + tool + ": what guests are made of is got from Debian's packages");
      }
    }
    return updated(new DebianPackages(work));
  }

  /** The packages that are backported to the system's release, whether it names them or not. */
  DebianPackages backports() throws IOException {
    Archive archive = archive();
    return updated(of(work, archive, List.of(archive.release + "-backports")));
  }

  /**
   * The packages of a release and those that are backported to it, which are preferred, as a system
   * without any package sees them: none of this one's counts as there.
   *
   * @param name of the release, which this system's keys have to know
   */
  DebianPackages release(String name) throws IOException {
    String backports = name + "-backports";
    DebianPackages packages = of(work, archive(), List.of(name, backports));
    Path installed = Files.createFile(packages.directory.resolve("status"));
    packages.option("Dir::State::status=" + installed);
    packages.option("APT::Default-Release=" + backports);
    return updated(packages);
  }

  /** Where the system's release is had from. */
  private record Archive(String release, String address) {}

  private Archive archive() {
    return apt("apt-get", "indextargets", "--format", "$(ORIGIN)|$(CODENAME)|$(REPO_URI)").stream()
        .map(line -> line.split("\\|", -1))
        .filter(part -> part[0].equals("Debian") && part[1].matches("[a-z]+"))
        .map(part -> new Archive(part[1], part[2]))
        .findFirst()
        .orElseThrow(() ->
            new QemuException(
                "none of apt's sources is a release of Debian, or none can be reached"));
  }

  private static DebianPackages of(Path work, Archive archive, List<String> suites)
      throws IOException {
    DebianPackages packages = new DebianPackages(work);
    // Without this apt takes the keys that it trusts for any source; not every system has Debian's
    // among those.
    String signed = Files.exists(KEYS) ? "[signed-by=" + KEYS + "] " : "";
    StringBuilder lines = new StringBuilder();
    for (String suite : suites) {
      lines.append("deb %s%s %s main\n".formatted(signed, archive.address, suite));
    }
    Path sources = packages.directory.resolve("sources.list");
    Files.writeString(sources, lines);
    packages.option("Dir::Etc::sourcelist=" + sources);
    packages.option("Dir::Etc::sourceparts=/dev/null");
    packages.option("APT::Update::Error-Mode=any");
    return packages;
  }

  private static DebianPackages updated(DebianPackages packages) {
    boolean updated = false;
    Progress.say("asking for the lists of Debian's packages");
    try {
      packages.fetch(packages.directory, "apt-get", "-q", "update");
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
    fetch(download, "apt-get", "-q", "download", name);
    extract(download, target);
    Cache.delete(download);
  }

  /**
   * Gets a package and all that it depends on and that does not count as there.
   *
   * @param target gets their files, as they would be below /
   */
  void unpackWhole(String name, Path target) throws IOException {
    Progress.say("getting Debian's package " + name + " and all that it needs");
    fetch(
        directory,
        "apt-get",
        "-q",
        "-y",
        "--no-install-recommends",
        "--download-only",
        "install",
        name);
    extract(archives(), target);
  }

  private static void extract(Path packages, Path target) throws IOException {
    Files.createDirectories(target);
    List<Path> files;
    try (Stream<Path> found = Files.list(packages)) {
      files = found.filter(file -> file.toString().endsWith(".deb")).toList();
    }
    for (Path file : files) {
      var _ =
          Tool.run(
              packages,
              DEADLINE,
              List.of("dpkg-deb", "--extract", file.toString(), target.toString()));
    }
  }

  private Path archives() {
    return directory.resolve("archives");
  }

  private List<String> apt(String... command) {
    return run(directory, List.of(command));
  }

  /** Runs what needs the network, more than once if that fails. */
  private void fetch(Path where, String... words) {
    for (int left = RETRIES; ; left--) {
      try {
        var _ = run(where, List.of(words));
        return;
      } catch (QemuException e) {
        if (left == 0) {
          throw e;
        }
        Progress.say(e.getMessage().lines().reduce((_, last) -> last).orElse("") + "; once more");
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QemuException("interrupted while Debian's packages were got", e);
    }
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
