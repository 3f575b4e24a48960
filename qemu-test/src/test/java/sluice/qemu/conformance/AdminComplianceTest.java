package sluice.qemu.conformance;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static sluice.nvme.spec.StatusCode.ASYNCHRONOUS_EVENT_LIMIT_EXCEEDED;
import static sluice.nvme.spec.StatusCode.COMMAND_SEQUENCE_ERROR;
import static sluice.nvme.spec.StatusCode.FEATURE_NOT_CHANGEABLE;
import static sluice.nvme.spec.StatusCode.FEATURE_NOT_NAMESPACE_SPECIFIC;
import static sluice.nvme.spec.StatusCode.FEATURE_NOT_SAVEABLE;
import static sluice.nvme.spec.StatusCode.INVALID_FIELD;
import static sluice.nvme.spec.StatusCode.INVALID_LOG_PAGE;
import static sluice.nvme.spec.StatusCode.INVALID_NAMESPACE_OR_FORMAT;
import static sluice.nvme.spec.StatusCode.INVALID_OPCODE;
import static sluice.nvme.spec.StatusCode.INVALID_PRP_OFFSET;
import static sluice.nvme.spec.StatusCode.SUCCESS;

import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.IdentifyCns;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.LogPage;
import sluice.vfio.DmaMemory;

/** Admin commands as no driver should send them (NVM Express 1.4, section 5). */
class AdminComplianceTest extends PciConformanceTest {
  /** LBA Format Extension Enable, in Host Behavior Support. */
  private static final int LBAFEE = 2;

  private static final int BROADCAST = 0xffffffff;

  private RawController raw;
  private DmaMemory page;

  @BeforeEach
  void open() {
    raw = openRaw(TestDrive.TWO_NAMESPACES);
    page = raw.allocate(8192);
  }

  private RawCommand identify(int cns, int nsid) {
    return new RawCommand(AdminOpcode.IDENTIFY).nsid(nsid).prps(page.iova(), 0).cdw(10, cns);
  }

  private RawCommand getLog(int lid, int bytes) {
    return new RawCommand(AdminOpcode.GET_LOG_PAGE)
        .nsid(BROADCAST)
        .prps(page.iova(), 0)
        .cdw(10, LogPage.cdw10(lid, bytes, false));
  }

  private static RawCommand getFeature(int fid) {
    return new RawCommand(AdminOpcode.GET_FEATURES).cdw(10, fid);
  }

  private static RawCommand setFeature(int fid, int value) {
    return new RawCommand(AdminOpcode.SET_FEATURES).cdw(10, fid).cdw(11, value);
  }

  private static Stream<Misuse<AdminComplianceTest>> misuses() {
    return Stream.concat(commands(), features());
  }

  private static Stream<Misuse<AdminComplianceTest>> commands() {
    return Stream.of(
        Misuse.of("opcode 7fh", INVALID_OPCODE, t -> new RawCommand(0x7f)),
        Misuse.of("a vendor's opcode", INVALID_OPCODE, t -> new RawCommand(0xff)),
        Misuse.of("a fused command", INVALID_FIELD, t -> t.identify(1, 0).flags(0x01)),
        Misuse.of("data by SGL", INVALID_FIELD, t -> t.identify(1, 0).flags(0x40)),
        Misuse.of("Identify of an unknown CNS", INVALID_FIELD, t -> t.identify(0x7f, 1)),
        Misuse.of("Identify namespace 0", INVALID_NAMESPACE_OR_FORMAT, t -> t.identify(0, 0)),
        Misuse.of(
            "Identify a namespace beyond NN",
            INVALID_NAMESPACE_OR_FORMAT,
            t -> t.identify(IdentifyCns.NAMESPACE, t.lastNamespace() + 1)),
        Misuse.of(
            "Identify all namespaces at once",
            INVALID_NAMESPACE_OR_FORMAT,
            t -> t.identify(IdentifyCns.NAMESPACE, BROADCAST)),
        Misuse.of(
            "Identify active namespaces behind the last that can be",
            INVALID_NAMESPACE_OR_FORMAT,
            t -> t.identify(IdentifyCns.ACTIVE_NAMESPACES, BROADCAST - 1)),
        Misuse.of(
            "Identify the descriptors of namespace 0",
            INVALID_NAMESPACE_OR_FORMAT,
            t -> t.identify(IdentifyCns.NAMESPACE_DESCRIPTORS, 0)),
        Misuse.of(
            "Identify with an offset in PRP2",
            INVALID_PRP_OFFSET,
            t -> t.identify(1, 0).prps(t.page.iova(512), t.page.iova(4096 + 8))),
        // QEMU takes an unknown page for a wrong field.
        Misuse.of(
            "Get Log Page of an unknown page",
            INVALID_LOG_PAGE,
            INVALID_FIELD,
            t -> t.getLog(0x6f, 512)),
        Misuse.of(
            "Get Log Page at an offset that is no dword",
            INVALID_FIELD,
            t -> t.getLog(LogPage.SMART, 16).cdw(12, 2)),
        Misuse.of(
            "Get Log Page behind the page's end",
            INVALID_FIELD,
            t -> t.getLog(LogPage.SMART, 16).cdw(12, 512 + 4)),
        Misuse.of(
            "Abort in a queue that is not there",
            INVALID_FIELD,
            t -> new RawCommand(AdminOpcode.ABORT).cdw(10, 60)));
  }

  private static Stream<Misuse<AdminComplianceTest>> features() {
    return Stream.of(
        Misuse.of("Get Features of an unknown one", INVALID_FIELD, t -> getFeature(0x70)),
        Misuse.of("Set Features of an unknown one", INVALID_FIELD, t -> setFeature(0x70, 0)),
        Misuse.of(
            "Set Features, to be saved",
            FEATURE_NOT_SAVEABLE,
            t -> setFeature(Feature.SAVE | Feature.TEMPERATURE_THRESHOLD, 350)),
        Misuse.of(
            "Set Features of one that is as it is",
            FEATURE_NOT_CHANGEABLE,
            t -> setFeature(Feature.INTERRUPT_VECTOR_CONFIGURATION, 1 << 16)),
        Misuse.of(
            "Set Features of one that no namespace has, for a namespace",
            FEATURE_NOT_NAMESPACE_SPECIFIC,
            t -> setFeature(Feature.TEMPERATURE_THRESHOLD, 350).nsid(1)),
        Misuse.of(
            "Set Features for a namespace beyond NN",
            INVALID_NAMESPACE_OR_FORMAT,
            t -> setFeature(Feature.ERROR_RECOVERY, 0).nsid(t.lastNamespace() + 1)),
        Misuse.of(
            "Get Features for a namespace beyond NN",
            INVALID_NAMESPACE_OR_FORMAT,
            t -> getFeature(Feature.ERROR_RECOVERY).nsid(t.lastNamespace() + 1)),
        Misuse.of(
            "Set Features of 65536 queues",
            INVALID_FIELD,
            t -> setFeature(Feature.NUMBER_OF_QUEUES, 0xffff)),
        Misuse.of(
            "Set Features of a threshold that is neither over nor under",
            INVALID_FIELD,
            t -> setFeature(Feature.TEMPERATURE_THRESHOLD, 350 | 2 << 20)),
        Misuse.of(
            "Doorbell Buffer Config at an offset",
            INVALID_FIELD,
            t ->
                new RawCommand(AdminOpcode.DOORBELL_BUFFER_CONFIG)
                    .prps(t.page.iova(64), t.page.iova(4096))));
  }

  /** What SPDK's compliance program asks of a drive; QEMU 7.2 knows the last of the three. */
  @Test
  void featuresThatComplianceProgramsAskForAreThere() {
    assertStatus(
        raw.admin().execute(getFeature(Feature.ERROR_RECOVERY).nsid(0)).status(),
        qemuHas(INVALID_NAMESPACE_OR_FORMAT, SUCCESS));
    RawQueue.Completion keepAlive = raw.admin().execute(getFeature(Feature.KEEP_ALIVE_TIMER));
    assertStatus(keepAlive.status(), qemuHas(INVALID_FIELD, SUCCESS));
    assertThat(keepAlive.result()).as("KATO of a drive without Keep Alive").isZero();
    page.segment().fill((byte) 0x5a);
    requireSuccess(getFeature(Feature.HOST_BEHAVIOR_SUPPORT).prps(page.iova(), 0));
    if (rig.isQemu()) {
      // Linux' driver has had the drive before, in a guest, and QEMU keeps what that has set.
      page.segment().set(JAVA_BYTE, LBAFEE, (byte) 0);
    }
    for (int i = 0; i < 512; i++) {
      assertThat(page.segment().get(JAVA_BYTE, i)).as("byte %d", i).isZero();
    }
    assertThat(page.segment().get(JAVA_BYTE, 512)).isEqualTo((byte) 0x5a);
  }

  private int lastNamespace() {
    requireSuccess(identify(IdentifyCns.CONTROLLER, 0));
    return (int) new IdentifyController(page.segment()).nn();
  }

  private void requireSuccess(RawCommand command) {
    assertStatus(raw.admin().execute(command).status(), SUCCESS);
  }

  @ParameterizedTest
  @MethodSource("misuses")
  void isRefused(Misuse<AdminComplianceTest> misuse) {
    RawCommand command = misuse.command().apply(this);
    assertStatus(raw.admin().execute(command).status(), misuse.expectedOn(rig));
    requireSuccess(identify(IdentifyCns.CONTROLLER, 0));
  }

  @Test
  void whatIsRightSucceeds() {
    requireSuccess(identify(IdentifyCns.CONTROLLER, 0));
    requireSuccess(identify(IdentifyCns.NAMESPACE, 2));
    requireSuccess(identify(IdentifyCns.ACTIVE_NAMESPACES, 0));
    requireSuccess(identify(IdentifyCns.NAMESPACE_DESCRIPTORS, 1));
    requireSuccess(getLog(LogPage.SMART, 512));
    requireSuccess(getLog(LogPage.SMART, 16).cdw(12, 508));
    requireSuccess(getFeature(Feature.ERROR_RECOVERY).nsid(1));
    requireSuccess(getFeature(Feature.TEMPERATURE_THRESHOLD));
    // At an offset in its first page, and so in two.
    requireSuccess(identify(1, 0).prps(page.iova(512), page.iova(4096)));
  }

  @Test
  void aNamespaceListBeginsBehindTheOneNamed() {
    requireSuccess(identify(IdentifyCns.ACTIVE_NAMESPACES, 1));
    assertThat(page.segment().get(JAVA_INT, 0)).isEqualTo(2);
    assertThat(page.segment().get(JAVA_INT, 4)).isZero();
    requireSuccess(identify(IdentifyCns.ACTIVE_NAMESPACES, 2));
    assertThat(page.segment().get(JAVA_INT, 0)).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 16, 508, 512})
  void aLogIsReadAsFarAsAskedForAndNotFurther(int bytes) {
    page.segment().fill((byte) 0x5a);
    requireSuccess(getLog(LogPage.SMART, bytes));
    for (int i = bytes; i < 4096; i++) {
      assertThat(page.segment().get(JAVA_BYTE, i)).isEqualTo((byte) 0x5a);
    }
  }

  @Test
  void theNumberOfQueuesIsFixedOnceThereIsOne() {
    requireSuccess(setFeature(Feature.NUMBER_OF_QUEUES, Feature.numberOfQueues(4, 4)));
    RawQueue _ = raw.createQueue(1, 4);
    int status =
        raw.admin()
            .execute(setFeature(Feature.NUMBER_OF_QUEUES, Feature.numberOfQueues(4, 4)))
            .status();
    assertStatus(status, COMMAND_SEQUENCE_ERROR);
  }

  @Test
  void abortOfNothingSaysThatNothingWasAborted() {
    RawQueue.Completion completion =
        raw.admin().execute(new RawCommand(AdminOpcode.ABORT).cdw(10, 0x7777 << 16));
    assertStatus(completion.status(), SUCCESS);
    assertThat(completion.result() & 1).isEqualTo(1);
  }

  @Test
  void oneEventRequestMoreThanTheLimitIsRefused() {
    requireSuccess(identify(IdentifyCns.CONTROLLER, 0));
    int limit = new IdentifyController(page.segment()).aerl() + 1;
    RawCommand request = new RawCommand(AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST);
    int[] ids = new int[limit];
    for (int i = 0; i < limit; i++) {
      ids[i] = raw.admin().submit(request);
    }
    int status = raw.admin().execute(request).status();
    assertStatus(status, ASYNCHRONOUS_EVENT_LIMIT_EXCEEDED);
    for (int id : ids) {
      assertThat(raw.admin().poll(id)).as("the others wait on").isNull();
    }
  }
}
