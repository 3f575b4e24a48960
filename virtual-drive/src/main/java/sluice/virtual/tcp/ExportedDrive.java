package sluice.virtual.tcp;

import java.util.ArrayList;
import java.util.List;
import sluice.virtual.command.Controller;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.command.Subsystem;

/**
 * A subsystem that hosts can connect to, and the controllers that it has for those that have. Used
 * by the target's thread.
 */
final class ExportedDrive implements AutoCloseable {
  private final Subsystem subsystem;
  private final List<DriveAssociation> associations = new ArrayList<>();

  ExportedDrive(Subsystem subsystem) {
    this.subsystem = subsystem;
  }

  Subsystem subsystem() {
    return subsystem;
  }

  DriveSettings settings() {
    return subsystem.settings();
  }

  /** Its name. */
  String nqn() {
    return subsystem.identity().nqn();
  }

  List<DriveAssociation> associations() {
    return associations;
  }

  void add(DriveAssociation association) {
    associations.add(association);
  }

  void remove(DriveAssociation association) {
    associations.remove(association);
  }

  /** The association of a controller's identifier; null if there is none. */
  DriveAssociation association(int controllerId) {
    for (int i = 0; i < associations.size(); i++) {
      if (associations.get(i).id() == controllerId) {
        return associations.get(i);
      }
    }
    return null;
  }

  /** Takes a turn; returns how much there was to do. */
  int turn() {
    int work = 0;
    for (int i = associations.size() - 1; i >= 0; i--) {
      work += associations.get(i).controller().control();
    }
    long now = subsystem.now();
    if (subsystem.isPaused(now)) {
      return work;
    }
    if (!subsystem.isIdle()) {
      for (int i = 0; i < associations.size(); i++) {
        work += associations.get(i).controller().poll();
      }
      work += subsystem.poll(now);
    }
    for (int i = 0; i < associations.size(); i++) {
      Controller controller = associations.get(i).controller();
      if (controller.isReady()) {
        work += controller.take(now);
      }
    }
    return work;
  }

  /** How long nothing happens unless a host does something; {@link Long#MAX_VALUE} for ever. */
  long nanosToNextEvent() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < associations.size(); i++) {
      least = Math.min(least, associations.get(i).controller().nanosToNextEvent());
    }
    return least;
  }

  /** Makes durable what was written. */
  @Override
  public void close() {
    subsystem.close();
  }
}
