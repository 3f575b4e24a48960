package sluice.qemu.conformance;

import java.util.EnumMap;
import java.util.Map;
import sluice.qemu.QemuDrive;
import sluice.qemu.QemuMachine;
import sluice.vfio.PciFunction;

/** QEMU's controller, one machine per drive, started when it is first asked for. */
final class QtestRig implements Rig {
  private final Map<TestDrive, QemuMachine> machines = new EnumMap<>(TestDrive.class);

  @Override
  public String name() {
    return "qtest";
  }

  @Override
  public boolean isQemu() {
    return true;
  }

  @Override
  public PciFunction open(TestDrive drive) {
    return machines.computeIfAbsent(drive, QtestRig::start).open();
  }

  private static QemuMachine start(TestDrive drive) {
    String size = Long.toString(drive.namespaceBytes());
    QemuDrive description =
        new QemuDrive()
            .size(size)
            .lba(drive.blockSize())
            .property("mdts", drive.mdts())
            .ioQueuePairs(drive.ioQueues())
            .msixVectors(drive.ioQueues() + 1);
    for (int nsid = 2; nsid <= drive.namespaces(); nsid++) {
      description.namespace(ns -> ns.size(size).lba(drive.blockSize()));
    }
    return QemuMachine.start(description);
  }

  @Override
  public void close() {
    machines.values().forEach(QemuMachine::close);
    machines.clear();
  }

  @Override
  public String toString() {
    return name();
  }
}
