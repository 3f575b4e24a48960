package sluice.qemu.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import sluice.nvme.CompletionMode;
import sluice.qemu.served.ServedDrives;
import sluice.vfio.PciFunction;
import sluice.vfio.vfiouser.UserFunction;

/**
 * Virtual drives that another process serves by vfio-user, all of them by one, which is started
 * when the first is asked for.
 */
final class VfioUserRig implements PciRig {
  private final String name;
  private final CompletionMode completions;
  private ServedDrives served;

  VfioUserRig(String name, CompletionMode completions) {
    this.name = name;
    this.completions = completions;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public CompletionMode completions() {
    return completions;
  }

  @Override
  public boolean isQemu() {
    return false;
  }

  @Override
  public PciFunction function(TestDrive drive) {
    if (served == null) {
      served = serve();
    }
    return UserFunction.open(served.socket(drive.name()), UserFunction.DEFAULT_TIMEOUT);
  }

  private static ServedDrives serve() {
    Map<String, String> addresses = new LinkedHashMap<>();
    for (TestDrive drive : TestDrive.values()) {
      addresses.put(drive.name(), address(drive));
    }
    try {
      return ServedDrives.start(addresses);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot serve drives", e);
    }
  }

  /** The same drive as {@link VirtualRig} has. */
  private static String address(TestDrive drive) {
    return "virtual:memory?size=%d&ns=%d&lba=%d&mdts=%d&queues=%d&dstrd=%d&shadow=yes"
        .formatted(
            drive.namespaceBytes() * drive.namespaces(),
            drive.namespaces(),
            drive.blockSize(),
            drive.mdts(),
            drive.ioQueues(),
            VirtualRig.doorbellStride(drive));
  }

  @Override
  public void close() {
    if (served != null) {
      served.close();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
