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
import sluice.qemu.QemuException;
import sluice.qemu.QemuProcess;

/**
 * Builds the small kernel, from Debian's package of Linux' sources and the file
 * small-kernel.config, which says what it has and why. It takes some minutes, once per
 * configuration.
 */
final class SmallKernel {
  private static final String PACKAGE = "linux-source-6.12";
  private static final Duration DEADLINE = Duration.ofMinutes(40);
  private static final long SECONDS_BETWEEN_LINES = 20;

  private SmallKernel() {}

  /** The kernel's image, built now if it is not in the cache. */
  static Path image() {
    byte[] configuration = configuration();
    String hash = Digest.of(configuration, PACKAGE.getBytes(StandardCharsets.UTF_8));
    return Cache.entry(
        "kernel-small-" + hash,
        path -> {
          checkTools();
          Progress.say("building a small kernel for guests, which takes minutes, but only once");
          Path work = Files.createTempDirectory(Cache.directory(), "kernel-");
          try {
            Path sources = sources(work);
            Path output = Files.createDirectories(work.resolve("output"));
            configure(sources, output, configuration);
            compile(sources, output);
            Files.move(output.resolve("arch/x86/boot/bzImage"), path);
          } finally {
            Cache.delete(work);
          }
        });
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

  private static Path sources(Path work) throws IOException {
    Path files = work.resolve("package");
    try (DebianPackages system = DebianPackages.ofSystem()) {
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
    var _ = Tool.run(work, DEADLINE, List.of("tar", "--extract", "--file", archive.toString()));
    Files.delete(archive);
    return work.resolve(PACKAGE);
  }

  private static void configure(Path sources, Path output, byte[] fragment) throws IOException {
    var _ = make(sources, output, "tinyconfig");
    Path wanted = Files.write(output.resolve("fragment"), fragment);
    Path config = output.resolve(".config");
    var _ =
        Tool.run(
            sources,
            DEADLINE,
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

  private static void compile(Path sources, Path output) {
    AtomicInteger files = new AtomicInteger();
    AtomicLong next = new AtomicLong(System.nanoTime());
    List<String> command = new ArrayList<>(List.of("make", "O=" + output));
    command.add("-j" + Runtime.getRuntime().availableProcessors());
    command.add("bzImage");
    var _ =
        Tool.run(
            sources,
            DEADLINE,
            command,
            line -> {
              if (line.startsWith("  CC ")) {
                int count = files.incrementAndGet();
                if (System.nanoTime() - next.get() >= 0) {
                  next.addAndGet(Duration.ofSeconds(SECONDS_BETWEEN_LINES).toNanos());
                  Progress.say("compiling the small kernel: %4d files".formatted(count));
                }
              }
            });
  }

  private static List<String> make(Path sources, Path output, String target) {
    return Tool.run(sources, DEADLINE, List.of("make", "-s", "O=" + output, target));
  }
}
