package sluice.virtual.tcp;

import java.util.UUID;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Registers;
import sluice.virtual.command.Controller;

/** A host and a controller of a drive's. Used in the target's turns. */
final class DriveAssociation extends Association {
  private final ExportedDrive drive;
  private final CapsuleQueues queues;
  private final Controller controller;

  DriveAssociation(
      Target target,
      ExportedDrive drive,
      String hostNqn,
      UUID hostId,
      QueueConnection admin,
      int keepAliveMillis) {
    super(target, hostNqn, hostId, admin);
    this.drive = drive;
    this.queues = new CapsuleQueues(this, drive.settings());
    this.controller = new Controller(drive.subsystem(), drive.settings().capabilities(), queues);
    controller.keepAliveMillis(keepAliveMillis);
  }

  CapsuleQueues queues() {
    return queues;
  }

  ExportedDrive drive() {
    return drive;
  }

  @Override
  int id() {
    return controller.id();
  }

  @Override
  Controller controller() {
    return controller;
  }

  @Override
  String subsystem() {
    return drive.nqn();
  }

  @Override
  boolean isReady() {
    return controller.isReady();
  }

  @Override
  long mostAnswerBytes() {
    return drive.settings().maxTransfer();
  }

  @Override
  long keepAliveMillis() {
    return controller.keepAliveMillis();
  }

  @Override
  long property(int offset, boolean isLong) {
    boolean is64 = offset == Registers.CAP;
    boolean isKnown =
        is64
            || offset == Registers.VS
            || offset == Registers.CC
            || offset == Registers.CSTS
            || offset == Registers.NSSR;
    if (!isKnown || is64 != isLong) {
      return NO_PROPERTY;
    }
    return is64
        ? controller.registers().cap()
        : Integer.toUnsignedLong(controller.registers().read32(offset));
  }

  @Override
  boolean property(int offset, boolean isLong, long value) {
    if (offset != Registers.CC || isLong) {
      return false;
    }
    controller.registers().write32(offset, (int) value);
    return true;
  }

  /** Whether the entries of queues have the sizes that they can have. */
  static boolean isGood(int cc) {
    return Cc.iosqes(cc) == 6 && Cc.iocqes(cc) == 4;
  }

  @Override
  void forget(CapsuleQueue queue) {
    queues.remove(queue);
    controller.lost(queue);
  }

  @Override
  void close() {
    controller.close();
    drive.remove(this);
  }
}
