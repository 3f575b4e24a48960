package sluice.virtual;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.drive.NvmeDrive;
import sluice.support.Closing;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.media.DriveIdentity;
import sluice.virtual.media.DriveMedia;
import sluice.virtual.media.Media;
import sluice.virtual.personality.Personality;
import sluice.virtual.personality.PersonalityOptions;

/**
 * A drive that this process opens, by whatever way, as what a virtual drive is made of: its bytes
 * are the drive's, its identity follows from the drive's and stays.
 */
final class SharedDrive {
  private SharedDrive() {}

  /** Makes something of a drive that was opened. */
  @FunctionalInterface
  interface Maker<T> {
    T make(DriveSettings settings, Personality personality, Media media);
  }

  /**
   * @param address of the drive; its options {@code uuid}, {@code serial} and {@code nqn} say what
   *     hosts know it by here
   * @throws sluice.nvme.NvmeException if there is no such drive, or it cannot be used
   */
  static <T> T open(DriveAddress address, Maker<T> maker) {
    Map<String, String> parts = new HashMap<>(address.options());
    parts.keySet().retainAll(DriveIdentity.PARTS);
    // Before the drive is opened: a part that is no good is told at once.
    DriveIdentity _ = DriveIdentity.of(parts, UUID.randomUUID());
    NvmeDrive drive =
        NvmeDrive.of(Drives.open(without(address, parts), ControllerOptions.defaults()));
    try {
      DriveSettings settings = new DriveSettings();
      settings.blockBytes(drive.blockSize());
      settings.readOnly(drive.isWriteProtected());
      settings.identity(DriveIdentity.of(parts, uuid(drive)));
      return maker.make(settings, PersonalityOptions.parse(Map.of()), new DriveMedia(drive));
    } catch (RuntimeException e) {
      Closing.after(e, drive);
      throw e;
    }
  }

  private static DriveAddress without(DriveAddress address, Map<String, String> parts) {
    DriveAddress rest = address;
    for (String part : parts.keySet()) {
      rest = rest.without(part);
    }
    return rest;
  }

  /** Another one than the drive's: a host that sees both must not take them for two paths. */
  private static UUID uuid(NvmeDrive drive) {
    String serial = drive.controller().identify().sn();
    String name =
        "sluice shares %s %s %d"
            .formatted(drive.controller().identify().subnqn(), serial, drive.namespace().id());
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
  }
}
