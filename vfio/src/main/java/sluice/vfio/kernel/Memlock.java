package sluice.vfio.kernel;

import java.nio.file.Path;
import java.util.List;
import sluice.support.linux.Linux;
import sluice.support.linux.Pages;
import sluice.vfio.discovery.Host;
import sluice.vfio.takeover.Privileges;

/**
 * The limit of locked memory, which memory that a device reaches counts against: asked before it is
 * mapped, because the kernel only says that there is no memory. Not thread-safe.
 */
final class Memlock {
  private static final Path STATUS = Path.of("/proc/self/status");

  private final String counter;
  private long mapped;

  private Memlock(String counter) {
    this.counter = counter;
  }

  /** As type1 counts: what the process has locked, whatever for. */
  static Memlock ofProcess() {
    return new Memlock("VmLck:");
  }

  /**
   * As iommufd counts: what the processes of this user have pinned for devices. Of that a process
   * only sees its own part.
   */
  static Memlock ofUser() {
    return new Memlock("VmPin:");
  }

  /** Counts what was mapped, or unmapped. */
  void add(long bytes) {
    mapped += bytes;
  }

  /**
   * Makes sure that so much more may be locked, and raises the limit as far as this process may.
   *
   * @throws IllegalStateException if it may not; the message says what is needed
   */
  void require(long size) {
    if (Privileges.mayLockAnything(Host.local())) {
      return;
    }
    long used = used(Host.lines(STATUS));
    if (size > Linux.memlockLimit() - used && size > Pages.raiseLockLimit() - used) {
      throw new IllegalStateException(refusal(size));
    }
  }

  /** Says how much is needed and how to get it. */
  String refusal(long size) {
    long limit = Linux.memlockLimit();
    if (limit == Long.MAX_VALUE) {
      return "cannot lock " + kib(size) + " KiB in memory for the device: there is no memory";
    }
    long needed = kib(used(Host.lines(STATUS)) + size);
    return "cannot lock "
        + kib(size)
        + " KiB in memory for the device: the limit (ulimit -l) is "
        + kib(limit)
        + " KiB and "
        + needed
        + " are needed in all; raise it with 'ulimit -l "
        + needed
        + "' as root, '@GROUP - memlock "
        + needed
        + "' in /etc/security/limits.conf, or LimitMEMLOCK="
        + needed
        + "K in a systemd unit";
  }

  /** What counts already: the kernel's count of this process, or ours if that is more. */
  long used(List<String> status) {
    return Math.max(mapped, field(status, counter, 10) << 10);
  }

  private static long field(List<String> status, String name, int radix) {
    for (String line : status) {
      if (line.startsWith(name)) {
        String value = line.substring(name.length()).replace("kB", "").strip();
        return Long.parseUnsignedLong(value, radix);
      }
    }
    return 0;
  }

  private static long kib(long bytes) {
    return Math.ceilDiv(bytes, 1024L);
  }
}
