package sluice.nvme.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.NvmeController;
import sluice.nvme.spec.StatusCode;

/** What tests of a host have that talks to a {@link TestTarget}. */
abstract class TcpHostTest {
  static final long DEADLINE_NANOS = Duration.ofSeconds(30).toNanos();
  static final String LOST = "1:" + StatusCode.ABORTED_BY_HOST.status();

  /** Requests that have been reported, as {@code TAG:STATUS}. */
  final List<String> completed = new ArrayList<>();

  final List<String> notices = Collections.synchronizedList(new ArrayList<>());
  TestTarget target;

  /** Whether the target is made to do what it finds fault with itself. */
  boolean isHostile;

  @BeforeEach
  void listen() throws IOException {
    target = new TestTarget();
  }

  @AfterEach
  void close() throws IOException {
    target.ignoresEnd = false;
    if (isHostile) {
      target.failures.clear();
    }
    target.close();
  }

  ControllerOptions options() {
    return ControllerOptions.defaults()
        .withIoTimeout(Duration.ofSeconds(20))
        .withOnNotice(notices::add);
  }

  final NvmeController open(String options) {
    return Drives.open(DriveAddress.parse(target.address() + options), options());
  }

  final void poll(IoQueue queue) {
    int _ = queue.poll((tag, status) -> completed.add(tag + ":" + status));
  }

  final void pollFor(IoQueue queue, int requests) {
    long start = System.nanoTime();
    while (completed.size() < requests) {
      assertThat(System.nanoTime() - start)
          .as("time for %d requests, %s, %s", requests, completed, queue)
          .isLessThan(DEADLINE_NANOS);
      poll(queue);
    }
  }

  /** A command, of tag 1, that the target keeps. */
  final void leaveOut(NvmeController controller, IoQueue queue) {
    target.holds = true;
    assertThat(queue.flush(controller.namespace(1), 1)).isTrue();
    poll(queue);
    await("a command to be kept", () -> target.held.get() > 0);
  }

  static void await(String what, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - start).as(what).isLessThan(DEADLINE_NANOS);
      Thread.onSpinWait();
    }
  }
}
