package sluice.qemu.guest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import sluice.qemu.QemuException;
import sluice.qemu.QemuProcess;

/**
 * Builds the small kernel, from Debian's package of Linux' sources and the file
 * small-kernel.config, which says what it has and why. It takes some minutes, once per
 * configuration; a build that was interrupted goes on where it was.
 */
final class SmallKernel {
  private static final String PACKAGE = "linux-source-6.12";

  /** How long a step may be silent: to unpack the sources takes minutes on a busy machine. */
  private static final Duration SILENCE = Duration.ofMinutes(10);

  private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);

  /** How many files are compiled, more or less, for those who wait. */
  private static final int FILES = 1400;

  private SmallKernel() {}

  /** Names the kernel: differs when its configuration or its sources do. */
  static String name() {
    return "kernel-small-" + Digest.of(configuration(), PACKAGE.getBytes(StandardCharsets.UTF_8));
  }

  /** The kernel's image, built now if it is not in the cache. */
  static Path image() {
    return Cache.resumedEntry(name(), SmallKernel::make);
  }

  private static void make(Path path, Path work) throws IOException {
    checkTools();
    Progress.say("building a small kernel for guests, which takes minutes, but only once");
    Path sources = work.resolve(PACKAGE);
    Path output = work.resolve("output");
    step(work, "unpacked", () -> unpack(sources, work));
    step(work, "configured", () -> configure(sources, output, configuration()));
    compile(sources, output);
    Files.move(output.resolve("arch/x86/boot/bzImage"), path);
  }

  /** What has to be done whole before the next can begin. */
  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }

  /** Does a step, if it was not done to its end before; a file says that it was. */
  private static void step(Path work, String name, Step step) throws IOException {
    Path done = work.resolve(name);
    if (!Files.exists(done)) {
      step.run();
      Files.createFile(done);
    }
  }

  private static byte[] configuration() {
    try (InputStream in = SmallKernel.class.getResourceAsStream("small-kernel.config")) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new QemuException("cannot read small-kernel.config: " + e.getMessage(), e);
    }
  }

  private static void checkTools() {
    List<String> missing = new ArrayList<>();
    for (String tool : List.of("gcc", "make", "flex", "bison", "bc", "xz")) {
      if (QemuProcess.find(tool).isEmpty()) {
        missing.add(tool.equals("xz") ? "xz-utils" : tool);
      }
    }
    if (!Files.exists(Path.of("/usr/include/gelf.h"))) {
      missing.add("libelf-dev");
    }
    if (!missing.isEmpty()) {
      String names = String.join(" ", missing);
      throw new QemuException(
          "to build the small kernel, install %s (as root: apt-get install %s)"
              .formatted(names, names));
    }
  }

  private static void unpack(Path sources, Path work) throws IOException {
    Path files = work.resolve("package");
    Cache.delete(files);
    Cache.delete(sources);
    try (DebianPackages system = DebianPackages.ofSystem(work)) {
      if (system.has(PACKAGE)) {
        system.unpack(PACKAGE, files);
      } else {
        try (DebianPackages backports = system.backports()) {
          backports.unpack(PACKAGE, files);
        }
      }
    }
    Path archive = files.resolve("usr/src/" + PACKAGE + ".tar.xz");
    Progress.say("unpacking " + PACKAGE);
    var _ = Tool.run(work, SILENCE, List.of("tar", "--extract", "--file", archive.toString()));
    Cache.delete(files);
  }

  private static void configure(Path sources, Path output, byte[] fragment) throws IOException {
    Cache.delete(output);
    Files.createDirectories(output);
    var _ = make(sources, output, "tinyconfig");
    Path wanted = Files.write(output.resolve("fragment"), fragment);
    Path config = output.resolve(".config");
    var _ =
        Tool.run(
            sources,
            SILENCE,
            List.of(
                "scripts/kconfig/merge_config.sh",
                "-m",
                "-O",
                output.toString(),
                config.toString(),
                wanted.toString()));
    var _ = make(sources, output, "olddefconfig");
    List<String> lines = Files.readAllLines(config);
    for (String line : new String(fragment, StandardCharsets.UTF_8).lines().toList()) {
      if (line.startsWith("CONFIG_") && line.endsWith("=y") && !lines.contains(line)) {
        throw new QemuException(PACKAGE + " does not take " + line + " of small-kernel.config");
      }
    }
  }

  private static void compile(Path sources, Path output) throws IOException {
    AtomicInteger files = new AtomicInteger(compiled(output));
    AtomicLong next = new AtomicLong(System.nanoTime());
    List<String> command = new ArrayList<>(List.of("make", "O=" + output));
    command.add("-j" + Runtime.getRuntime().availableProcessors());
    command.add("bzImage");
    var _ =
        Tool.run(
            sources,
            SILENCE,
            command,
            line -> {
              if (line.startsWith("  CC ")) {
                int count = files.incrementAndGet();
                long now = System.nanoTime();
                if (now - next.get() >= 0) {
                  next.set(now + BETWEEN_LINES.toNanos());
                  Progress.say(
                      "compiling the small kernel: %4d of some %d files".formatted(count, FILES));
                }
              }
            });
  }

  /** How many files an interrupted build has compiled. */
  private static int compiled(Path output) throws IOException {
    try (Stream<Path> files = Files.walk(output)) {
      return (int) files.filter(file -> file.toString().endsWith(".o")).count();
    }
  }

  private static List<String> make(Path sources, Path output, String target) {
    return Tool.run(sources, SILENCE, List.of("make", "-s", "O=" + output, target));
  }
}
