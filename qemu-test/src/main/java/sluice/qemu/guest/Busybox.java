package sluice.qemu.guest;

import java.nio.file.Path;

/** The program that is all of a guest's commands but Java: Debian's busybox-static, unpacked. */
final class Busybox {
  static final String ENTRY = "busybox";

  private Busybox() {}

  /** The program, got now if it is not in the cache. */
  static Path program() {
    return Cache.entry(
            ENTRY,
            (path, work) -> {
              try (DebianPackages packages = DebianPackages.ofSystem(work)) {
                packages.unpack("busybox-static", path);
              }
            })
        .resolve("bin/busybox");
  }
}
