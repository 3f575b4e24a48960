package sluice.qemu.conformance;

import java.util.EnumMap;
import java.util.Map;
import sluice.qemu.QemuDrive;
import sluice.qemu.QemuMachine;
import sluice.vfio.PciFunction;

/** QEMU's controller, one machine per drive, started when it is first asked for. */
final class QtestRig implements PciRig {
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
  public PciFunction function(TestDrive drive) {
    return machines.computeIfAbsent(drive, QtestRig::start).open();
  }

  private static QemuMachine start(TestDrive drive) {
    return QemuMachine.start(drive.describe(new QemuDrive()));
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
