package sluice.virtual.command;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import sluice.nvme.spec.ControllerList;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.IdentifyNamespace;
import sluice.nvme.spec.NamespaceDescriptors;
import sluice.nvme.spec.NamespaceList;
import sluice.nvme.spec.Version;
import sluice.virtual.media.DriveIdentity;
import sluice.virtual.personality.Personality;

/** What the drive says of itself: writes the pages of the Identify command (section 5.15). */
public final class IdentifyPages {
  static final int PAGE = 4096;
  static final String MODEL = "sluice virtual drive";
  static final String FIRMWARE = "0.1";

  /** Limits told as 0-based numbers in the controller's page. */
  static final int ABORT_LIMIT = 3;

  static final int ASYNC_EVENT_LIMIT = 3;
  static final int ERROR_LOG_ENTRIES = 63;

  private static final int CMIC_MANY_CONTROLLERS = 1 << 1;
  private static final int NMIC_SHARED = 1;
  private static final int LPA_EXTENDED_DATA = 1 << 2;

  /** How long a shutdown may take: as long as a disk needs to take in what is in memory. */
  private static final long SHUTDOWN_MICROS = 120_000_000;

  private static final int FUSES_COMPARE_AND_WRITE = 1;
  private static final int VWC_PRESENT_AND_FLUSHES_ALL = 0b111;
  private static final int NSATTR_WRITE_PROTECTED = 1;
  private static final int DLFEAT_ZEROS_AND_DEALLOCATE = 0b1001;

  private final DriveSettings settings;
  private final DriveIdentity identity;
  private final Personality personality;
  private final VirtualNamespace[] namespaces;

  private final Controller controller;

  IdentifyPages(Controller controller) {
    this.controller = controller;
    Subsystem subsystem = controller.subsystem();
    this.settings = subsystem.settings();
    this.identity = settings.identity();
    this.personality = subsystem.personality();
    this.namespaces = subsystem.namespaces();
  }

  void controller(IdentifyController page) {
    page.clear();
    page.vid(DriveSettings.PCI_VENDOR);
    page.ssvid(DriveSettings.PCI_VENDOR);
    page.sn(identity.serial());
    page.mn(MODEL);
    page.fr(FIRMWARE);
    page.cmic(settings.shared() ? CMIC_MANY_CONTROLLERS : 0);
    page.mdts(settings.mdts());
    page.cntlid(controller.id());
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
    page.fuses(FUSES_COMPARE_AND_WRITE);
    page.vwc(VWC_PRESENT_AND_FLUSHES_ALL);
    page.subnqn(identity.nqn());
    page.powerState(0).mp(500);
  }

  void namespace(IdentifyNamespace page, VirtualNamespace namespace) {
    page.clear();
    page.nsze(namespace.blocks());
    page.ncap(namespace.blocks());
    page.nuse(namespace.blocks());
    page.nmic(settings.shared() ? NMIC_SHARED : 0);
    page.dlfeat(DLFEAT_ZEROS_AND_DEALLOCATE);
    page.nvmcap(namespace.blocks() << namespace.blockShift());
    page.lbafLbads(0, namespace.blockShift());
    page.nsattr(settings.readOnly() ? NSATTR_WRITE_PROTECTED : 0);
    page.nguid(identity.nguid(namespace.nsid()));
    page.eui64(identity.eui64(namespace.nsid()));
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
    page.add(NamespaceDescriptors.EUI64, identity.eui64(namespace.nsid()));
    page.add(NamespaceDescriptors.NGUID, identity.nguid(namespace.nsid()));
    page.add(NamespaceDescriptors.UUID, identity.namespaceUuidBytes(namespace.nsid()));
  }

  void controllers(ControllerList page, int from) {
    page.clear();
    int count = 0;
    List<Controller> all = controller.subsystem().controllers();
    for (int i = 0; i < all.size(); i++) {
      if (from <= all.get(i).id()) {
        page.cntlid(count++, all.get(i).id());
      }
    }
    page.count(count);
  }

  /** A page for the answers. */
  static MemorySegment page() {
    return Arena.ofAuto().allocate(PAGE, PAGE);
  }
}
