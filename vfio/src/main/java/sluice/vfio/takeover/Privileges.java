package sluice.vfio.takeover;

import java.util.Optional;
import sluice.vfio.discovery.Host;

/** What this process may do beyond its user's rights. */
public final class Privileges {
  private static final int CAP_IPC_LOCK = 14;

  private Privileges() {}

  /**
   * Whether the limit of locked memory does not apply to this process. In a user namespace other
   * than the first, as containers of ordinary users have, the capability is there but does not
   * count.
   */
  public static boolean mayLockAnything(Host host) {
    return isFirstUserNamespace(host)
        && Host.lines(host.path("proc/self/status")).stream()
            .filter(line -> line.matches("CapEff:\\s*[0-9a-f]{1,16}"))
            .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
            .anyMatch(capabilities -> (capabilities >>> CAP_IPC_LOCK & 1) != 0);
  }

  /** The first namespace maps all users to themselves; a kernel without namespaces says nothing. */
  private static boolean isFirstUserNamespace(Host host) {
    Optional<String> map = Host.text(host.path("proc/self/uid_map"));
    return map.isEmpty() || map.get().matches("0\\s+0\\s+4294967295");
  }
}
