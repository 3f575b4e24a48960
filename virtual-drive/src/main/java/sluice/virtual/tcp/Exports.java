package sluice.virtual.tcp;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import sluice.support.Closing;
import sluice.virtual.command.Subsystem;

/**
 * What a target has to offer, its drives and the discovery service, and the hosts that use it. Used
 * by the target's thread.
 */
final class Exports implements AutoCloseable {
  private static final int LAST_ID = 0xffef;

  private final Consumer<String> log;
  private final List<ExportedDrive> drives = new ArrayList<>();
  private final List<DiscoveryAssociation> discoveries = new ArrayList<>();
  private int lastDiscoveryId;

  /**
   * @param log gets a line when a host comes or goes
   */
  Exports(Consumer<String> log) {
    this.log = log;
  }

  /**
   * Adds a drive, which is closed with the others whatever happens.
   *
   * @throws IllegalArgumentException if there is one of its name
   */
  void add(Subsystem subsystem) {
    ExportedDrive drive = new ExportedDrive(subsystem);
    boolean isDouble = drive(drive.nqn()) != null;
    drives.add(drive);
    if (isDouble) {
      throw new IllegalArgumentException(
          "two drives have the name " + drive.nqn() + "; give one another by nqn=");
    }
  }

  List<ExportedDrive> drives() {
    return drives;
  }

  /** The drive of a name; null if there is none. */
  ExportedDrive drive(String nqn) {
    for (int i = 0; i < drives.size(); i++) {
      if (drives.get(i).nqn().equals(nqn)) {
        return drives.get(i);
      }
    }
    return null;
  }

  /** How many hosts have a controller, the discovery service's among them. */
  int hosts() {
    int count = discoveries.size();
    for (int i = 0; i < drives.size(); i++) {
      count += drives.get(i).associations().size();
    }
    return count;
  }

  int nextDiscoveryId() {
    lastDiscoveryId = lastDiscoveryId % LAST_ID + 1;
    return lastDiscoveryId;
  }

  /** A host has found its controller. */
  void begun(Association association, CapsuleQueue admin) {
    if (association instanceof DriveAssociation drive) {
      drive.queues().add(admin);
      drive.drive().add(drive);
      log.accept(
          "host %s at %s has connected to %s, controller %d"
              .formatted(
                  association.hostNqn(),
                  association.admin(),
                  association.subsystem(),
                  association.id()));
    } else {
      discoveries.add((DiscoveryAssociation) association);
    }
  }

  /** A host and its controller have parted. */
  void ended(Association association, String why) {
    if (association instanceof DiscoveryAssociation discovery) {
      discoveries.remove(discovery);
    } else {
      log.accept(
          "host %s at %s has left %s, controller %d%s"
              .formatted(
                  association.hostNqn(),
                  association.admin(),
                  association.subsystem(),
                  association.id(),
                  ": " + why));
    }
  }

  // ---- turns

  /** Takes a turn; returns how much there was to do. */
  int turn() {
    int work = 0;
    for (int i = 0; i < discoveries.size(); i++) {
      work += discoveries.get(i).turn();
    }
    for (int i = 0; i < drives.size(); i++) {
      work += drives.get(i).turn();
    }
    return work;
  }

  /** How long nothing happens unless a host does something; {@link Long#MAX_VALUE} for ever. */
  long nanosToNextEvent() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < drives.size(); i++) {
      least = Math.min(least, drives.get(i).nanosToNextEvent());
    }
    return least;
  }

  /** Parts with hosts that have been silent for longer than they said. */
  void endSilent(long now) {
    for (int i = discoveries.size() - 1; i >= 0; i--) {
      endIfSilent(discoveries.get(i), now);
    }
    for (ExportedDrive drive : drives) {
      for (int i = drive.associations().size() - 1; i >= 0; i--) {
        endIfSilent(drive.associations().get(i), now);
      }
    }
  }

  private static void endIfSilent(Association association, long now) {
    if (association.isSilent(now)) {
      association.end(
          "nothing was heard of it for %d ms, its keep-alive time"
              .formatted(association.keepAliveMillis()));
    }
  }

  /** Makes durable what was written. */
  @Override
  public void close() {
    Closing.all(drives, ExportedDrive::close);
  }
}
