package sluice.qemu.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;
import sluice.qemu.served.TargetProcess;

/**
 * Virtual drives that another process shares by NVMe over TCP, all of them by one target, which is
 * started when the first is asked for. The keep-alive time is short, for the driver waits some of
 * it where it resets a controller that still has data for it.
 */
final class TcpRig implements Rig {
  private static final String NQN = "nqn.2026-11.org.sluice.test:";

  private TargetProcess target;

  @Override
  public String name() {
    return "tcp";
  }

  @Override
  public boolean isQemu() {
    return false;
  }

  @Override
  public NvmeController open(TestDrive drive, ControllerOptions options) {
    if (target == null) {
      target = share();
    }
    String address = "tcp://127.0.0.1:" + target.port() + "/" + nqn(drive) + "?kato=1s";
    return Drives.open(DriveAddress.parse(address), options);
  }

  private static String nqn(TestDrive drive) {
    return NQN + drive.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static TargetProcess share() {
    List<String> addresses = new ArrayList<>();
    for (TestDrive drive : TestDrive.values()) {
      addresses.add(address(drive));
    }
    try {
      return TargetProcess.start(TargetProcess.ANY_PORT, addresses);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot share drives", e);
    }
  }

  private static String address(TestDrive drive) {
    return "virtual:memory?size=%d&ns=%d&lba=%d&mdts=%d&queues=%d&nqn=%s"
        .formatted(
            drive.namespaceBytes() * drive.namespaces(),
            drive.namespaces(),
            drive.blockSize(),
            drive.mdts(),
            drive.ioQueues(),
            nqn(drive));
  }

  @Override
  public void close() {
    if (target != null) {
      target.close();
    }
  }

  @Override
  public String toString() {
    return name();
  }
}
