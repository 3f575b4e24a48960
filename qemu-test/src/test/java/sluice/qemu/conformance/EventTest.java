package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.Registers;
import sluice.nvme.spec.SmartLog;
import sluice.queues.SubmissionEntry;
import sluice.vfio.PciFunction;

/**
 * Asynchronous events (NVM Express 1.4, section 5.2), as {@link NvmeController#poll} tells them.
 */
class EventTest extends ConformanceTest {
  private static final int TOO_WARM =
      AsyncEvent.of(AsyncEvent.TYPE_SMART, AsyncEvent.SMART_TEMPERATURE, LogPage.SMART);

  private static final int WARM_ENOUGH = 400;

  private final List<Integer> events = new ArrayList<>();

  /** Null if no threshold was changed. */
  private NvmeController changed;

  /** QEMU keeps features over resets, and in a guest its drive is the next test's too. */
  @AfterEach
  void setThresholdBack() {
    if (changed != null) {
      int fid = Feature.TEMPERATURE_THRESHOLD;
      int before = changed.admin().getFeature(fid, Feature.SELECT_DEFAULT);
      changed.admin().setFeature(fid, before);
    }
  }

  private NvmeController openListening() {
    NvmeController controller = open(TestDrive.BLOCKS_OF_512, options().withOnEvent(events::add));
    // Whatever the drive's own threshold is.
    setThreshold(controller, WARM_ENOUGH);
    settle(controller);
    events.clear();
    return controller;
  }

  private void awaitEvents(NvmeController controller, int count) {
    Deadline deadline = new Deadline(count + " events, there are " + events);
    while (events.size() < count) {
      int _ = controller.poll();
      deadline.check();
    }
  }

  /**
   * Whatever is to come of what was done before has come when this returns. Reads no log: that
   * would do the driver's work, which is to let an event come again.
   */
  private static void settle(NvmeController controller) {
    for (int i = 0; i < 20; i++) {
      assertThat(controller.admin().activeNamespaces()).containsExactly(1);
      int _ = controller.poll();
    }
  }

  private void setThreshold(NvmeController controller, int kelvin) {
    changed = controller;
    int _ =
        controller
            .admin()
            .setFeature(
                Feature.TEMPERATURE_THRESHOLD, Feature.temperatureThreshold(kelvin, 0, false));
  }

  @Test
  void aThresholdBelowTheTemperatureIsTold() {
    NvmeController controller = openListening();
    int temperature = controller.admin().smartLog().compositeTemperature();
    setThreshold(controller, temperature + 1);
    settle(controller);
    assertThat(events).isEmpty();

    setThreshold(controller, temperature);
    awaitEvents(controller, 1);
    assertThat(events).containsExactly(TOO_WARM);
    assertThat(controller.admin().smartLog().criticalWarning() & SmartLog.WARNING_TEMPERATURE)
        .isNotZero();
  }

  @Test
  void theSameEventComesAgainAndAgain() {
    NvmeController controller = openListening();
    int temperature = controller.admin().smartLog().compositeTemperature();
    // More often than there are requests outstanding: each has to be made anew.
    for (int i = 1; i <= 10; i++) {
      setThreshold(controller, temperature - 1);
      awaitEvents(controller, i);
      setThreshold(controller, WARM_ENOUGH);
      settle(controller);
    }
    assertThat(events).hasSize(10).containsOnly(TOO_WARM);
  }

  @Test
  void anEventComesAfterAResetToo() {
    NvmeController controller = openListening();
    controller.reset();
    setThreshold(controller, 1);
    awaitEvents(controller, 1);
    assertThat(events).containsExactly(TOO_WARM);
  }

  @Test
  void adminCommandsGoOnWhileEventsWaitToBePolled() {
    NvmeController controller = openListening();
    setThreshold(controller, 1);
    for (int i = 0; i < 100; i++) {
      assertThat(controller.admin().activeNamespaces()).containsExactly(1);
    }
    assertThat(events).isEmpty();
    awaitEvents(controller, 1);
  }

  @Test
  void anEventIsToldAlthoughItsLogCannotBeRead() {
    LogSpoiler function = new LogSpoiler(rig.open(TestDrive.BLOCKS_OF_512));
    NvmeController controller =
        own(PcieTransport.open(function, options().withOnEvent(events::add)));
    setThreshold(controller, WARM_ENOUGH);
    settle(controller);
    events.clear();

    function.spoils = true;
    setThreshold(controller, 1);
    awaitEvents(controller, 1);
    function.spoils = false;
    assertThat(events).containsExactly(TOO_WARM);
    // The log is read at last, and with it the event can come again.
    setThreshold(controller, WARM_ENOUGH);
    SmartLog _ = controller.admin().smartLog();
    setThreshold(controller, 1);
    awaitEvents(controller, 2);
  }

  /** Makes every Get Log Page one of a page that there is not. */
  private static final class LogSpoiler extends WatchedFunction {
    private static final int UNKNOWN_PAGE = 0x6f;

    private boolean spoils;
    private int tail;

    LogSpoiler(PciFunction inner) {
      super(inner);
    }

    @Override
    boolean passes(long offset, int value) {
      if (offset == Registers.DOORBELLS) {
        // The admin submission queue is the first that the driver allocates.
        long entry = allocated(0).address() + (long) tail * SubmissionEntry.BYTES;
        if (spoils && SubmissionEntry.opcode(entry) == AdminOpcode.GET_LOG_PAGE) {
          int cdw10 = SubmissionEntry.cdw(entry, 10);
          SubmissionEntry.cdw(entry, 10, (cdw10 & ~0xff) | UNKNOWN_PAGE);
        }
        tail = value;
      }
      return true;
    }
  }

  @Test
  void aDoorbellWithoutAQueueIsAnError() {
    NvmeController controller = openListening();
    int stride = Cap.dstrd(controller.capabilities());
    long doorbell = Registers.submissionDoorbell(5, stride);
    PcieTransport.functionOf(controller).bar(0).write32(doorbell, 1);
    awaitEvents(controller, 1);
    assertThat(events)
        .containsExactly(
            AsyncEvent.of(
                AsyncEvent.TYPE_ERROR,
                AsyncEvent.ERROR_INVALID_DOORBELL_REGISTER,
                LogPage.ERROR_INFORMATION));
  }

  @Test
  void aDoorbellValueBeyondTheQueueIsAnError() {
    NvmeController controller =
        open(
            TestDrive.BLOCKS_OF_512, options().withShadowDoorbells(false).withOnEvent(events::add));
    var queue = controller.createIoQueue(7);
    int stride = Cap.dstrd(controller.capabilities());
    long doorbell = Registers.submissionDoorbell(queue.id(), stride);
    PcieTransport.functionOf(controller).bar(0).write32(doorbell, 8);
    awaitEvents(controller, 1);
    assertThat(events)
        .containsExactly(
            AsyncEvent.of(
                AsyncEvent.TYPE_ERROR,
                AsyncEvent.ERROR_INVALID_DOORBELL_VALUE,
                LogPage.ERROR_INFORMATION));
  }
}
