package sluice.qemu.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Linux's {@code nvme} for guests, from Debian's package nvme-cli, with the libraries that it needs
 * and their dynamic loader, so that nothing of it has to be on this system.
 *
 * <pre>
 *   nvme-cli-trixie/nvme       starts it where the guest has it
 *                  /lib        program, loader and libraries
 * </pre>
 */
public final class NvmeCli {
  private static final String RELEASE = "trixie";

  static final String ENTRY = "nvme-cli-" + RELEASE;

  private static final String PLACE = "/nvme-cli";
  private static final String LOADER = "ld-linux-x86-64.so.2";
  private static final Path LIBRARIES = Path.of("usr/lib/x86_64-linux-gnu");
  private static final Pattern NEEDED = Pattern.compile("\\S+ => (/\\S+) \\(0x");

  private NvmeCli() {}

  /**
   * Adds the command {@code nvme} to a guest; got now if it is not in the cache.
   *
   * @throws sluice.qemu.QemuException if it is not, and this is no Debian or there is no network
   */
  public static GuestMachine in(GuestMachine machine) {
    Path files = directory();
    return machine.file(PLACE, files).file("/bin/nvme", files.resolve("nvme"));
  }

  static Path directory() {
    return Cache.entry(ENTRY, NvmeCli::make);
  }

  private static void make(Path directory, Path work) throws IOException {
    Path files = work.resolve("files");
    try (DebianPackages system = DebianPackages.ofSystem(work);
        DebianPackages release = system.release(RELEASE)) {
      release.unpackWhole("nvme-cli", files);
    }
    Path program = files.resolve("usr/sbin/nvme");
    Path libraries = files.resolve(LIBRARIES);
    Path loader = libraries.resolve(LOADER);
    Set<Path> wanted = new TreeSet<>(List.of(program, loader));
    List<String> told =
        Tool.run(
            work,
            DebianPackages.DEADLINE,
            List.of(
                loader.toString(),
                "--library-path",
                libraries.toString(),
                "--list",
                program.toString()));
    NEEDED
        .matcher(String.join("\n", told))
        .results()
        .forEach(match -> wanted.add(Path.of(match.group(1))));
    Path target = Files.createDirectories(directory.resolve("lib"));
    for (Path file : wanted) {
      Files.copy(file, target.resolve(file.getFileName()));
    }
    Path script = directory.resolve("nvme");
    Files.writeString(
        script,
        """
        #!/bin/sh
        exec %1$s/lib/%2$s --library-path %1$s/lib %1$s/lib/nvme "$@"
        """
            .formatted(PLACE, LOADER));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
