package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.nvme.AdminCommands;
import sluice.nvme.CommandFailedException;
import sluice.nvme.NvmeController;
import sluice.nvme.spec.ErrorLogEntry;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.FirmwareSlotLog;
import sluice.nvme.spec.SmartLog;
import sluice.nvme.spec.StatusCode;
import sluice.vfio.DmaMemory;

/** Logs and features (NVM Express 1.4, sections 5.13, 5.14 and 5.21). */
class AdminTest extends ConformanceTest {
  @Test
  void theSmartLogCountsWhatIsReadAndWritten() {
    NvmeController controller = open(TestDrive.BLOCKS_OF_512);
    SmartLog before = controller.admin().smartLog();
    Pump pump = pump(controller, 16);
    DmaMemory memory = controller.dma().allocate(512 << 10);
    var namespace = controller.namespace(1);
    for (int i = 0; i < 4; i++) {
      pump.succeed(tag -> pump.queue().write(namespace, 0, 1000, memory, 0, tag));
    }
    for (int i = 0; i < 3; i++) {
      pump.succeed(tag -> pump.queue().read(namespace, 0, 1000, memory, 0, tag));
    }
    SmartLog after = controller.admin().smartLog();
    assertThat(after.hostWriteCommands() - before.hostWriteCommands()).isEqualTo(4);
    assertThat(after.hostReadCommands() - before.hostReadCommands()).isEqualTo(3);
    // In thousands of 512 bytes, rounded up: what was before may have filled up a part.
    assertThat(after.dataUnitsWritten() - before.dataUnitsWritten()).isBetween(3L, 4L);
    assertThat(after.dataUnitsRead() - before.dataUnitsRead()).isBetween(2L, 3L);
  }

  @Test
  void theSmartLogTellsAHealthyDrive() {
    SmartLog log = open(TestDrive.BLOCKS_OF_512).admin().smartLog();
    assertThat(log.criticalWarning()).isZero();
    assertThat(log.compositeTemperature()).as("kelvin").isBetween(273, 373);
    // QEMU leaves the spare at 0 %, below no threshold.
    assertThat(log.availableSpare()).isEqualTo(qemuHas(0, 100));
    assertThat(log.percentageUsed()).isZero();
    assertThat(log.mediaErrors()).isZero();
  }

  @Test
  void theErrorLogIsReadNewestFirst() {
    NvmeController controller = open(TestDrive.BLOCKS_OF_512);
    for (int fid : List.of(0x70, 0x71)) {
      assertThatThrownBy(() -> controller.admin().getFeature(fid, Feature.SELECT_CURRENT))
          .isInstanceOf(CommandFailedException.class);
    }
    List<ErrorLogEntry> entries = controller.admin().errorLog(64);
    // QEMU has the log, and never writes to it.
    assertThat(entries).hasSize(qemuHas(0, 2));
    if (entries.isEmpty()) {
      return;
    }
    assertThat(entries.get(0).errorCount()).isEqualTo(entries.get(1).errorCount() + 1);
    assertThat(entries.get(0).sqid()).isZero();
    assertStatus(entries.get(0).status(), StatusCode.INVALID_FIELD);
    assertThat(controller.admin().errorLog(1)).hasSize(1);
    assertThat(controller.admin().errorLog(0)).isEmpty();
    assertThat(controller.admin().smartLog().errorLogEntries()).isEqualTo(2);
  }

  @Test
  void theFirmwareLogNamesTheRunningFirmware() {
    NvmeController controller = open(TestDrive.BLOCKS_OF_512);
    FirmwareSlotLog log = controller.admin().firmwareSlots();
    int running = log.afi() & 7;
    assertThat(running).isBetween(1, 7);
    // QEMU's log says 1.0 whatever its version is.
    assertThat(log.frs(running)).isEqualTo(qemuHas("1.0", controller.identify().fr()));
  }

  @Test
  void aFeatureIsSetAndReadAndSetBack() {
    AdminCommands admin = open(TestDrive.BLOCKS_OF_512).admin();
    int before = admin.getFeature(Feature.VOLATILE_WRITE_CACHE, Feature.SELECT_CURRENT);
    assertThat(before & 1).as("the write cache is on").isEqualTo(1);
    admin.setFeature(Feature.VOLATILE_WRITE_CACHE, 0);
    assertThat(admin.getFeature(Feature.VOLATILE_WRITE_CACHE, Feature.SELECT_CURRENT) & 1).isZero();
    admin.setFeature(Feature.VOLATILE_WRITE_CACHE, before);
    assertThat(admin.getFeature(Feature.VOLATILE_WRITE_CACHE, Feature.SELECT_CURRENT))
        .isEqualTo(before);
  }

  @Test
  void theTemperatureThresholdIsSetAndSetBack() {
    NvmeController controller = open(TestDrive.BLOCKS_OF_512);
    AdminCommands admin = controller.admin();
    int fid = Feature.TEMPERATURE_THRESHOLD;
    int before = admin.getFeature(fid, Feature.SELECT_DEFAULT);
    assertThat(Feature.tmpth(before)).isEqualTo(controller.identify().wctemp());
    assertThat(admin.getFeature(fid, Feature.SELECT_CURRENT)).isEqualTo(before);
    admin.setFeature(fid, Feature.temperatureThreshold(340, 0, false));
    assertThat(Feature.tmpth(admin.getFeature(fid, Feature.SELECT_CURRENT))).isEqualTo(340);
    assertThat(admin.getFeature(fid, Feature.SELECT_DEFAULT)).isEqualTo(before);
    admin.setFeature(fid, before);
    assertThat(admin.getFeature(fid, Feature.SELECT_CURRENT)).isEqualTo(before);
  }

  @Test
  void theNumberOfQueuesIsAFeature() {
    NvmeController controller = open(TestDrive.FEW_QUEUES);
    int granted = controller.admin().getFeature(Feature.NUMBER_OF_QUEUES, Feature.SELECT_CURRENT);
    assertThat(Feature.submissionQueues(granted)).isEqualTo(2);
    assertThat(Feature.completionQueues(granted)).isEqualTo(2);
  }

  @Test
  void whatCanBeDoneWithAFeatureIsTold() {
    AdminCommands admin = open(TestDrive.BLOCKS_OF_512).admin();
    int capabilities = admin.getFeature(Feature.TEMPERATURE_THRESHOLD, Feature.SELECT_CAPABILITIES);
    assertThat(capabilities & Feature.CAPABILITY_CHANGEABLE).isNotZero();
    assertThat(capabilities & Feature.CAPABILITY_NAMESPACE_SPECIFIC).isZero();
  }

  @Test
  void featuresAreLostInAReset() {
    NvmeController controller = open(TestDrive.BLOCKS_OF_512);
    AdminCommands admin = controller.admin();
    int fid = Feature.TEMPERATURE_THRESHOLD;
    int before = admin.getFeature(fid, Feature.SELECT_CURRENT);
    int other = Feature.temperatureThreshold(340, 0, false);
    admin.setFeature(fid, other);
    controller.reset();
    // QEMU keeps features over every reset.
    assertThat(admin.getFeature(fid, Feature.SELECT_CURRENT)).isEqualTo(qemuHas(other, before));
    admin.setFeature(fid, before);
  }

  @Test
  void aRefusalNamesCommandAndStatus() {
    AdminCommands admin = open(TestDrive.BLOCKS_OF_512).admin();
    assertThatThrownBy(() -> admin.getFeature(0x70, Feature.SELECT_CURRENT))
        .isInstanceOf(CommandFailedException.class)
        .hasMessageContaining("Get Features")
        .hasMessageContaining(StatusCode.INVALID_FIELD.title());
  }
}
