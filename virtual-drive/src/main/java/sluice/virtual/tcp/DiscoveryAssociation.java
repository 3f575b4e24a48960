package sluice.virtual.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.UUID;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.ConnectData;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.DiscoveryEntry;
import sluice.nvme.spec.DiscoveryLog;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.IdentifyCns;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.Registers;
import sluice.nvme.spec.StatusCode;
import sluice.nvme.spec.Version;
import sluice.queues.SubmissionEntry;
import sluice.support.linux.TcpSocket;
import sluice.support.memory.OffHeap;
import sluice.virtual.command.Controller;
import sluice.virtual.command.HostData;

/**
 * A host that asks which subsystems there are (NVMe over Fabrics 1.1, section 5): a controller with
 * an admin queue, a log page, and little else. Used in the target's turns.
 */
final class DiscoveryAssociation extends Association {
  /** The most entries of its queue. */
  static final int ENTRIES = 128;

  private static final int OK = 0;

  /** Instead of a status: the command is not answered now. */
  private static final int PENDING = -1;

  /** As a host may ask that does not know how long the log is. */
  private static final long MOST_ANSWER_BYTES = 1 << 20;

  private static final int EVENT_REQUESTS = 4;
  private static final int DISCOVERY_CONTROLLER = 2;
  private static final int EXTENDED_LOG_DATA = 1 << 2;
  private static final int TIMEOUT_UNITS = 15;
  private static final int PORT = 1;
  private static final int TREQ_NO_SECURITY_AND_FLOW_CONTROL_OFF = 0b110;

  /** GENCTR: what there is does not change. */
  private static final long GENERATION = 1;

  private final Target target;
  private final int id;
  private final long cap = capabilities();
  private final MemorySegment entryMemory =
      Arena.ofAuto().allocate(SubmissionEntry.BYTES, SubmissionEntry.BYTES);
  private long keepAliveMillis;
  private int eventConfiguration;
  private int eventRequests;
  private int cc;
  private int csts;
  private int result;

  DiscoveryAssociation(
      Target target, String hostNqn, UUID hostId, QueueConnection admin, int keepAliveMillis) {
    super(target, hostNqn, hostId, admin);
    this.target = target;
    this.id = target.exports().nextDiscoveryId();
    this.keepAliveMillis = Integer.toUnsignedLong(keepAliveMillis);
  }

  private static long capabilities() {
    long all = Cap.mqes(0, ENTRIES - 1);
    all = Cap.cqr(all, true);
    all = Cap.to(all, TIMEOUT_UNITS);
    return Cap.css(all, Cap.CSS_NVM);
  }

  @Override
  int id() {
    return id;
  }

  @Override
  Controller controller() {
    return null;
  }

  @Override
  String subsystem() {
    return ConnectData.DISCOVERY;
  }

  @Override
  boolean isReady() {
    return Csts.rdy(csts);
  }

  @Override
  long mostAnswerBytes() {
    return Math.max(logBytes(), MOST_ANSWER_BYTES);
  }

  @Override
  long keepAliveMillis() {
    return keepAliveMillis;
  }

  @Override
  long property(int offset, boolean isLong) {
    if (isLong != (offset == Registers.CAP)) {
      return NO_PROPERTY;
    }
    return switch (offset) {
      case Registers.CAP -> cap;
      case Registers.VS -> Version.V1_4;
      case Registers.CC -> Integer.toUnsignedLong(cc);
      case Registers.CSTS -> Integer.toUnsignedLong(csts);
      default -> NO_PROPERTY;
    };
  }

  @Override
  boolean property(int offset, boolean isLong, long value) {
    if (offset != Registers.CC || isLong) {
      return false;
    }
    boolean wasEnabled = Cc.en(cc);
    cc = (int) value;
    csts = Csts.rdy(0, Cc.en(cc));
    if (Cc.shn(cc) != 0) {
      csts = Csts.shst(csts, Csts.SHST_COMPLETE);
    }
    if (wasEnabled && !Cc.en(cc)) {
      eventRequests = 0;
      admin().forgetCommands();
    }
    return true;
  }

  @Override
  void forget(CapsuleQueue queue) {
    // Its only queue is the admin queue, with which it ends.
  }

  @Override
  void close() {
    // Nothing is under way.
  }

  /** Does what has come; returns how many commands. */
  int turn() {
    CapsuleQueue queue = admin().queue();
    long entry = entryMemory.address();
    int count = queue.available(ENTRIES);
    for (int i = 0; i < count; i++) {
      boolean _ = queue.take(entry);
      int status = execute(queue, entry);
      if (status != PENDING) {
        boolean _ = queue.answer(SubmissionEntry.commandId(entry), status, result);
      }
    }
    return count;
  }

  private int execute(CapsuleQueue queue, long entry) {
    result = 0;
    if (SubmissionEntry.psdt(entry) != 0 || SubmissionEntry.fuse(entry) != 0) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    return switch (SubmissionEntry.opcode(entry)) {
      case AdminOpcode.IDENTIFY -> identify(queue, entry);
      case AdminOpcode.GET_LOG_PAGE -> getLogPage(queue, entry);
      case AdminOpcode.KEEP_ALIVE -> OK;
      case AdminOpcode.GET_FEATURES -> getFeature(SubmissionEntry.cdw(entry, 10));
      case AdminOpcode.SET_FEATURES ->
          setFeature(SubmissionEntry.cdw(entry, 10), SubmissionEntry.cdw(entry, 11));
      case AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST -> requestEvent();
      default -> StatusCode.INVALID_OPCODE.statusDnr();
    };
  }

  private int requestEvent() {
    if (eventRequests == EVENT_REQUESTS) {
      return StatusCode.ASYNCHRONOUS_EVENT_LIMIT_EXCEEDED.statusDnr();
    }
    eventRequests++;
    return PENDING;
  }

  private int getFeature(int cdw10) {
    switch (Feature.fid(cdw10)) {
      case Feature.KEEP_ALIVE_TIMER -> result = (int) keepAliveMillis;
      case Feature.ASYNCHRONOUS_EVENT_CONFIGURATION -> result = eventConfiguration;
      default -> {
        return StatusCode.INVALID_FIELD.statusDnr();
      }
    }
    return OK;
  }

  private int setFeature(int cdw10, int value) {
    switch (Feature.fid(cdw10)) {
      case Feature.KEEP_ALIVE_TIMER -> keepAliveMillis = Integer.toUnsignedLong(value);
      case Feature.ASYNCHRONOUS_EVENT_CONFIGURATION -> eventConfiguration = value;
      default -> {
        return StatusCode.INVALID_FIELD.statusDnr();
      }
    }
    return OK;
  }

  private int identify(CapsuleQueue queue, long entry) {
    if (IdentifyCns.cns(SubmissionEntry.cdw(entry, 10)) != IdentifyCns.CONTROLLER) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(IdentifyController.BYTES, Long.BYTES);
      IdentifyController controller = new IdentifyController(page);
      controller.mn("sluice discovery");
      controller.fr("0.1");
      controller.cntlid(id);
      controller.ver(Version.V1_4);
      controller.cntrltype(DISCOVERY_CONTROLLER);
      controller.aerl(EVENT_REQUESTS - 1);
      controller.lpa(EXTENDED_LOG_DATA);
      controller.sqes(0x66);
      controller.cqes(0x44);
      controller.subnqn(ConnectData.DISCOVERY);
      CapsuleQueues.describe(page, ENTRIES);
      return send(queue, entry, page.address(), IdentifyController.BYTES);
    }
  }

  private int getLogPage(CapsuleQueue queue, long entry) {
    int cdw10 = SubmissionEntry.cdw(entry, 10);
    if (LogPage.lid(cdw10) != LogPage.DISCOVERY) {
      return StatusCode.INVALID_LOG_PAGE.statusDnr();
    }
    long bytes = LogPage.bytes(cdw10, SubmissionEntry.cdw(entry, 11));
    long offset = LogPage.offset(SubmissionEntry.cdw(entry, 12), SubmissionEntry.cdw(entry, 13));
    long size = logBytes();
    if (offset < 0 || offset >= size || (offset & 3) != 0) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment log = arena.allocate(size, Long.BYTES);
      fill(log);
      return send(queue, entry, log.address() + offset, Math.min(bytes, size - offset));
    }
  }

  private List<ExportedDrive> offered() {
    return target.admission().allows(hostNqn()) ? target.exports().drives() : List.of();
  }

  private long logBytes() {
    return DiscoveryLog.BYTES + (long) DiscoveryEntry.BYTES * target.exports().drives().size();
  }

  private void fill(MemorySegment page) {
    DiscoveryLog log = new DiscoveryLog(page.asSlice(0, DiscoveryLog.BYTES));
    List<ExportedDrive> drives = offered();
    log.generation(GENERATION);
    log.records(drives.size());
    InetSocketAddress here = admin().localAddress();
    long at = DiscoveryLog.BYTES;
    for (ExportedDrive drive : drives) {
      DiscoveryEntry entry = new DiscoveryEntry(page.asSlice(at, DiscoveryEntry.BYTES));
      at += DiscoveryEntry.BYTES;
      entry.transport(DiscoveryEntry.TCP);
      boolean isIpv6 = here.getAddress() instanceof Inet6Address;
      entry.addressFamily(isIpv6 ? DiscoveryEntry.IPV6 : DiscoveryEntry.IPV4);
      entry.subtype(DiscoveryEntry.SUBSYSTEM);
      entry.requirements(TREQ_NO_SECURITY_AND_FLOW_CONTROL_OFF);
      entry.portId(PORT);
      entry.controllerId(ConnectData.ANY_CONTROLLER);
      entry.adminEntries(drive.settings().queueEntries());
      entry.service(Integer.toString(here.getPort()));
      entry.subsystem(drive.nqn());
      entry.address(TcpSocket.hostText(here.getAddress()));
    }
  }

  private static int send(CapsuleQueue queue, long entry, long from, long bytes) {
    HostData data = queue.data();
    int status = data.describe(entry, bytes, false);
    if (status != HostData.DONE) {
      return status;
    }
    OffHeap.copy(from, data.address(0), bytes);
    return OK;
  }
}
