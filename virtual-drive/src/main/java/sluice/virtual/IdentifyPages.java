package sluice.virtual;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import sluice.nvme.spec.ControllerList;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.IdentifyNamespace;
import sluice.nvme.spec.NamespaceDescriptors;
import sluice.nvme.spec.NamespaceList;
import sluice.nvme.spec.Version;

/** What the drive says of itself: writes the pages of the Identify command (section 5.15). */
final class IdentifyPages {
  static final int PAGE = 4096;
  static final int CONTROLLER_ID = 0;
  static final String MODEL = "sluice virtual drive";
  static final String FIRMWARE = "0.1";

  /** Limits told as 0-based numbers in the controller's page. */
  static final int ABORT_LIMIT = 3;

  static final int ASYNC_EVENT_LIMIT = 3;
  static final int ERROR_LOG_ENTRIES = 63;

  private static final int LPA_EXTENDED_DATA = 1 << 2;

  /** How long a shutdown may take: as long as a disk needs to take in what is in memory. */
  private static final long SHUTDOWN_MICROS = 120_000_000;

  private static final int VWC_PRESENT_AND_FLUSHES_ALL = 0b111;
  private static final int DLFEAT_ZEROS_AND_DEALLOCATE = 0b1001;

  private final DriveSettings settings;
  private final Personality personality;
  private final VirtualNamespace[] namespaces;

  IdentifyPages(DriveSettings settings, Personality personality, VirtualNamespace[] namespaces) {
    this.settings = settings;
    this.personality = personality;
    this.namespaces = namespaces;
  }

  void controller(IdentifyController page) {
    page.clear();
    page.vid(VirtualConfigSpace.VENDOR);
    page.ssvid(VirtualConfigSpace.VENDOR);
    page.sn(settings.serial());
    page.mn(MODEL);
    page.fr(FIRMWARE);
    page.mdts(settings.mdts());
    page.cntlid(CONTROLLER_ID);
    page.ver(Version.V1_4);
    page.rtd3e(SHUTDOWN_MICROS);
    page.cntrltype(1);
    page.oacs(settings.shadowDoorbells() ? IdentifyController.OACS_DOORBELL_BUFFER : 0);
    page.acl(ABORT_LIMIT);
    page.aerl(ASYNC_EVENT_LIMIT);
    page.frmw(0b11);
    page.lpa(LPA_EXTENDED_DATA);
    page.elpe(ERROR_LOG_ENTRIES);
    page.wctemp(personality.warningKelvin());
    page.cctemp(personality.criticalKelvin());
    page.sqes(0x66);
    page.cqes(0x44);
    page.nn(namespaces.length);
    page.oncs(
        IdentifyController.ONCS_COMPARE
            | IdentifyController.ONCS_DATASET_MANAGEMENT
            | IdentifyController.ONCS_WRITE_ZEROES
            | IdentifyController.ONCS_FEATURE_SAVE
            | IdentifyController.ONCS_TIMESTAMP
            | IdentifyController.ONCS_VERIFY);
    page.vwc(VWC_PRESENT_AND_FLUSHES_ALL);
    page.subnqn("nqn.2014-08.org.nvmexpress:uuid:" + uuid(0));
    page.powerState(0).mp(500);
  }

  void namespace(IdentifyNamespace page, VirtualNamespace namespace) {
    page.clear();
    page.nsze(namespace.blocks());
    page.ncap(namespace.blocks());
    page.nuse(namespace.blocks());
    page.dlfeat(DLFEAT_ZEROS_AND_DEALLOCATE);
    page.nvmcap(namespace.blocks() << namespace.blockShift());
    page.lbafLbads(0, namespace.blockShift());
    page.nguid(bytes(uuid(namespace.nsid())));
  }

  void activeNamespaces(NamespaceList page, int after) {
    page.clear();
    int at = 0;
    for (VirtualNamespace namespace : namespaces) {
      if (Integer.compareUnsigned(namespace.nsid(), after) > 0) {
        page.nsid(at++, namespace.nsid());
      }
    }
  }

  void descriptors(NamespaceDescriptors page, VirtualNamespace namespace) {
    page.clear();
    byte[] uuid = bytes(uuid(namespace.nsid()));
    page.add(NamespaceDescriptors.NGUID, uuid);
    page.add(NamespaceDescriptors.UUID, uuid);
  }

  void controllers(ControllerList page, int from) {
    page.clear();
    if (from <= CONTROLLER_ID) {
      page.count(1);
      page.cntlid(0, CONTROLLER_ID);
    }
  }

  /** The same for the same serial number, so that a drive is known again. */
  private UUID uuid(int part) {
    String name = settings.serial() + "/" + part;
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] bytes(UUID uuid) {
    return ByteBuffer.allocate(16)
        .putLong(uuid.getMostSignificantBits())
        .putLong(uuid.getLeastSignificantBits())
        .array();
  }

  /** A page for the answers. */
  static MemorySegment page() {
    return Arena.ofAuto().allocate(PAGE, PAGE);
  }
}
