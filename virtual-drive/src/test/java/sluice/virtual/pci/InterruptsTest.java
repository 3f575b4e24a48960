package sluice.virtual.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.nvme.CompletionMode;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.IoQueue;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.SmartLog;
import sluice.vfio.DmaMemory;
import sluice.vfio.Interrupt;
import sluice.virtual.VirtualDriveProvider;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.personality.Personalities;

class InterruptsTest {
  private static final long LONG_NANOS = Duration.ofSeconds(60).toNanos();

  private final List<Integer> raised = new ArrayList<>();

  private Host ready(String personality) {
    Host host =
        Host.ready(new DriveSettings(), Personalities.of(personality), new MemoryBackend(1 << 20));
    host.drive.interrupts(raised::add);
    return host;
  }

  private List<Integer> takeRaised() {
    List<Integer> result = List.copyOf(raised);
    raised.clear();
    return result;
  }

  @Test
  void onceATurnAndVector() {
    try (Host host = ready("latency=0ns")) {
      Host.Queue two = host.createQueueWithVector(1, 64, 2);
      assertThat(takeRaised()).as("the admin queue's").containsExactly(0, 0);
      Host.Queue shared = host.createQueueWithVector(2, 64, 2);
      Host.Queue last = host.createQueueWithVector(3, 64, 64);
      Host.Queue polled = host.createQueue(4, 64);
      takeRaised();
      for (Host.Queue queue : List.of(two, shared, last, polled)) {
        for (int i = 0; i < 20; i++) {
          host.post(queue, IoOpcode.FLUSH, 1, 0, 1, 0, null);
        }
        queue.ring();
      }
      host.drive.interrupts(vector -> {
        raised.add(vector);
        assertThat(two.hasCompletion() && shared.hasCompletion()).as("posted before").isTrue();
      });
      host.settle();
      assertThat(takeRaised()).containsExactly(2, 64);
      assertThat(polled.hasCompletion()).isTrue();
    }
  }

  @Test
  void whatComesAfterAnInterruptRaisesAnother() {
    try (Host host = ready("latency=0ns")) {
      Host.Queue queue = host.createQueueWithVector(1, 64, 1);
      takeRaised();
      for (int i = 0; i < 10; i++) {
        host.post(queue, IoOpcode.FLUSH, 1, 0, 1, 0, null);
        queue.ring();
        host.settle();
        assertThat(takeRaised()).as("though nobody has looked").containsExactly(1);
      }
    }
  }

  @Test
  void completionsThatWaited() {
    try (Host host = ready("latency=5us")) {
      Host.Queue queue = host.createQueueWithVector(1, 64, 1);
      takeRaised();
      DmaMemory data = host.memory(4096);
      host.post(queue, IoOpcode.READ, 1, 0, 8, 0, data);
      queue.ring();
      host.settle();
      assertThat(takeRaised()).isEmpty();
      host.clock.advance(10_000);
      host.settle();
      assertThat(takeRaised()).containsExactly(1);
    }
  }

  @Test
  void asynchronousEvents() {
    try (Host host = ready("latency=0ns")) {
      int cdw10 = Feature.setCdw10(Feature.ASYNCHRONOUS_EVENT_CONFIGURATION, false);
      host.admin(AdminOpcode.SET_FEATURES, 0, null, cdw10, SmartLog.WARNING_TEMPERATURE);
      long _ = host.admin.begin(AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST, 0);
      host.admin.ring();
      host.settle();
      takeRaised();
      host.drive.temperature(400);
      host.settle();
      assertThat(takeRaised()).containsExactly(0);
      assertThat(host.admin.hasCompletion()).isTrue();
    }
  }

  @Test
  void aDriveThatSharesItsDriversThreadHasNone() {
    try (Host host = ready("latency=0ns")) {
      assertThat(host.function.interruptVectors()).isZero();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> host.function.enableInterrupts(1))
          .withMessage("virtual:test has 0 interrupt vectors, not 1");
    }
  }

  @Test
  void vectorsOfAFunction() {
    try (VirtualFunction function = open()) {
      assertThat(function.interruptVectors()).isEqualTo(5);
      assertThatIllegalStateException().isThrownBy(() -> function.interrupt(0));
      assertThatIllegalArgumentException().isThrownBy(() -> function.enableInterrupts(6));
      assertThat(function.enableInterrupts(3)).isEqualTo(3);
      assertThatIllegalStateException().isThrownBy(() -> function.enableInterrupts(3));
      try (Interrupt interrupt = function.interrupt(2)) {
        assertThat(interrupt.await(0)).isFalse();
      }
    }
  }

  private static VirtualFunction open() {
    return VirtualDriveProvider.function(
        DriveAddress.parse("virtual:memory?size=1M&queues=4&thread=own"),
        ControllerOptions.defaults());
  }

  @ParameterizedTest
  @EnumSource
  void theDriverWaitsForThem(CompletionMode mode) {
    ControllerOptions options = ControllerOptions.defaults().withCompletions(mode);
    try (NvmeController controller = PcieTransport.open(open(), options)) {
      DmaMemory memory = controller.dma().allocate(4096);
      try (IoQueue queue = controller.createIoQueue(8)) {
        for (int i = 0; i < 2000; i++) {
          assertThat(queue.read(controller.namespace(1), i, 1, memory, 0, i)).isTrue();
          while (queue.outstanding() > 0) {
            assertThat(queue.await(LONG_NANOS)).as("a completion ends wait %d", i).isTrue();
            int _ = queue.poll((tag, status) -> assertThat(status).as("of %d", tag).isZero());
          }
        }
      }
    }
  }
}
