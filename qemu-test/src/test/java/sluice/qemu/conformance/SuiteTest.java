package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import sluice.nvme.CompletionHandler;
import sluice.nvme.ControllerOptions;
import sluice.nvme.IoQueue;
import sluice.nvme.NvmeController;
import sluice.nvme.spec.Status;
import sluice.nvme.spec.StatusCode;
import sluice.qemu.BlockIo;

/**
 * What the suite's classes share: the rig, and controllers that are closed after each test. On
 * which rigs a class runs is said by what it extends: {@link ConformanceTest} or {@link
 * PciConformanceTest}.
 *
 * @param <R> what the rigs have
 */
@ExtendWith(RigCounts.class)
@TestInstance(TestInstance.Lifecycle.PER_METHOD)
abstract class SuiteTest<R extends Rig> {
  private static final long LONGEST_WAIT_NANOS = 100_000_000;

  @Parameter R rig;

  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  /** Closes a thing after the test at the latest. */
  final <T extends AutoCloseable> T own(T thing) {
    opened.add(thing);
    return thing;
  }

  /** What a controller is opened with, unless the test is about something else. */
  final ControllerOptions options() {
    return ControllerOptions.defaults().withCompletions(rig.completions());
  }

  final NvmeController open(TestDrive drive) {
    return open(drive, options());
  }

  final NvmeController open(TestDrive drive, ControllerOptions options) {
    return own(rig.open(drive, options));
  }

  final BlockIo blockIo(NvmeController controller, int nsid) {
    return new BlockIo(controller, controller.createIoQueue(32), controller.namespace(nsid));
  }

  final Pump pump(NvmeController controller, int depth) {
    return new Pump(controller.createIoQueue(depth));
  }

  /**
   * Polls a queue once, and when there is nothing waits for it in the way that its controller was
   * opened with.
   */
  static int turn(IoQueue queue, CompletionHandler handler) {
    int reported = queue.poll(handler);
    if (reported == 0 && queue.outstanding() > 0) {
      boolean _ = queue.await(LONGEST_WAIT_NANOS);
    }
    return reported;
  }

  /**
   * What to expect where QEMU 7.2's controller is known to deviate from the specification, with the
   * why beside the call.
   */
  final <T> T qemuHas(T deviation, T specified) {
    return rig.isQemu() ? deviation : specified;
  }

  static void assertStatus(int status, StatusCode expected) {
    assertThat(StatusCode.of(status)).as(Status.format(status)).isEqualTo(expected);
  }
}
