package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.SmartLog;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.vfio.DmaMemory;
import sluice.virtual.pci.Host;

class AsyncEventsTest {
  private static final int TEMPERATURE_EVENT =
      AsyncEvent.of(AsyncEvent.TYPE_SMART, AsyncEvent.SMART_TEMPERATURE, LogPage.SMART);

  private final Host host = Host.ready();
  private final DmaMemory page = host.memory(4096);

  @AfterEach
  void close() {
    host.close();
  }

  private int arm() {
    long entry = host.admin.begin(AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST, 0);
    host.admin.ring();
    host.settle();
    return SubmissionEntry.commandId(entry);
  }

  private void set(int fid, int value) {
    int cdw10 = Feature.setCdw10(fid, false);
    assertThat(host.admin(AdminOpcode.SET_FEATURES, 0, null, cdw10, value).status()).isZero();
  }

  private void wantTemperature() {
    set(Feature.ASYNCHRONOUS_EVENT_CONFIGURATION, SmartLog.WARNING_TEMPERATURE);
  }

  private void threshold(int kelvin, boolean under) {
    set(Feature.TEMPERATURE_THRESHOLD, Feature.temperatureThreshold(kelvin, 0, under));
  }

  private SmartLog readSmartLog() {
    int cdw10 = LogPage.cdw10(LogPage.SMART, 512, false);
    assertThat(host.admin(AdminOpcode.GET_LOG_PAGE, 0xffffffff, page, cdw10).status()).isZero();
    return new SmartLog(page.segment());
  }

  @Test
  void moreRequestsThanTheLimit() {
    for (int i = 0; i < 4; i++) {
      arm();
      assertThat(host.admin.hasCompletion()).isFalse();
    }
    int fifth = arm();
    Host.Completion refused = host.admin.take();
    assertThat(refused.commandId()).isEqualTo(fifth);
    assertThat(refused.status())
        .isEqualTo(StatusCode.ASYNCHRONOUS_EVENT_LIMIT_EXCEEDED.statusDnr());
  }

  @Test
  void movingTheTemperatureThreshold() {
    wantTemperature();
    int id = arm();
    threshold(303, false);
    Host.Completion event = host.admin.take();
    assertThat(event.commandId()).isEqualTo(id);
    assertThat(event.status()).isZero();
    assertThat(event.result()).isEqualTo(TEMPERATURE_EVENT);
    assertThat(readSmartLog().criticalWarning()).isEqualTo(SmartLog.WARNING_TEMPERATURE);
    threshold(304, false);
    assertThat(readSmartLog().criticalWarning()).isZero();
  }

  @Test
  void aThresholdThatIsMovedAgainIsToldAgain() {
    wantTemperature();
    for (int kelvin = 303; kelvin > 293; kelvin--) {
      arm();
      threshold(kelvin, false);
      assertThat(host.admin.take().result()).isEqualTo(TEMPERATURE_EVENT);
      readSmartLog();
    }
  }

  @Test
  void theUnderThreshold() {
    wantTemperature();
    arm();
    threshold(302, true);
    assertThat(host.admin.hasCompletion()).isFalse();
    threshold(303, true);
    assertThat(host.admin.take().result()).isEqualTo(TEMPERATURE_EVENT);
  }

  @Test
  void onlyWhatIsWantedIsTold() {
    arm();
    threshold(300, false);
    assertThat(host.admin.hasCompletion()).isFalse();
    wantTemperature();
    assertThat(host.admin.take().result()).isEqualTo(TEMPERATURE_EVENT);
  }

  @Test
  void aWarmerDrive() {
    wantTemperature();
    arm();
    host.drive.temperature(342);
    host.settle();
    assertThat(host.admin.hasCompletion()).isFalse();
    host.drive.temperature(343);
    host.settle();
    assertThat(host.admin.take().result()).isEqualTo(TEMPERATURE_EVENT);
    assertThat(readSmartLog().compositeTemperature()).isEqualTo(343);
    arm();
    host.drive.temperature(350);
    host.settle();
    assertThat(host.admin.hasCompletion()).as("it was too warm already").isFalse();
    host.drive.temperature(300);
    host.drive.temperature(350);
    host.settle();
    assertThat(host.admin.take().result()).isEqualTo(TEMPERATURE_EVENT);
  }

  @Test
  void anEventWaitsForARequest() {
    wantTemperature();
    threshold(303, false);
    assertThat(host.admin.hasCompletion()).isFalse();
    arm();
    assertThat(host.admin.take().result()).isEqualTo(TEMPERATURE_EVENT);
  }

  @Test
  void aTypeIsToldOnceUntilItsLogPageIsRead() {
    wantTemperature();
    arm();
    arm();
    threshold(303, false);
    assertThat(host.admin.take().result()).isEqualTo(TEMPERATURE_EVENT);
    threshold(400, false);
    threshold(303, false);
    assertThat(host.admin.hasCompletion()).isFalse();
    int cdw10 = LogPage.cdw10(LogPage.SMART, 512, false);
    long entry = host.admin.begin(AdminOpcode.GET_LOG_PAGE, 0xffffffff);
    SubmissionEntry.prps(entry, page.iova(), 0);
    SubmissionEntry.cdw(entry, 10, cdw10);
    host.admin.ring();
    host.settle();
    assertThat(host.admin.take().commandId()).isEqualTo(SubmissionEntry.commandId(entry));
    assertThat(host.admin.take().result()).isEqualTo(TEMPERATURE_EVENT);
  }

  @Test
  void aResetForgetsRequests() {
    arm();
    host.writeCc(0);
    host.settle();
    host.enable();
    wantTemperature();
    threshold(303, false);
    assertThat(host.admin.hasCompletion()).isFalse();
  }
}
