package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.HealthWatch;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.Registers;
import sluice.nvme.spec.StatusCode;
import sluice.support.agent.IdleStrategy;
import sluice.support.memory.OffHeap;
import sluice.vfio.Bar;
import sluice.vfio.ConfigSpace;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;
import sluice.vfio.PciFunction;
import sluice.virtual.VirtualDriveProvider;

/** The driver on a drive that answers nothing any more, not even an abort, until it is reset. */
class HungDriveTest {
  private static final Duration TIMEOUT = Duration.ofMillis(100);

  /** Time passes with the turns that the function is given. */
  private final AtomicLong clock = new AtomicLong();

  private final List<String> notices = new ArrayList<>();

  private final ControllerOptions options =
      ControllerOptions.defaults()
          .withOnNotice(notices::add)
          .withIoTimeout(TIMEOUT)
          .withAdminTimeout(TIMEOUT)
          .withIdle(IdleStrategy::spinning)
          .withNanoClock(clock::get);

  @Test
  void aDriveThatDoesNotEvenAnswerAnAbortIsResetAndGoesOn() {
    HangingFunction function =
        new HangingFunction(
            VirtualDriveProvider.function(
                DriveAddress.parse("virtual:memory?size=16M&thread=shared"), options));
    try (NvmeController controller = PcieTransport.open(function, options);
        IoQueue queue = controller.createIoQueue(4)) {
      Namespace namespace = controller.namespace(1);
      DmaMemory memory = controller.dma().allocate(8192);
      OffHeap.putLong(memory.address(), 4711);
      function.isHung = true;
      assertThat(queue.write(namespace, 0, 8, memory, 0, 7)).isTrue();
      assertThat(pollUntilReported(queue)).containsExactly(StatusCode.ABORTED_BY_HOST.status());
      assertThat(function.isHung).isFalse();

      assertThat(queue.write(namespace, 0, 8, memory, 0, 7)).isTrue();
      assertThat(pollUntilReported(queue)).containsExactly(0);
      assertThat(queue.read(namespace, 0, 8, memory, 4096, 7)).isTrue();
      assertThat(pollUntilReported(queue)).containsExactly(0);
      assertThat(OffHeap.getLong(memory.address() + 4096)).isEqualTo(4711);
    }
  }

  @Test
  void aStuckCommandIsFoundHoweverMuchElseCompletes() {
    HangingFunction function =
        new HangingFunction(
            VirtualDriveProvider.function(
                DriveAddress.parse("virtual:memory?size=16M&thread=shared&stuck=count:1"),
                options));
    try (NvmeController controller = PcieTransport.open(function, options);
        IoQueue queue = controller.createIoQueue(4)) {
      Namespace namespace = controller.namespace(1);
      DmaMemory memory = controller.dma().allocate(4096);
      List<Integer> ofFlush = new ArrayList<>();
      assertThat(queue.flush(namespace, 1)).isTrue();
      long start = clock.get();
      while (ofFlush.isEmpty()) {
        assertThat(queue.write(namespace, 0, 8, memory, 0, 2)).isTrue();
        int reported =
            queue.poll((tag, status) -> {
              if (tag == 1) {
                ofFlush.add(status);
              }
            });
        assertThat(reported).isPositive();
        assertThat(clock.get() - start).isLessThan(Duration.ofSeconds(1).toNanos());
      }
      assertThat(ofFlush).containsExactly(StatusCode.ABORT_REQUESTED.status());
    }
  }

  @Test
  void aPauseOfHalfAMinuteIsRiddenOutWhileTheHealthIsWatched() {
    ControllerOptions patient = options.withIoTimeout(Duration.ofSeconds(60));
    HangingFunction function = function();
    function.tick = Duration.ofMillis(2).toNanos();
    try (NvmeController controller = PcieTransport.open(function, patient);
        IoQueue queue = controller.createIoQueue(32)) {
      DmaMemory memory = controller.dma().allocate(4096);
      HealthWatch watch = controller.watchHealth(Duration.ofSeconds(2));
      function.standsUntil = clock.get() + Duration.ofSeconds(25).toNanos();
      for (int i = 0; i < 32; i++) {
        assertThat(queue.write(controller.namespace(1), i, 1, memory, 0, i)).isTrue();
      }
      List<Integer> statuses = new ArrayList<>();
      long end = clock.get() + Duration.ofSeconds(40).toNanos();
      int news = 0;
      while (clock.get() < end) {
        queue.poll((tag, status) -> statuses.add(status));
        news += watch.poll() ? 1 : 0;
        int _ = controller.poll();
      }
      assertThat(statuses).hasSize(32).containsOnly(0);
      assertThat(news).as("answers in the 15 s after the pause").isBetween(6, 9);
      assertThat(watch.temperature()).isPositive();
      assertThat(notices).isEmpty();
    }
  }

  @Test
  void aQuestionThatIsOnlyAWatchIsNeverLateAndNotAskedTwice() {
    HangingFunction function = function();
    function.tick = Duration.ofMillis(2).toNanos();
    try (NvmeController controller = PcieTransport.open(function, options)) {
      HealthWatch watch = controller.watchHealth(Duration.ofMillis(10));
      function.standsUntil = clock.get() + Duration.ofSeconds(25).toNanos();
      while (clock.get() < function.standsUntil) {
        assertThat(watch.poll()).isFalse();
        int _ = controller.poll();
      }
      while (!watch.poll()) {
        int _ = controller.poll();
        assertThat(clock.get()).isLessThan(function.standsUntil + TIMEOUT.toNanos());
      }
      assertThat(watch.latest()).isNotNull();
      assertThat(notices).isEmpty();
    }
  }

  @Test
  void aWatchThatAResetEndsAsksAgain() {
    HangingFunction function = function();
    try (NvmeController controller = PcieTransport.open(function, options)) {
      HealthWatch watch = controller.watchHealth(Duration.ofMillis(1));
      function.isHung = true;
      assertThat(watch.poll()).isFalse();
      controller.reset();
      for (int i = 0; watch.latest() == null; i++) {
        assertThat(i).isLessThan(1000);
        boolean _ = watch.poll();
        int _ = controller.poll();
      }
      assertThat(watch.temperature()).isPositive();
    }
  }

  @Test
  void manyCommandsThatAreLateAtOnceAreNoReasonForAReset() {
    HangingFunction function = function();
    try (NvmeController controller = PcieTransport.open(function, options);
        IoQueue queue = controller.createIoQueue(32)) {
      DmaMemory memory = controller.dma().allocate(4096);
      function.standsUntil = clock.get() + TIMEOUT.toNanos() * 19 / 10;
      for (int i = 0; i < 32; i++) {
        assertThat(queue.write(controller.namespace(1), i, 1, memory, 0, i)).isTrue();
      }
      List<Integer> statuses = new ArrayList<>();
      while (queue.outstanding() > 0) {
        queue.poll((tag, status) -> statuses.add(status & 0x7ff));
        assertThat(clock.get()).isLessThan(Duration.ofSeconds(10).toNanos());
      }
      assertThat(statuses).hasSize(32).containsAnyOf(0, StatusCode.ABORT_REQUESTED.status());
      assertThat(notices).as("resets").isEmpty();
    }
  }

  @Test
  void aDriveThatDoesNotComeBackFromItsFirstResetIsResetOnceMore() {
    HangingFunction function = function();
    try (NvmeController controller = PcieTransport.open(function, options);
        IoQueue queue = controller.createIoQueue(4)) {
      DmaMemory memory = controller.dma().allocate(4096);
      function.isHung = true;
      function.hangsWhenReady = true;
      assertThat(queue.write(controller.namespace(1), 0, 8, memory, 0, 7)).isTrue();
      assertThat(pollUntilReported(queue)).containsExactly(StatusCode.ABORTED_BY_HOST.status());
      assertThat(notices)
          .anySatisfy(notice ->
              assertThat(notice)
                  .contains("does not come back from its reset, which is tried again"));
      assertThat(queue.write(controller.namespace(1), 0, 8, memory, 0, 7)).isTrue();
      assertThat(pollUntilReported(queue)).containsExactly(0);
    }
  }

  @Test
  void closingADriveThatStandsStillIsNoError() {
    HangingFunction function = function();
    NvmeController controller = PcieTransport.open(function, options);
    IoQueue first = controller.createIoQueue(4);
    IoQueue second = controller.createIoQueue(4);
    function.isHung = true;
    long start = clock.get();
    controller.close();
    assertThat(notices)
        .singleElement(InstanceOfAssertFactories.STRING)
        .contains("does not shut down in good order");
    assertThat(Duration.ofNanos(clock.get() - start))
        .as("one command and the shutdown")
        .isLessThan(Duration.ofSeconds(70));
    assertThat(first.flush(controller.namespace(1), 1)).isFalse();
    assertThat(second.flush(controller.namespace(1), 1)).isFalse();
  }

  private HangingFunction function() {
    return new HangingFunction(
        VirtualDriveProvider.function(
            DriveAddress.parse("virtual:memory?size=16M&thread=shared"), options));
  }

  private List<Integer> pollUntilReported(IoQueue queue) {
    List<Integer> statuses = new ArrayList<>();
    long start = clock.get();
    while (statuses.isEmpty()) {
      queue.poll((tag, status) -> statuses.add(status));
      assertThat(clock.get() - start).isLessThan(Duration.ofSeconds(10).toNanos());
    }
    return statuses;
  }

  /** Gives the drive no turn while it hangs; a write of CC wakes it. */
  private final class HangingFunction implements PciFunction {
    private final PciFunction drive;
    private boolean isHung;

    /** Whether it hangs once more, as soon as it has become ready after its reset. */
    private boolean hangsWhenReady;

    private boolean isEnabledAgain;
    private long standsUntil;
    private long tick = 100_000;

    HangingFunction(PciFunction drive) {
      this.drive = drive;
    }

    @Override
    public String address() {
      return drive.address();
    }

    @Override
    public ConfigSpace config() {
      return drive.config();
    }

    @Override
    public Bar bar(int index) {
      Bar bar = drive.bar(index);
      return new Bar() {
        @Override
        public long size() {
          return bar.size();
        }

        @Override
        public int read32(long offset) {
          int value = bar.read32(offset);
          if (hangsWhenReady && offset == Registers.CSTS && isEnabledAgain && Csts.rdy(value)) {
            hangsWhenReady = false;
            isHung = true;
          }
          return value;
        }

        @Override
        public void write32(long offset, int value) {
          if (offset == Registers.CC) {
            isHung = isHung && Cc.shn(value) != 0;
            isEnabledAgain = hangsWhenReady && Cc.en(value);
          }
          bar.write32(offset, value);
        }

        @Override
        public Optional<MemorySegment> mapping(long offset, long length) {
          return bar.mapping(offset, length);
        }
      };
    }

    @Override
    public DmaSpace dma() {
      return drive.dma();
    }

    @Override
    public void reset() {
      drive.reset();
    }

    @Override
    public int poll() {
      clock.addAndGet(tick);
      return isHung || clock.get() < standsUntil ? 0 : drive.poll();
    }

    @Override
    public boolean isPresent() {
      return drive.isPresent();
    }

    @Override
    public void close() {
      drive.close();
    }
  }
}
