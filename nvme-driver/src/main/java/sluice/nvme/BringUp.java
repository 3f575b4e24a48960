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
 * Takes a controller from whatever state it is in to a running one: disabled, enabled with its
 * admin queue, identified, set up; and again after each reset. A drive is used as far as it goes:
 * what it refuses costs that and a word about it, not the drive. Only what it does not answer at
 * all ends it.
 *
 * <p>Nobody else has the controller the first time; later its lock guards this.
 */
final class BringUp {
  private static final int WANTED_EVENT_REQUESTS = 4;
  private static final int SMART_WARNINGS = 0x1f;
  private static final int NOTICES = 0x300;

  /** Namespaces that are asked for one by one where there is no list of them. */
  private static final long MOST_ONE_BY_ONE = 1024;

  private final ControllerContext controller;
  private final AdminCommands admin;
  private final IdentifyController identify;
  private final IoQueues queues;

  private List<Namespace> namespaces = List.of();

  private BringUp(ControllerContext controller, AdminCommands admin, IdentifyController identify) {
    this.controller = controller;
    this.admin = admin;
    this.identify = identify;
    this.queues = new IoQueues(controller);
  }

  /**
   * Brings a controller up.
   *
   * @throws NvmeException if it does not come up
   */
  static BringUp of(ControllerContext controller) {
    AdminCommands admin = new AdminCommands(controller);
    controller.disable();
    controller.enable();
    IdentifyController identify = admin.identifyController();
    controller.identified(identify);
    controller.taken("identify");
    BringUp bringUp = new BringUp(controller, admin, identify);
    bringUp.setUp();
    bringUp.namespaces = bringUp.findNamespaces();
    controller.taken("namespaces");
    controller.recovery().begin(bringUp::again);
    return bringUp;
  }

  AdminCommands admin() {
    return admin;
  }

  IoQueues queues() {
    return queues;
  }

  /** All active namespaces that identify themselves. */
  List<Namespace> namespaces() {
    return namespaces;
  }

  /** Starts the controller, which is disabled, after a reset. */
  private void again() {
    controller.enable();
    setUp();
  }

  /**
   * Sets what a controller forgets in a reset: queue numbers, what the transport needs, event
   * requests.
   */
  private void setUp() {
    int granted = ioQueues(ControllerContext.WANTED_IO_QUEUES);
    controller.taken("queues");
    controller.transport().setUp(controller, identify);
    armEvents();
    controller.taken("events");
    queues.limit(Math.min(granted, controller.transport().maxIoQueues()));
  }

  private int ioQueues(int wanted) {
    try {
      int granted =
          admin.setFeature(Feature.NUMBER_OF_QUEUES, Feature.numberOfQueues(wanted, wanted));
      return Math.min(Feature.submissionQueues(granted), Feature.completionQueues(granted));
    } catch (CommandFailedException e) {
      controller.notice("gives no I/O queues, so that only its state can be read: " + reason(e));
      return 0;
    }
  }

  private void armEvents() {
    int events = SMART_WARNINGS | (identify.oaes() & NOTICES);
    try {
      int _ = admin.setFeature(Feature.ASYNCHRONOUS_EVENT_CONFIGURATION, events);
    } catch (CommandFailedException e) {
      controller.notice("does not let its events be chosen, and may tell none: " + reason(e));
    }
    for (int i = 0; i < Math.min(identify.aerl() + 1, WANTED_EVENT_REQUESTS); i++) {
      controller.armEvent();
    }
  }

  private List<Namespace> findNamespaces() {
    int version = controller.properties().version();
    long maxTransferBytes = controller.maxTransferBytes();
    Optional<List<Integer>> listed = version < Version.V1_1 ? Optional.empty() : list();
    List<Namespace> found = new ArrayList<>();
    for (int nsid : listed.orElseGet(this::oneByOne)) {
      try {
        IdentifyNamespace page = admin.identifyNamespace(nsid);
        // A namespace that is not active identifies itself by zeros.
        if (listed.isPresent() || page.nsze() != 0) {
          found.add(new Namespace(nsid, page, commandSet(nsid), maxTransferBytes));
        }
      } catch (CommandFailedException e) {
        if (listed.isPresent()) {
          controller.notice(
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
      controller.notice(
          "does not list its namespaces, which are asked for one by one: " + reason(e));
      return Optional.empty();
    } catch (OddAnswerException e) {
      controller.notice("is asked for its namespaces one by one: " + e.getMessage());
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
  private int commandSet(int nsid) {
    if ((Cap.css(controller.properties().cap()) & Cap.CSS_SEVERAL) == 0) {
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
