package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;
import org.assertj.core.api.InstanceOfAssertFactories;
import sluice.nvme.ControllerOptions;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.IdentifyCns;
import sluice.queues.SubmissionEntry;
import sluice.vfio.DmaMemory;
import sluice.vfio.PciFunction;

/** Drives as they are in the field: old, particular, or half broken. */
abstract class OddDrives extends PciConformanceTest {
  static final Duration TICK = Duration.ofMillis(10);
  static final Duration REST = Duration.ofNanos(500_000);

  final List<String> notices = new CopyOnWriteArrayList<>();
  final AtomicLong now = new AtomicLong();

  ControllerOptions telling() {
    return options().withOnNotice(notices::add);
  }

  /**
   * Every look at the clock is a tick. A drive of another process answers in its own time, so a
   * wait of a minute here has to last for some seconds.
   */
  ControllerOptions ticking() {
    return telling()
        .withIdle(() -> work -> LockSupport.parkNanos(REST.toNanos()))
        .withNanoClock(() -> now.getAndAdd(TICK.toNanos()));
  }

  NvmeController open(PciFunction function) {
    return own(PcieTransport.open(function, telling()));
  }

  /** A drive that refuses some admin commands. */
  OddFunction refusing(TestDrive drive, LongPredicate refused) {
    return new OddFunction(rig.function(drive)) {
      @Override
      void admin(long entry) {
        if (refused.test(entry)) {
          refuse(entry);
        }
      }
    };
  }

  static boolean is(long entry, int opcode) {
    return SubmissionEntry.opcode(entry) == opcode;
  }

  static boolean identifies(long entry, int cns) {
    return is(entry, AdminOpcode.IDENTIFY)
        && IdentifyCns.cns(SubmissionEntry.cdw(entry, 10)) == cns;
  }

  static boolean setsFeature(long entry, int fid) {
    return is(entry, AdminOpcode.SET_FEATURES)
        && Feature.fid(SubmissionEntry.cdw(entry, 10)) == fid;
  }

  void assertToldOnly(String what) {
    assertThat(notices).singleElement(InstanceOfAssertFactories.STRING).contains(" " + what);
  }

  void assertWorks(NvmeController controller) {
    Pump pump = pump(controller, 4);
    DmaMemory memory = controller.dma().allocate(4096);
    pump.succeed(tag -> pump.queue().read(controller.namespace(1), 0, 8, memory, 0, tag));
    pump.queue().close();
  }
}
