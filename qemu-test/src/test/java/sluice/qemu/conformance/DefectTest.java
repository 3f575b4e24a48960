package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.nvme.CommandTimeoutException;
import sluice.nvme.ControllerOptions;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.Registers;
import sluice.nvme.spec.StatusCode;
import sluice.queues.CompletionEntry;
import sluice.vfio.DmaMemory;
import sluice.vfio.PciFunction;

/** Drives that lose commands, fail, vanish or lie: each is told within a deadline. */
class DefectTest extends ConformanceTest {
  private static final int DEPTH = 7;

  private Defective function;
  private NvmeController controller;
  private Namespace namespace;
  private DmaMemory memory;
  private Pump pump;
  private IoQueue queue;

  @BeforeEach
  void open() {
    function = new Defective(rig.open(TestDrive.BLOCKS_OF_512));
    ControllerOptions options =
        options()
            .withShadowDoorbells(false)
            .withIoTimeout(Duration.ofMillis(200))
            .withAdminTimeout(Duration.ofSeconds(1));
    controller = own(NvmeController.open(function, options));
    namespace = controller.namespace(1);
    memory = controller.dma().allocate(4096);
    pump = pump(controller, DEPTH);
    queue = pump.queue();
  }

  private boolean read(long tag) {
    return queue.read(namespace, 0, 8, memory, 0, tag);
  }

  private void assertWorks() {
    pump.succeed(this::read);
    assertThat(controller.admin().smartLog().compositeTemperature()).isPositive();
  }

  @Test
  void commandsThatTheDriveNeverSawAreReported() {
    function.loses = Registers.submissionDoorbell(1, function.stride);
    for (int i = 0; i < DEPTH; i++) {
      assertThat(read(i)).isTrue();
    }
    pump.finish();
    for (int i = 0; i < DEPTH; i++) {
      assertStatus(pump.status(i), StatusCode.ABORTED_BY_HOST);
    }
    function.loses = 0;
    assertWorks();
  }

  @Test
  void anAdminCommandThatTheDriveNeverSawIsToldAndQueuesLiveOn() {
    assertThat(read(1)).isTrue();
    queue.ring();
    function.loses = Registers.submissionDoorbell(0, function.stride);
    function.losesOnce = true;
    assertThatThrownBy(() -> controller.admin().smartLog())
        .isInstanceOf(CommandTimeoutException.class)
        .hasMessageContaining("Get Log Page")
        .hasNoSuppressedExceptions();
    pump.finish();
    assertThat(pump.status(1)).isIn(0, StatusCode.ABORTED_BY_HOST.status());
    assertWorks();
  }

  @Test
  void aFatalStatusIsFollowedByAReset() {
    function.loses = Registers.submissionDoorbell(1, function.stride);
    assertThat(read(1)).isTrue();
    function.fatal = true;
    pump.finish();
    assertStatus(pump.status(1), StatusCode.ABORTED_BY_HOST);
    function.loses = 0;
    assertThat(function.fatal).as("the reset ended it").isFalse();
    assertWorks();
  }

  @Test
  void aDriveThatVanishesIsToldOfAndClosedInPeace() {
    function.loses = Registers.submissionDoorbell(1, function.stride);
    assertThat(read(1)).isTrue();
    queue.ring();
    function.gone = true;
    assertThatThrownBy(this::pollWithinDeadline)
        .isInstanceOf(NvmeException.class)
        .hasMessageEndingWith(" is gone");
    assertThatThrownBy(() -> controller.admin().smartLog()).isInstanceOf(NvmeException.class);
    queue.close();
    controller.close();
    assertThat(function.isClosed()).isTrue();
  }

  @Test
  void aDriveThatCannotBeResetHasFailedForGood() {
    function.loses = Registers.submissionDoorbell(1, function.stride);
    function.stays = true;
    assertThat(read(1)).isTrue();
    assertThatThrownBy(this::pollWithinDeadline)
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining(" did not stop within ");
    assertThatThrownBy(this::pollWithinDeadline)
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining(" has failed: ");
    assertThatThrownBy(() -> controller.createIoQueue(2))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining(" has failed: ");
    controller.close();
    queue.close();
    assertThat(function.isClosed()).isTrue();
  }

  private void pollWithinDeadline() {
    Deadline deadline = new Deadline("an error");
    while (true) {
      int _ = turn(queue, pump);
      deadline.check();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "5, 1, 1", // no such command
    "0, 2, 1", // of another queue
    "0, 1, 3", // the head is ahead of what was sent
  })
  void aCompletionOfWhatWasNeverAskedForIsAnError(int command, int sqId, int head) {
    function.loses = Registers.submissionDoorbell(1, function.stride);
    assertThat(read(1)).isTrue();
    long entry = function.lastAllocated((DEPTH + 1L) * CompletionEntry.BYTES).address();
    CompletionEntry.writeRelease(entry, 0, head, sqId, command, 0, 1);
    assertThatThrownBy(() -> queue.poll(pump))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining("completed command " + command + " of queue " + sqId)
        .hasMessageEndingWith(", which cannot be");
    assertThat(queue.outstanding()).as("nothing was reported").isEqualTo(1);
  }

  /** Works, until the test says otherwise. */
  private static final class Defective extends WatchedFunction {
    private final int stride;

    /** The doorbell whose writes are lost; 0 for none. */
    private volatile long loses;

    private volatile boolean losesOnce;
    private volatile boolean fatal;
    private volatile boolean gone;

    /** Whether it does not let itself be disabled, nor reset. */
    private volatile boolean stays;

    Defective(PciFunction inner) {
      super(inner);
      stride = Cap.dstrd(inner.bar(0).read64(Registers.CAP));
    }

    @Override
    boolean passes(long offset, int value) {
      if (offset == Registers.CC) {
        fatal &= Cc.en(value);
        return !stays && !gone;
      }
      if (offset != loses) {
        return !gone;
      }
      if (losesOnce) {
        loses = 0;
      }
      return false;
    }

    @Override
    int read(long offset, int value) {
      if (gone) {
        return -1;
      }
      if (offset == Registers.CAP) {
        // Half a second will do for each wait.
        return (int) Cap.to(value, 0);
      }
      return fatal && offset == Registers.CSTS ? Csts.cfs(value, true) : value;
    }

    @Override
    public void reset() {
      if (stays) {
        throw new UnsupportedOperationException("cannot be reset");
      }
      super.reset();
    }

    @Override
    public boolean isPresent() {
      return !gone && super.isPresent();
    }
  }
}
