package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.nvme.NvmeController;
import sluice.nvme.spec.SmartLog;

/**
 * Asynchronous events (NVM Express 1.4, section 5.2), as {@link NvmeController#poll} tells them.
 */
class EventTest extends ConformanceTest {
  private final Events events = new Events();

  @AfterEach
  void setThresholdBack() {
    events.setThresholdBack();
  }

  private NvmeController openListening() {
    NvmeController controller =
        open(TestDrive.BLOCKS_OF_512, options().withOnEvent(events.told()::add));
    events.begin(controller);
    return controller;
  }

  @Test
  void aThresholdBelowTheTemperatureIsTold() {
    NvmeController controller = openListening();
    int temperature = controller.admin().smartLog().compositeTemperature();
    events.setThreshold(controller, temperature + 1);
    Events.settle(controller);
    assertThat(events.told()).isEmpty();

    events.setThreshold(controller, temperature);
    events.await(controller, 1);
    assertThat(events.told()).containsExactly(Events.TOO_WARM);
    assertThat(controller.admin().smartLog().criticalWarning() & SmartLog.WARNING_TEMPERATURE)
        .isNotZero();
  }

  @Test
  void theSameEventComesAgainAndAgain() {
    NvmeController controller = openListening();
    int temperature = controller.admin().smartLog().compositeTemperature();
    // More often than there are requests outstanding: each has to be made anew.
    for (int i = 1; i <= 10; i++) {
      events.setThreshold(controller, temperature - 1);
      events.await(controller, i);
      events.setThreshold(controller, Events.WARM_ENOUGH);
      Events.settle(controller);
    }
    assertThat(events.told()).hasSize(10).containsOnly(Events.TOO_WARM);
  }

  @Test
  void anEventComesAfterAResetToo() {
    NvmeController controller = openListening();
    controller.reset();
    events.setThreshold(controller, 1);
    events.await(controller, 1);
    assertThat(events.told()).containsExactly(Events.TOO_WARM);
  }

  @Test
  void adminCommandsGoOnWhileEventsWaitToBePolled() {
    NvmeController controller = openListening();
    events.setThreshold(controller, 1);
    for (int i = 0; i < 100; i++) {
      assertThat(controller.admin().activeNamespaces()).containsExactly(1);
    }
    assertThat(events.told()).isEmpty();
    events.await(controller, 1);
  }
}
