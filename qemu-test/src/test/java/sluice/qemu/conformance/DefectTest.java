package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.InstanceOfAssertFactories;
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
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.Registers;
import sluice.nvme.spec.StatusCode;
import sluice.queues.CompletionEntry;
import sluice.vfio.DmaMemory;
import sluice.vfio.PciFunction;
import sluice.vfio.ResetFailedException;

/** Drives that lose commands, fail, vanish or lie: each is told within a deadline. */
class DefectTest extends PciConformanceTest {
  private static final int DEPTH = 7;

  private final List<String> notices = new CopyOnWriteArrayList<>();
  private Defective function;
  private NvmeController controller;
  private Namespace namespace;
  private DmaMemory memory;
  private Pump pump;
  private IoQueue queue;

  @BeforeEach
  void open() {
    function = new Defective(rig.function(TestDrive.BLOCKS_OF_512));
    ControllerOptions options =
        options()
            .withShadowDoorbells(false)
            .withIoTimeout(Duration.ofMillis(200))
            .withAdminTimeout(Duration.ofSeconds(1))
            .withOnNotice(notices::add);
    controller = own(PcieTransport.open(function, options));
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
    "7, 1", // no such command
    "0, 2", // of another queue
  })
  void aCompletionOfWhatWasNeverAskedForIsFollowedByAReset(int command, int sqId) {
    function.deafTo = 1;
    assertThat(read(1)).isTrue();
    complete(DEPTH + 1, 0, 1, sqId, command, 1);
    pump.finish();
    assertStatus(pump.status(1), StatusCode.ABORTED_BY_HOST);
    assertThat(notices)
        .singleElement(InstanceOfAssertFactories.STRING)
        .endsWith(
            "completed command %d of queue %d on queue 1, which cannot be: it is reset"
                .formatted(command, sqId));
    function.deafTo = 0;
    assertWorks();
  }

  @Test
  void whatACompletionSaysOfTheSubmissionQueuesHeadDoesNotMatter() {
    function.deafTo = 1;
    assertThat(read(1)).isTrue();
    assertThat(read(2)).isTrue();
    assertThat(read(3)).isTrue();
    // Made later, and posted first.
    complete(DEPTH + 1, 0, 2, 1, 1, 1);
    complete(DEPTH + 1, 1, 1, 1, 0, 1);
    // Not even sent.
    complete(DEPTH + 1, 2, 6, 1, 2, 1);
    assertThat(queue.poll(pump)).isEqualTo(3);
    assertThat(pump.takeSuccesses()).isEqualTo(3);
    assertThat(queue.outstanding()).isZero();
    assertThat(notices).isEmpty();
  }

  @Test
  void aCompletionThatComesTwiceIsNotTakenForTheNextCommands() {
    Pump narrow = pump(controller, 1);
    function.deafTo = 2;
    assertThat(narrow.queue().read(namespace, 0, 8, memory, 0, 1)).isTrue();
    complete(2, 0, 1, 2, 0, 1);
    assertThat(narrow.queue().poll(narrow)).isEqualTo(1);
    assertThat(narrow.queue().read(namespace, 0, 8, memory, 0, 2)).isTrue();
    complete(2, 1, 1, 2, 0, 1);
    assertThat(narrow.queue().poll(narrow)).as("the second of the first command").isZero();
    assertThat(narrow.queue().outstanding()).isEqualTo(1);
    int secondIdentifier = 2;
    complete(2, 0, 0, 2, secondIdentifier, 0);
    assertThat(narrow.queue().poll(narrow)).isEqualTo(1);
    assertThat(narrow.takeSuccesses()).isEqualTo(2);
    assertThat(notices)
        .singleElement(InstanceOfAssertFactories.STRING)
        .endsWith("completed a command of queue 2 more than once, which is passed over");
  }

  /** A drive may repeat itself as fast as we look: a turn ends all the same. */
  @Test
  void completionsThatComeTwiceWithoutAnEndHoldNoTurnUp() {
    function.deafTo = 1;
    assertThat(read(1)).isTrue();
    assertThat(read(2)).isTrue();
    complete(DEPTH + 1, 0, 1, 1, 0, 1);
    for (int again = 1; again <= DEPTH; again++) {
      complete(DEPTH + 1, again, 1, 1, 0, 1);
    }
    assertThat(queue.poll(pump)).isEqualTo(1);
    for (int at = 0; at < DEPTH; at++) {
      complete(DEPTH + 1, at, 1, 1, 0, 0);
      assertThat(queue.poll(pump)).isZero();
    }
    assertThat(queue.outstanding()).isEqualTo(1);
    assertThat(notices)
        .singleElement(InstanceOfAssertFactories.STRING)
        .endsWith("more than once, which is passed over");
    function.deafTo = 0;
    controller.reset();
    pump.finish();
    assertStatus(pump.status(2), StatusCode.ABORTED_BY_HOST);
    assertWorks();
  }

  /** Posts a completion in the drive's place. */
  private void complete(int entries, int at, int head, int sqId, int command, int phase) {
    long ring = function.lastAllocated((long) entries * CompletionEntry.BYTES).address();
    CompletionEntry.writeRelease(
        ring + (long) at * CompletionEntry.BYTES, 0, head, sqId, command, 0, phase);
  }

  /** Works, until the test says otherwise. */
  private static final class Defective extends WatchedFunction {
    private final int stride;

    /** The doorbell whose writes are lost; 0 for none. */
    private volatile long loses;

    /** The queue of which no doorbell arrives; 0 for none. */
    private volatile int deafTo;

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
      if (deafTo != 0 && isDoorbellOf(deafTo, offset)) {
        return false;
      }
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

    private boolean isDoorbellOf(int id, long offset) {
      return offset == Registers.submissionDoorbell(id, stride)
          || offset == Registers.completionDoorbell(id, stride);
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
        throw new ResetFailedException("cannot be reset");
      }
      super.reset();
    }

    @Override
    public boolean isPresent() {
      return !gone && super.isPresent();
    }
  }
}
