package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.Registers;
import sluice.nvme.spec.SmartLog;
import sluice.queues.SubmissionEntry;
import sluice.vfio.PciFunction;

/** Events that doorbells make, and one whose log is kept from the driver. */
class PciEventTest extends PciConformanceTest {
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
  void anEventIsToldAlthoughItsLogCannotBeRead() {
    LogSpoiler function = new LogSpoiler(rig.function(TestDrive.BLOCKS_OF_512));
    NvmeController controller =
        own(PcieTransport.open(function, options().withOnEvent(events.told()::add)));
    events.begin(controller);

    function.spoils = true;
    events.setThreshold(controller, 1);
    events.await(controller, 1);
    function.spoils = false;
    assertThat(events.told()).containsExactly(Events.TOO_WARM);
    // The log is read at last, and with it the event can come again.
    events.setThreshold(controller, Events.WARM_ENOUGH);
    SmartLog _ = controller.admin().smartLog();
    events.setThreshold(controller, 1);
    events.await(controller, 2);
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
    events.await(controller, 1);
    assertThat(events.told())
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
            TestDrive.BLOCKS_OF_512,
            options().withShadowDoorbells(false).withOnEvent(events.told()::add));
    var queue = controller.createIoQueue(7);
    int stride = Cap.dstrd(controller.capabilities());
    long doorbell = Registers.submissionDoorbell(queue.id(), stride);
    PcieTransport.functionOf(controller).bar(0).write32(doorbell, 8);
    events.await(controller, 1);
    assertThat(events.told())
        .containsExactly(
            AsyncEvent.of(
                AsyncEvent.TYPE_ERROR,
                AsyncEvent.ERROR_INVALID_DOORBELL_VALUE,
                LogPage.ERROR_INFORMATION));
  }
}
