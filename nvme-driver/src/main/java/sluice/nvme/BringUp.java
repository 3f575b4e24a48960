package sluice.nvme;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.IdentifyNamespace;
import sluice.nvme.spec.NamespaceDescriptors;
import sluice.nvme.spec.Status;
import sluice.nvme.spec.Version;

/**
 * What is asked of an enabled and identified controller, at first and after each reset. A drive is
 * used as far as it goes: what it refuses costs that and a word about it, not the drive. Only what
 * it does not answer at all ends it.
 *
 * <p>The controller's lock guards it.
 */
final class BringUp {
  private static final int WANTED_EVENT_REQUESTS = 4;
  private static final int SMART_WARNINGS = 0x1f;
  private static final int NOTICES = 0x300;

  /** Namespaces that are asked for one by one where there is no list of them. */
  private static final long MOST_ONE_BY_ONE = 1024;

  private final AdminCommands admin;
  private final AdminQueue adminQueue;
  private final Notices notices;
  private final BringUpSteps steps;
  private final IdentifyController identify;

  /** Null when they are not wanted, or not offered. */
  private final ShadowDoorbells shadowDoorbells;

  private boolean usesShadowDoorbells;

  BringUp(
      AdminCommands admin,
      AdminQueue adminQueue,
      Notices notices,
      BringUpSteps steps,
      IdentifyController identify,
      ShadowDoorbells shadowDoorbells) {
    this.admin = admin;
    this.adminQueue = adminQueue;
    this.notices = notices;
    this.steps = steps;
    this.identify = identify;
    this.shadowDoorbells = shadowDoorbells;
  }

  /**
   * Sets what a controller forgets in a reset: queue numbers, shadow doorbells, event requests.
   *
   * @param wantedQueues pairs of I/O queues
   * @return how many pairs it has granted
   */
  int setUp(int wantedQueues) {
    int granted = ioQueues(wantedQueues);
    steps.taken("queues");
    usesShadowDoorbells = shadowDoorbells != null && configureShadowDoorbells();
    steps.taken("doorbells");
    armEvents();
    steps.taken("events");
    return granted;
  }

  private int ioQueues(int wanted) {
    try {
      int granted =
          admin.setFeature(Feature.NUMBER_OF_QUEUES, Feature.numberOfQueues(wanted, wanted));
      return Math.min(Feature.submissionQueues(granted), Feature.completionQueues(granted));
    } catch (CommandFailedException e) {
      notices.add("gives no I/O queues, so that only its state can be read: " + reason(e));
      return 0;
    }
  }

  private boolean configureShadowDoorbells() {
    shadowDoorbells.reset();
    try {
      admin.configureDoorbellBuffer(shadowDoorbells.shadowIova(), shadowDoorbells.eventIndexIova());
      return true;
    } catch (CommandFailedException e) {
      notices.add(
          "refuses the shadow doorbells that it offers, and is rung by registers: " + reason(e));
      return false;
    }
  }

  private void armEvents() {
    int events = SMART_WARNINGS | (identify.oaes() & NOTICES);
    try {
      int _ = admin.setFeature(Feature.ASYNCHRONOUS_EVENT_CONFIGURATION, events);
    } catch (CommandFailedException e) {
      notices.add("does not let its events be chosen, and may tell none: " + reason(e));
    }
    for (int i = 0; i < Math.min(identify.aerl() + 1, WANTED_EVENT_REQUESTS); i++) {
      adminQueue.armEvent();
    }
  }

  /** The shadow doorbells that are in use; null if none are. */
  ShadowDoorbells shadowDoorbells() {
    return usesShadowDoorbells ? shadowDoorbells : null;
  }

  /**
   * Identifies all active namespaces.
   *
   * @param cap the register CAP
   * @param version the register VS
   */
  List<Namespace> namespaces(long cap, int version, long maxTransferBytes) {
    Optional<List<Integer>> listed = version < Version.V1_1 ? Optional.empty() : list();
    List<Namespace> found = new ArrayList<>();
    for (int nsid : listed.orElseGet(this::oneByOne)) {
      try {
        IdentifyNamespace page = admin.identifyNamespace(nsid);
        // A namespace that is not active identifies itself by zeros.
        if (listed.isPresent() || page.nsze() != 0) {
          found.add(new Namespace(nsid, page, commandSet(cap, nsid), maxTransferBytes));
        }
      } catch (CommandFailedException e) {
        if (listed.isPresent()) {
          notices.add(
              "does not identify its namespace " + nsid + ", which is left out: " + reason(e));
        }
      }
    }
    return List.copyOf(found);
  }

  private Optional<List<Integer>> list() {
    try {
      return Optional.of(admin.activeNamespaces());
    } catch (CommandFailedException e) {
      notices.add("does not list its namespaces, which are asked for one by one: " + reason(e));
      return Optional.empty();
    } catch (OddAnswerException e) {
      notices.add("is asked for its namespaces one by one: " + e.getMessage());
      return Optional.empty();
    }
  }

  private List<Integer> oneByOne() {
    List<Integer> all = new ArrayList<>();
    for (long nsid = 1; nsid <= Math.min(identify.nn(), MOST_ONE_BY_ONE); nsid++) {
      all.add((int) nsid);
    }
    return all;
  }

  /** Only a controller that knows several command sets tells of which one a namespace is. */
  private int commandSet(long cap, int nsid) {
    if ((Cap.css(cap) & Cap.CSS_SEVERAL) == 0) {
      return Namespace.NVM;
    }
    try {
      return admin
          .namespaceDescriptors(nsid)
          .find(NamespaceDescriptors.CSI)
          .map(csi -> csi[0] & 0xff)
          .orElse(Namespace.NVM);
    } catch (CommandFailedException e) {
      return Namespace.NVM;
    }
  }

  private static String reason(CommandFailedException e) {
    return Status.format(e.status());
  }
}
