package sluice.qemu.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import sluice.qemu.QemuException;

/**
 * A QEMU newer than the system's, from a newer release of Debian: one that has {@code
 * vfio-user-pci}, as QEMU has from 10.1 on. It comes with all the libraries that it needs, and is
 * started by its own dynamic loader, so that the system may be older and nothing is installed.
 *
 * <pre>
 *   qemu-trixie/qemu-system-x86_64      starts it
 *              /usr/bin, /usr/lib, …    the packages' files
 * </pre>
 */
public final class NewQemu {
  /** Whose backports have QEMU 11. */
  private static final String RELEASE = "trixie";

  static final String ENTRY = "qemu-" + RELEASE;

  private static final String NAME = "qemu-system-x86_64";
  private static final String LIBRARIES = "usr/lib/x86_64-linux-gnu";

  /** Firmware and option ROMs, where QEMU looks for them in this order. */
  private static final List<String> FIRMWARE = List.of("usr/share/qemu", "usr/share/seabios");

  private NewQemu() {}

  /**
   * The command that starts it, got now if it is not in the cache.
   *
   * @throws QemuException if it is not, and this is no Debian or there is no network
   */
  public static Path binary() {
    return Cache.entry(ENTRY, NewQemu::make).resolve(NAME);
  }

  private static void make(Path directory, Path work) throws IOException {
    try (DebianPackages system = DebianPackages.ofSystem(work);
        DebianPackages release = system.release(RELEASE)) {
      release.unpackWhole("qemu-system-x86", directory);
    }
    Path script = directory.resolve(NAME);
    Files.writeString(script, script());
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    // One that does not run is to be known here, and not to stay in the cache.
    var _ =
        Tool.run(
            directory,
            DebianPackages.DEADLINE,
            List.of(script.toString(), "-device", "vfio-user-pci,help"));
  }

  private static String script() {
    StringBuilder firmware = new StringBuilder();
    FIRMWARE.forEach(path -> firmware.append(" -L \"$here/").append(path).append('"'));
    return """
    #!/bin/sh
    here=$(dirname "$0")
    exec "$here/%1$s/ld-linux-x86-64.so.2" --library-path "$here/%1$s" "$here/usr/bin/%2$s"%3$s "$@"
    """
        .formatted(LIBRARIES, NAME, firmware);
  }
}
