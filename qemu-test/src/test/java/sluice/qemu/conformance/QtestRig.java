package sluice.qemu.conformance;

import java.util.EnumMap;
import java.util.List;
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
  public PciFunction open(TestDrive drive) {
    return machines.computeIfAbsent(drive, QtestRig::start).open();
  }

  private static QemuMachine start(TestDrive drive) {
    List<Long> sizes = drive.namespaces();
    QemuDrive description =
        new QemuDrive()
            .size(sizes.getFirst().toString())
            .lba(drive.blockSize())
            .property("mdts", drive.mdts())
            .ioQueuePairs(drive.ioQueues())
            .msixVectors(drive.ioQueues() + 1);
    for (long size : sizes.subList(1, sizes.size())) {
      description.namespace(ns -> ns.size(Long.toString(size)).lba(drive.blockSize()));
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
