package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.ErrorLogEntry;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.FirmwareSlotLog;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.SmartLog;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.virtual.pci.Host;

/** Log pages, features, aborts, and what the drive does not do. */
class AdminCommandsTest {
  private static final int INVALID_FIELD = StatusCode.INVALID_FIELD.statusDnr();
  private static final int ALL = 0xffffffff;

  private final Host host = Host.ready(new DriveSettings().namespaces(2));
  private final DmaMemory page = host.memory(4096);

  @AfterEach
  void close() {
    host.close();
  }

  @ParameterizedTest
  @ValueSource(
      ints = {0x03, 0x07, 0x0d, 0x10, 0x14, 0x15, 0x18, 0x7c, 0x7f, 0x80, 0x84, 0xc0, 0xff})
  void opcodesThatAreNotThere(int opcode) {
    assertThat(host.admin(opcode, 0, null).status())
        .as(AdminOpcode.name(opcode))
        .isEqualTo(StatusCode.INVALID_OPCODE.statusDnr());
  }

  @Test
  void fusedCommandsAndSglsAreRefused() {
    for (int flags : new int[] {0x100, 0x200, 0x4000, 0x8000}) {
      long entry = host.admin.begin(AdminOpcode.IDENTIFY, 0);
      OffHeap.putInt(entry, OffHeap.getInt(entry) | flags);
      assertThat(host.finish(host.admin).status()).as("0x%x", flags).isEqualTo(INVALID_FIELD);
    }
  }

  // ---- log pages

  private Host.Completion log(int lid, int nsid, int bytes, long offset) {
    page.segment().fill((byte) 0xee);
    return host.admin(
        AdminOpcode.GET_LOG_PAGE,
        nsid,
        page,
        LogPage.cdw10(lid, bytes, false),
        LogPage.cdw11(bytes),
        (int) offset,
        (int) (offset >>> 32));
  }

  @Test
  void smartLogCounts() {
    Host.Queue queue = host.createQueue(1, 16);
    DmaMemory data = host.memory(4096);
    for (int i = 0; i < 300; i++) {
      assertThat(host.io(queue, IoOpcode.WRITE, 0, 8, data)).isZero();
    }
    for (int i = 0; i < 100; i++) {
      assertThat(host.io(queue, IoOpcode.READ, 0, 8, data)).isZero();
    }
    assertThat(host.io(queue, IoOpcode.READ, 1L << 40, 8, data)).isNotZero();
    host.clock.advance(2 * 3_600_000_000_000L);
    assertThat(log(LogPage.SMART, ALL, 512, 0).status()).isZero();
    SmartLog log = new SmartLog(page.segment());
    assertThat(log.compositeTemperature()).isEqualTo(303);
    assertThat(log.criticalWarning()).isZero();
    assertThat(log.availableSpare()).isEqualTo(100);
    assertThat(log.dataUnitsWritten()).as("2400 blocks").isEqualTo(3);
    assertThat(log.dataUnitsRead()).as("800 blocks").isEqualTo(1);
    assertThat(log.hostWriteCommands()).isEqualTo(300);
    assertThat(log.hostReadCommands()).isEqualTo(100);
    assertThat(log.powerOnHours()).isEqualTo(2);
    assertThat(log.powerCycles()).isEqualTo(1);
    assertThat(log.mediaErrors()).isZero();
    assertThat(log.errorLogEntries()).isEqualTo(1);
    assertThat(page.segment().get(ValueLayout.JAVA_BYTE, 512)).isEqualTo((byte) 0xee);
  }

  @Test
  void errorLogHasTheNewestFirst() {
    Host.Queue queue = host.createQueue(1, 16);
    DmaMemory data = host.memory(4096);
    int last = 0;
    for (int i = 0; i < 100; i++) {
      last = host.post(queue, IoOpcode.READ, 2, 1_000_000 + i, 1, 0, data);
      assertThat(host.finish(queue).status()).isEqualTo(StatusCode.LBA_OUT_OF_RANGE.statusDnr());
    }
    assertThat(log(LogPage.ERROR_INFORMATION, 0, 4096, 0).status()).isZero();
    ErrorLogEntry newest = new ErrorLogEntry(page.segment().asSlice(0, 64));
    assertThat(newest.errorCount()).isEqualTo(100);
    assertThat(newest.sqid()).isEqualTo(1);
    assertThat(newest.cmdid()).isEqualTo(last);
    assertThat(newest.status()).isEqualTo(StatusCode.LBA_OUT_OF_RANGE.statusDnr());
    assertThat(newest.lba()).isEqualTo(1_000_099);
    assertThat(newest.nsid()).isEqualTo(2);
    ErrorLogEntry oldest = new ErrorLogEntry(page.segment().asSlice(63 * 64, 64));
    assertThat(oldest.errorCount()).isEqualTo(37);
    assertThat(log(LogPage.ERROR_INFORMATION, 0, 64, 64).status()).isZero();
    assertThat(newest.errorCount()).as("from an offset").isEqualTo(99);
  }

  @Test
  void firmwareSlots() {
    assertThat(log(LogPage.FIRMWARE_SLOT, ALL, 512, 0).status()).isZero();
    FirmwareSlotLog log = new FirmwareSlotLog(page.segment());
    assertThat(log.afi()).isEqualTo(1);
    assertThat(log.frs(1)).isEqualTo("0.1");
    assertThat(log.frs(2)).isEmpty();
  }

  @Test
  void logPagesThatCannotBeRead() {
    for (int lid : new int[] {0, 4, 5, 6, 0x80, 0xff}) {
      assertThat(log(lid, ALL, 512, 0).status())
          .as("log page %d", lid)
          .isEqualTo(StatusCode.INVALID_LOG_PAGE.statusDnr());
    }
    assertThat(log(LogPage.SMART, 1, 512, 0).status()).isEqualTo(INVALID_FIELD);
    assertThat(log(LogPage.SMART, ALL, 4, 512).status()).isEqualTo(INVALID_FIELD);
    assertThat(log(LogPage.SMART, ALL, 4, 2).status()).isEqualTo(INVALID_FIELD);
    assertThat(log(LogPage.SMART, ALL, 4, -4).status()).isEqualTo(INVALID_FIELD);
    assertThat(log(LogPage.SMART, ALL, (128 << 10) + 4, 0).status()).isEqualTo(INVALID_FIELD);
    assertThat(log(LogPage.SMART, ALL, 512, 508).status()).as("the rest of it").isZero();
  }

  // ---- features

  private Host.Completion get(int fid, int select, int cdw11, int nsid) {
    return host.admin(AdminOpcode.GET_FEATURES, nsid, page, Feature.getCdw10(fid, select), cdw11);
  }

  private int current(int fid) {
    Host.Completion completion = get(fid, Feature.SELECT_CURRENT, 0, 0);
    assertThat(completion.status()).as(Feature.name(fid)).isZero();
    return completion.result();
  }

  private int set(int fid, int cdw11, int nsid) {
    return host.admin(AdminOpcode.SET_FEATURES, nsid, page, Feature.setCdw10(fid, false), cdw11)
        .status();
  }

  @Test
  void featuresKeepTheirValues() {
    int[] fids = {
      Feature.ARBITRATION,
      Feature.INTERRUPT_COALESCING,
      Feature.WRITE_ATOMICITY_NORMAL,
      Feature.ASYNCHRONOUS_EVENT_CONFIGURATION,
      Feature.VOLATILE_WRITE_CACHE
    };
    for (int fid : fids) {
      int before = current(fid);
      assertThat(set(fid, before ^ 1, 0)).as(Feature.name(fid)).isZero();
      assertThat(current(fid)).as(Feature.name(fid)).isEqualTo(before ^ 1);
      assertThat(get(fid, Feature.SELECT_DEFAULT, 0, 0).result()).isEqualTo(before);
      assertThat(get(fid, Feature.SELECT_SAVED, 0, 0).result()).isEqualTo(before);
      assertThat(get(fid, Feature.SELECT_CAPABILITIES, 0, 0).result())
          .isEqualTo(Feature.CAPABILITY_CHANGEABLE);
      assertThat(get(fid, 4, 0, 0).status()).isEqualTo(INVALID_FIELD);
    }
  }

  @Test
  void featuresThatAreNotThere() {
    for (int fid : new int[] {0, 3, 0x0c, 0x0d, 0x10, 0x80, 0xc0, 0xff}) {
      assertThat(get(fid, 0, 0, 0).status()).as(Feature.name(fid)).isEqualTo(INVALID_FIELD);
      assertThat(set(fid, 0, 0)).as(Feature.name(fid)).isEqualTo(INVALID_FIELD);
    }
  }

  @Test
  void keepAliveIsOffForGood() {
    assertThat(current(Feature.KEEP_ALIVE_TIMER)).isZero();
    assertThat(set(Feature.KEEP_ALIVE_TIMER, 5000, 0))
        .isEqualTo(StatusCode.FEATURE_NOT_CHANGEABLE.statusDnr());
  }

  @Test
  void hostBehaviorSupport() {
    int fid = Feature.HOST_BEHAVIOR_SUPPORT;
    page.segment().fill((byte) 0x5a);
    assertThat(get(fid, 0, 0, 0).status()).isZero();
    assertThat(page.segment().asSlice(0, 512).toArray(ValueLayout.JAVA_BYTE))
        .isEqualTo(new byte[512]);
    assertThat(OffHeap.getByte(page.address() + 512)).as("behind it").isEqualTo((byte) 0x5a);
    OffHeap.putByte(page.address(), (byte) 1);
    assertThat(set(fid, 0, 0)).isZero();
    OffHeap.zero(page.address(), 512);
    assertThat(get(fid, 0, 0, 0).status()).isZero();
    assertThat(OffHeap.getByte(page.address())).isEqualTo((byte) 1);
    assertThat(get(fid, Feature.SELECT_DEFAULT, 0, 0).status()).isZero();
    assertThat(OffHeap.getByte(page.address())).isZero();
    OffHeap.putByte(page.address(), (byte) 2);
    assertThat(set(fid, 0, 0)).isEqualTo(INVALID_FIELD);
    assertThat(get(fid, Feature.SELECT_CAPABILITIES, 0, 0).result())
        .isEqualTo(Feature.CAPABILITY_CHANGEABLE);
  }

  @Test
  void whatCannotBeSet() {
    assertThat(
            host.admin(
                    AdminOpcode.SET_FEATURES,
                    0,
                    null,
                    Feature.setCdw10(Feature.VOLATILE_WRITE_CACHE, true),
                    1)
                .status())
        .isEqualTo(StatusCode.FEATURE_NOT_SAVEABLE.statusDnr());
    assertThat(set(Feature.ARBITRATION, 0, 1))
        .isEqualTo(StatusCode.FEATURE_NOT_NAMESPACE_SPECIFIC.statusDnr());
    assertThat(set(Feature.ARBITRATION, 0, 3))
        .isEqualTo(StatusCode.INVALID_NAMESPACE_OR_FORMAT.statusDnr());
    assertThat(set(Feature.ARBITRATION, 7, ALL)).isZero();
    assertThat(set(Feature.INTERRUPT_VECTOR_CONFIGURATION, 0, 0))
        .isEqualTo(StatusCode.FEATURE_NOT_CHANGEABLE.statusDnr());
    assertThat(get(Feature.INTERRUPT_VECTOR_CONFIGURATION, 0, 0, 0).result()).isEqualTo(1 << 16);
    assertThat(get(Feature.INTERRUPT_VECTOR_CONFIGURATION, 0, 64, 0).result())
        .isEqualTo(1 << 16 | 64);
    assertThat(get(Feature.INTERRUPT_VECTOR_CONFIGURATION, 0, 65, 0).status())
        .isEqualTo(INVALID_FIELD);
    assertThat(set(Feature.POWER_MANAGEMENT, 1, 0)).isEqualTo(INVALID_FIELD);
    assertThat(set(Feature.POWER_MANAGEMENT, 0, 0)).isZero();
  }

  @Test
  void errorRecoveryIsANamespaces() {
    assertThat(set(Feature.ERROR_RECOVERY, 5, 1)).isZero();
    assertThat(get(Feature.ERROR_RECOVERY, 0, 0, 1).result()).isEqualTo(5);
    assertThat(get(Feature.ERROR_RECOVERY, 0, 0, 2).result()).isZero();
    assertThat(set(Feature.ERROR_RECOVERY, 6, ALL)).isZero();
    assertThat(get(Feature.ERROR_RECOVERY, 0, 0, 2).result()).isEqualTo(6);
    int invalid = StatusCode.INVALID_NAMESPACE_OR_FORMAT.statusDnr();
    assertThat(get(Feature.ERROR_RECOVERY, 0, 0, 0).result())
        .as("for no namespace in particular")
        .isEqualTo(6);
    assertThat(set(Feature.ERROR_RECOVERY, 1 << 16, 1))
        .as("DULBE, which NSFEAT does not offer")
        .isEqualTo(INVALID_FIELD);
    assertThat(set(Feature.ERROR_RECOVERY, 6, 0)).isEqualTo(invalid);
    assertThat(set(Feature.ERROR_RECOVERY, 6, 3)).isEqualTo(invalid);
    assertThat(get(Feature.ERROR_RECOVERY, 0, 0, 3).status()).isEqualTo(invalid);
    assertThat(get(Feature.ERROR_RECOVERY, Feature.SELECT_CAPABILITIES, 0, 1).result())
        .isEqualTo(Feature.CAPABILITY_CHANGEABLE | Feature.CAPABILITY_NAMESPACE_SPECIFIC);
  }

  @Test
  void temperatureThresholds() {
    int over = Feature.temperatureThreshold(0, 0, false);
    int under = Feature.temperatureThreshold(0, 0, true);
    int fid = Feature.TEMPERATURE_THRESHOLD;
    assertThat(get(fid, 0, over, 0).result()).isEqualTo(343);
    assertThat(get(fid, 0, under, 0).result()).isZero();
    assertThat(set(fid, Feature.temperatureThreshold(320, 0, false), 0)).isZero();
    assertThat(set(fid, Feature.temperatureThreshold(280, 15, true), 0)).isZero();
    assertThat(get(fid, 0, over, 0).result()).isEqualTo(320);
    assertThat(get(fid, 0, under, 0).result()).isEqualTo(280);
    assertThat(get(fid, Feature.SELECT_DEFAULT, over, 0).result()).isEqualTo(343);
    assertThat(get(fid, 0, Feature.temperatureThreshold(0, 1, false), 0).result())
        .as("a sensor that is not there")
        .isZero();
    for (int sensor : new int[] {1, 8, 9, 14}) {
      assertThat(set(fid, Feature.temperatureThreshold(300, sensor, false), 0))
          .as("sensor %d", sensor)
          .isEqualTo(INVALID_FIELD);
    }
    assertThat(set(fid, 2 << 20, 0)).isEqualTo(INVALID_FIELD);
    assertThat(get(fid, 0, 3 << 20, 0).status()).isEqualTo(INVALID_FIELD);
  }

  @Test
  void timestamp() {
    assertThat(get(Feature.TIMESTAMP, 0, 0, 0).status()).isZero();
    host.clock.advance(1_500_000_000L);
    assertThat(get(Feature.TIMESTAMP, 0, 0, 0).status()).isZero();
    assertThat(OffHeap.getLong(page.address())).as("since the reset").isEqualTo(1500);
    OffHeap.putLong(page.address(), 1_700_000_000_000L);
    assertThat(set(Feature.TIMESTAMP, 0, 0)).isZero();
    host.clock.advance(2_000_000);
    assertThat(get(Feature.TIMESTAMP, 0, 0, 0).status()).isZero();
    assertThat(OffHeap.getLong(page.address())).isEqualTo(1L << 49 | 1_700_000_000_002L);
    assertThat(get(Feature.TIMESTAMP, Feature.SELECT_DEFAULT, 0, 0).status()).isZero();
    assertThat(OffHeap.getLong(page.address())).isZero();
  }

  // ---- abort

  private int abort(int sqId, int commandId) {
    Host.Completion completion = host.admin(AdminOpcode.ABORT, 0, null, commandId << 16 | sqId);
    assertThat(completion.status()).isZero();
    return completion.result();
  }

  @Test
  void abortsAnEventRequest() {
    long entry = host.admin.begin(AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST, 0);
    int id = SubmissionEntry.commandId(entry);
    host.admin.ring();
    host.settle();
    assertThat(host.admin.hasCompletion()).isFalse();
    long abort = host.admin.begin(AdminOpcode.ABORT, 0);
    SubmissionEntry.cdw(abort, 10, id << 16);
    Host.Completion aborted = host.finish(host.admin);
    assertThat(aborted.commandId()).as("first what was aborted").isEqualTo(id);
    assertThat(aborted.status()).isEqualTo(StatusCode.ABORT_REQUESTED.status());
    Host.Completion completion = host.admin.take();
    assertThat(completion.commandId()).isEqualTo(SubmissionEntry.commandId(abort));
    assertThat(completion.status()).isZero();
    assertThat(completion.result()).isZero();
  }

  @Test
  void abortsNothing() {
    host.createQueue(1, 8);
    assertThat(abort(0, 0x7777)).isEqualTo(1);
    assertThat(abort(1, 5)).isEqualTo(1);
    assertThat(host.admin(AdminOpcode.ABORT, 0, null, 2).status()).isEqualTo(INVALID_FIELD);
    assertThat(host.admin(AdminOpcode.ABORT, 0, null, 0xffff).status()).isEqualTo(INVALID_FIELD);
  }
}
