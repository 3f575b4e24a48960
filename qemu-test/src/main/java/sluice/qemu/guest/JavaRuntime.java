package sluice.qemu.guest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import sluice.qemu.QemuException;

/**
 * The running Java as a part of a guest's first file system: a runtime of the needed modules,
 * linked by jlink, in /java, and the system's libraries that it uses.
 */
final class JavaRuntime {
  private static final String MODULES =
      "java.base,java.instrument,java.logging,java.management,java.xml,jdk.jcmd,jdk.jfr,"
          + "jdk.management,jdk.unsupported,jdk.zipfs";
  private static final Duration DEADLINE = Duration.ofMinutes(3);

  private JavaRuntime() {}

  /** Names the runtime: differs when another Java links it, or it is another part of Java. */
  static String name() {
    String from = Runtime.version() + " " + javaHome() + " " + MODULES;
    return "java-" + Digest.of(from.getBytes(StandardCharsets.UTF_8));
  }

  /** Names the archive. */
  static String archiveName() {
    return name() + ".cpio";
  }

  /** The runtime as a directory of this system, where it runs too. */
  static Path home() {
    return Cache.entry(name(), (path, _) -> link(path));
  }

  /** The same as an archive. */
  static Path archive() {
    Path runtime = home();
    return Cache.entry(archiveName(), (path, _) -> write(runtime, path));
  }

  private static Path javaHome() {
    return Path.of(System.getProperty("java.home"));
  }

  private static void link(Path runtime) throws IOException {
    Path home = javaHome();
    Progress.say("linking a Java runtime for guests from " + home);
    Path jlink = home.resolve("bin/jlink");
    if (!Files.isExecutable(jlink)) {
      throw new QemuException(home + " has no jlink: guests need the tests to run on a whole JDK");
    }
    var _ =
        Tool.run(
            home,
            DEADLINE,
            List.of(
                jlink.toString(),
                "--add-modules",
                MODULES,
                "--strip-java-debug-attributes",
                "--no-header-files",
                "--no-man-pages",
                "--generate-cds-archive",
                "--output",
                runtime.toString()));
    // For heaps of more than 32 GiB: as large as the one for all others.
    Files.deleteIfExists(runtime.resolve("lib/server/classes_nocoops.jsa"));
  }

  private static void write(Path runtime, Path archive) throws IOException {
    List<Path> binaries = new ArrayList<>(List.of(runtime.resolve("bin/java")));
    try (Stream<Path> files = Files.walk(runtime.resolve("lib"))) {
      files.filter(file -> file.toString().endsWith(".so")).forEach(binaries::add);
    }
    try (CpioArchive cpio = new CpioArchive(archive)) {
      cpio.tree("java", runtime);
      for (String library : SharedLibraries.of(binaries)) {
        if (!library.startsWith(runtime.toString())) {
          cpio.file(library.substring(1), Path.of(library));
        }
      }
    }
  }
}
